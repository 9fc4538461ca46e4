// Any sequence of calls by anyone: the chain does what the model says, and money neither appears nor vanishes.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { onChain } from '../rig/on-chain.js';
import fc from '../rig/properties.js';
import { action } from './action.js';
import { Play, tally } from './play.js';
import { purse, Scene } from './scene.js';

const runs = Number(process.env.RUNS ?? 24);
const stepsPerRun = 40;

const steps = fc.array(action, { minLength: stepsPerRun / 2, maxLength: stepsPerRun, size: 'max' });

onChain(`${runs} sequences of ${stepsPerRun} calls by anyone`, async () => {
  const scene = await Scene.start();
  try {
    await scene.token.must(scene.stranger, 'mint', scene.wallet(4).address, purse);
    let undo = await scene.chain.snapshot();
    const property = fc.asyncProperty(steps, async (sequence) => {
      await undo();
      undo = await scene.chain.snapshot();
      const play = new Play(scene, await scene.chain.now());
      for (const step of sequence) await play.take(step);
      await play.finish();
    });
    await fc.assert(property, { numRuns: runs });
    console.log(`  ${JSON.stringify(tally)}`);
    const calls = ['consumeUnits', 'consumeUnitsAt', 'closeSession', 'closeSessionAt'];
    for (const done of calls) assert.ok(tally[`${done}: done`], `${done} was never let in`);
  } finally {
    await scene.chain.stop();
  }
});

test.run();

// Work with thousands of sessions leaves room for what else is due.
import { setImmediate as tick } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inSlices } from '../../src/kernel/slices.js';

/** Turns of the event loop while this is done. */
async function turnsOf(work: Promise<void>): Promise<number> {
  let [turns, isDone] = [0, false];
  void work.then(() => {
    isDone = true;
  });
  await Promise.resolve();
  for (; !isDone; turns += 1) await tick();
  return turns;
}

/** Takes a millisecond. */
function work(): void {
  const began = performance.now();
  while (performance.now() - began < 1);
}

test('long work is done in pieces, all of it and in order', async () => {
  const done: number[] = [];
  const items = Array.from({ length: 50 }, (_, n) => n);
  const turns = await turnsOf(
    inSlices(items, (n) => {
      work();
      done.push(n);
    }),
  );
  assert.ok(turns >= 4, `${turns} turns`);
  assert.equal(done, items);
});

test('pieces of work that follow each other do not add up', async () => {
  const some = () => inSlices([1, 2], work);
  const turns = await turnsOf(some().then(some).then(some));
  assert.ok(turns >= 2, `${turns} turns`);
});

test('what fails in one of them is told', async () => {
  const fails = () => {
    throw new Error('broken');
  };
  let told = '';
  await inSlices([1], fails).catch((cause: Error) => {
    told = cause.message;
  });
  assert.is(told, 'broken');
});

test.run();

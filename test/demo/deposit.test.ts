import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { onChain } from '../rig/on-chain.js';
import { Program, withFolder } from './program.js';

let temp = '';
withFolder((folder) => {
  temp = folder;
});

onChain('demo --escrow: what was used is paid, the rest comes back, and the escrow is empty', async () => {
  const demo = Program.turnpike(temp, ['demo', '--escrow', '--json']);
  assert.is(await demo.ended, 0, demo.err);
  const { before, after, paid } = JSON.parse(demo.out);
  assert.equal(before, { buyer: '10.000000', seller: '0.000000', escrow: '0.000000' });
  assert.equal(after, { buyer: '9.687655', seller: '0.312345', escrow: '0.000000' });
  assert.is(paid, '0.312345');
  assert.equal(readdirSync(temp), []);
});

onChain('demo --escrow that is stopped half-way takes its chain down and leaves nothing behind', async () => {
  const demo = Program.turnpike(temp, ['demo', '--escrow']);
  await demo.says(/the facilitator is up/);
  demo.child.kill('SIGTERM');
  assert.is(await demo.ended, 143);
  assert.equal(readdirSync(temp), []);
});

test.run();

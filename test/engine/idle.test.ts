// The idle clock counts only while customers could have moved a byte, and begins anew with a purchase.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { one, opened } from './opened.js';
import type { World } from './world.js';

const stateOf = ({ engine }: World, id: string) => engine.accounts.book.get(id)?.state;
const causeOf = ({ engine }: World, id: string) => engine.accounts.book.get(id)?.cause;

test('a portal that restarts, and is away for longer than the time-out, ends nobody', async () => {
  const { w, id } = await opened({ plan: 'idle' });
  w.portal.carry(one, 100, 200);
  await w.clock.pass(2000);
  w.portal.fault = 'absent';
  w.portal.restart();
  await w.clock.pass(34_000);
  w.portal.fault = undefined;
  await w.clock.pass(3000);
  assert.is(stateOf(w, id), 'active');
  await w.clock.pass(31_000);
  assert.is(causeOf(w, id), 'idle', 'and then silence counts again');
});

test('a top-up that brings a time-out is not ended for the silence before it', async () => {
  const { w, id } = await opened({ plan: 'data' });
  await w.clock.pass(600_000);
  assert.ok((await w.buy(one, { plan: 'idle' })).ok);
  await w.clock.pass(25_000);
  assert.is(stateOf(w, id), 'active');
  await w.clock.pass(10_000);
  assert.is(causeOf(w, id), 'idle');
});

test('who is away when turnpike starts anew is idle after the time-out, as anybody else', async () => {
  const { w, id } = await opened({ plan: 'idle' });
  w.portal.leave(one);
  await w.clock.pass(2000);
  await w.crash();
  await w.clock.pass(25_000);
  assert.is(stateOf(w, id), 'suspended');
  await w.clock.pass(10_000);
  assert.is(causeOf(w, id), 'idle');
});

test.run();

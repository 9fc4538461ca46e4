// Sessions that go on after a restart, and what the journal says of them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalRecord } from '../../src/domain/record.js';
import { mac, type World, world } from './world.js';

const [flushMs, customers] = [60_000, 5];

/** Customers who have bought and are online. */
async function busy(plan: string, over = {}): Promise<{ w: World; ids: string[] }> {
  const w = await world(undefined, over);
  const ids: string[] = [];
  for (let n = 1; n <= customers; n++) {
    w.portal.join(mac(n));
    const sold = await w.buy(mac(n), { plan, steps: 30 });
    assert.ok(sold.ok);
    ids.push(sold.value.id);
  }
  await w.clock.pass(flushMs + 1);
  return { w, ids };
}

const stored = (w: World, id: string) => w.journal.replay().get(id)?.state;
const isUsage = (record: JournalRecord) => record.t === 'usage' && record.resumed === true;

test('after a restart one record says of all customers that they go on, and each is active', async () => {
  const { w, ids } = await busy('time');
  await w.crash();
  for (const id of ids) assert.is(w.engine.accounts.book.get(id)?.state, 'active');
  await w.clock.pass(flushMs + 1);
  assert.is(w.journal.records.filter(({ t }) => t === 'session').length, 0);
  const [told, ...more] = w.journal.records.filter(isUsage);
  assert.ok(told?.t === 'usage' && told.rows.length === customers);
  await w.clock.pass(flushMs);
  assert.is(more.length, 0);
  for (const id of ids) assert.is(stored(w, id), 'active');
});

test('killed again before that is written, customers go on all the same, and pay for no time twice', async () => {
  const { w, ids } = await busy('time');
  const before = w.engine.accounts.upToDate(ids[0]!)!.usage.millis;
  await w.crash();
  await w.clock.pass(1_000);
  await w.crash();
  await w.clock.pass(flushMs + 1);
  for (const id of ids) assert.is(stored(w, id), 'active');
  const { millis } = w.engine.accounts.upToDate(ids[0]!)!.usage;
  assert.ok(millis >= before && millis <= before + flushMs + 1_001, `${millis} after ${before}`);
});

test('who left while turnpike was off waits, and is active again when they come back', async () => {
  const { w, ids } = await busy('time');
  w.portal.leave(mac(1));
  await w.crash();
  await w.clock.pass(flushMs + 1);
  assert.is(stored(w, ids[0]!), 'suspended');
  assert.is(stored(w, ids[1]!), 'active');
  w.portal.join(mac(1));
  await w.clock.pass(2_000);
  assert.is(w.engine.accounts.book.get(ids[0]!)?.state, 'active');
  await w.clock.pass(flushMs);
  assert.is(stored(w, ids[0]!), 'active');
});

test('who leaves after the restart, or is closed, does not come back by the next usage record', async () => {
  const { w, ids } = await busy('time');
  await w.crash();
  w.portal.leave(mac(1));
  await w.clock.pass(2_000);
  await w.engine.end(ids[1]!, 'admin');
  await w.clock.pass(flushMs);
  assert.is(stored(w, ids[0]!), 'suspended');
  assert.is(stored(w, ids[1]!), 'terminated');
  assert.is(stored(w, ids[2]!), 'active');
});

test('time off counts for who was online before it, also where the run before had only taken them up', async () => {
  const { w, ids } = await busy('pausing', { billDowntime: true });
  await w.crash();
  await w.clock.pass(flushMs + 1);
  const { millis } = w.engine.accounts.upToDate(ids[0]!)!.usage;
  w.clock.now += 10_000;
  await w.crash();
  const after = w.engine.accounts.upToDate(ids[0]!)!.usage.millis;
  assert.ok(after >= millis + 10_000, `${after} after ${millis}`);
});

test.run();

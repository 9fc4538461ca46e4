// Free plans: taken without a payment, so often for each device and day, by the router's clock.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dayAt, parseTimeZone } from '../../src/domain/time-zone.js';
import { freeStanding } from '../../src/engine/free.js';
import type { Result } from '../../src/ports/result.js';
import { TestPortal } from './portal.js';
import { mac, plan, plans, type World, world } from './world.js';

const free = plan('free', { maxSteps: 1, free: { perDay: 1, total: 3 } });
const zone = parseTimeZone('EAT-3')!;
const day = 86_400_000;

async function cafe(of = free): Promise<World> {
  const offer = { plans: new Map([...plans, of].map((one) => [one.id, one])), methods: new Map() };
  const w = await world([new TestPortal('lan')], { offer, timeZone: zone });
  for (const n of [1, 2, 3, 4]) w.portal.join(mac(n));
  await w.clock.pass(1001);
  return w;
}

let keys = 0;
async function take(w: World, n: number, over: Record<string, unknown> = {}) {
  keys += 1;
  const payment = { method: 'free' };
  const taking = w.commands.purchase({ mac: mac(n), plan: 'free', key: `f${keys}`, payment, ...over });
  await w.clock.pass(1);
  return taking;
}

const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.code);

test('a device takes the free plan without paying, once a day, and is told from when on again', async () => {
  const w = await cafe();
  const taken = await take(w, 1);
  assert.ok(taken.ok && taken.value.state === 'active');
  assert.equal(taken.value.granted, { bytes: 1000 });
  const again = await take(w, 1);
  assert.ok(!again.ok);
  assert.is(again.code, 'free_used');
  const { end } = dayAt(w.clock.wall(), zone);
  assert.is(again.next, end);
  assert.equal(freeStanding(w.engine, free, mac(1)), { left: 0, next: end });
  assert.is(new Date(end).toISOString().slice(11, 19), '21:00:00', 'midnight in Nairobi');
});

test('after midnight of the router it may be taken again', async () => {
  const w = await cafe();
  assert.ok((await take(w, 1)).ok);
  const { end } = dayAt(w.clock.wall(), zone);
  w.clock.setBy += end - 1 - w.clock.wall();
  assert.is(codeOf(await take(w, 1)), 'free_used');
  w.clock.setBy += end - w.clock.wall();
  assert.is(codeOf(await take(w, 1)), 'ok');
  w.clock.setBy -= 1000;
  assert.is(codeOf(await take(w, 1)), 'free_used', 'a clock that goes back gives nothing away');
});

test('the count outlives restarts, from the journal and from a snapshot', async () => {
  const w = await cafe();
  assert.ok((await take(w, 1)).ok);
  await w.crash();
  assert.is(codeOf(await take(w, 1)), 'free_used');
  await w.crash();
  await w.clock.pass(day / 24);
  assert.is(codeOf(await take(w, 1)), 'free_used');
});

test('devices with ever new addresses get no more than the plan gives in all on a day', async () => {
  const w = await cafe();
  for (const n of [1, 2, 3]) assert.ok((await take(w, n)).ok);
  assert.is(codeOf(await take(w, 4)), 'free_used');
  w.clock.setBy += day;
  assert.is(codeOf(await take(w, 4)), 'ok');
});

test('of two orders of a device at once one is given', async () => {
  const w = await cafe();
  const both = [1, 1].map((n) => take(w, n));
  assert.equal((await Promise.all(both)).map(codeOf).sort(), ['free_used', 'ok']);
});

test('the same order twice is one', async () => {
  const w = await cafe();
  const [one, two] = [await take(w, 1, { key: 'same' }), await take(w, 1, { key: 'same' })];
  assert.ok(one.ok && two.ok);
  assert.is(one.value.id, two.value.id);
});

test('what the disk refuses is not counted', async () => {
  const w = await cafe();
  w.journal.full = true;
  assert.is(codeOf(await take(w, 1)), 'storage_full');
  w.journal.full = false;
  w.journal.failSync = true;
  assert.is(codeOf(await take(w, 1)), 'storage_failed');
  w.journal.failSync = false;
  assert.is(codeOf(await take(w, 1)), 'ok');
});

test('a plan that costs money is not had for nothing, and a free one takes no money', async () => {
  const w = await cafe();
  assert.is(codeOf(await take(w, 1, { plan: 'data' })), 'bad_argument');
  assert.is(codeOf(await take(w, 1, { plan: 'none' })), 'unknown_plan');
  assert.is(codeOf(await take(w, 1, { steps: 2 })), 'bad_steps');
  assert.is(codeOf(await take(w, 1, { payment: { method: 'cash', reference: 'r' } })), 'no_price');
});

test.run();

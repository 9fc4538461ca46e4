// What ends a session, and what does not.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes, millis } from '../../src/domain/units.js';
import { one, opened } from './opened.js';
import { mac, world } from './world.js';

test('the data cap closes the gate, expired, with no refund for begun steps', async () => {
  const { w, id } = await opened({ steps: 2 });
  w.portal.carry(one, 500, 1600);
  await w.clock.pass(1001);
  const done = w.engine.accounts.book.get(id)!;
  assert.is(done.state, 'expired');
  assert.is(done.cause, 'data');
  assert.equal(done.refunds, []);
  assert.is(w.portal.clients.get(one)?.open, false);
});

test('the time cap closes the gate to the millisecond, between polls', async () => {
  const { w, id } = await opened({ plan: 'time' });
  await w.clock.pass(59_999);
  assert.is(w.engine.accounts.upToDate(id)?.state, 'active');
  await w.clock.pass(1);
  assert.is(w.engine.accounts.upToDate(id)?.cause, 'time');
  assert.is(w.portal.clients.get(one)?.open, false);
});

test('of two caps the first one reached ends the session', async () => {
  const { w, id } = await opened({ plan: 'both', steps: 5 });
  w.portal.carry(one, 0, 4999);
  await w.clock.pass(60_000);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'time');
});

test('a top-up adds to what is left and keeps the gate as it is', async () => {
  const { w, id } = await opened();
  w.portal.carry(one, 0, 900);
  await w.clock.pass(1001);
  const commands = w.portal.commands.length;
  const more = await w.buy(one, { steps: 2 });
  assert.ok(more.ok && more.value.id === id);
  assert.is(w.portal.commands.length, commands);
  w.portal.carry(one, 0, 2099);
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
  w.portal.carry(one, 0, 1);
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(id)?.state, 'expired');
});

test('time stops while the client is away only if the plan pauses', async () => {
  for (const [plan, left] of [
    ['pausing', true],
    ['time', false],
  ] as const) {
    const { w, id } = await opened({ plan });
    w.portal.leave(one);
    await w.clock.pass(1001);
    assert.is(w.engine.accounts.book.get(id)?.state, 'suspended');
    await w.clock.pass(120_000);
    assert.is(w.engine.accounts.upToDate(id)?.state === 'suspended', left, plan);
  }
});

test('without a byte for the idle time-out the session ends', async () => {
  const { w, id } = await opened({ plan: 'idle' });
  for (let i = 0; i < 5; i++) {
    w.portal.carry(one, 1, 1);
    await w.clock.pass(20_000);
  }
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
  await w.clock.pass(31_001);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'idle');
});

test('a session that stays away is lost after the set time', async () => {
  const { w, id } = await opened({}, world(undefined, { lostAfter: millis(60_000) }));
  w.portal.leave(one);
  await w.clock.pass(50_000);
  assert.is(w.engine.accounts.book.get(id)?.state, 'suspended');
  await w.clock.pass(15_000);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'lost');
});

test('validity runs while the client is away', async () => {
  const { w, id } = await opened({ plan: 'valid' });
  w.portal.leave(one);
  await w.clock.pass(100_001);
  assert.is(w.engine.accounts.upToDate(id)?.cause, 'time');
});

test('80% is told once, and again after a top-up', async () => {
  const { w } = await opened();
  const low = () => w.notices.filter((n) => n.type === 'session.low').length;
  w.portal.carry(one, 0, 801);
  await w.clock.pass(3003);
  assert.is(low(), 1);
  await w.buy(one);
  w.portal.carry(one, 0, 800);
  await w.clock.pass(3003);
  assert.is(low(), 2);
});

test('a clock that is set by years, forth and back, moves no limit and loses no figure', async () => {
  const w = await world();
  w.portal.join(mac(1));
  await w.clock.pass(1001);
  const year = 365 * 86_400_000;
  const buying = w.buy(mac(1), { plan: 'time', steps: 2 });
  await w.clock.pass(1);
  const sold = await buying;
  assert.ok(sold.ok);
  const { id } = sold.value;
  w.clock.setBy = 10 * year;
  await w.clock.pass(60_000);
  w.clock.setBy = -30 * year;
  await w.crash();
  w.portal.join(mac(1));
  await w.clock.pass(50_000);
  const running = w.engine.accounts.upToDate(id)!;
  assert.is(running.state, 'active');
  assert.ok(running.usage.millis > 105_000 && running.usage.millis <= 110_001, `${running.usage.millis}`);
  await w.clock.pass(15_000);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'time');
  const revenue = w.engine.accounts.book.stats
    .toPlain()
    .quarters!.flatMap((b) => b.revenue.map((m) => m.amount));
  assert.equal(revenue, ['100']);
});

test('a grant by bytes adds to a running session', async () => {
  const { w, id } = await opened();
  const order = { mac: one, bytes: bytes(500), reason: 'sorry', key: 'g1' };
  const granted = await w.commands.grant(order);
  assert.ok(granted.ok && granted.value.id === id && granted.value.granted.bytes === 1500);
});

test.run();

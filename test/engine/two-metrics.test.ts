// Hours and data bought for one session: what was used of either is not given back, whatever was bought first.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes } from '../../src/domain/units.js';
import { one, opened } from './opened.js';
import { plan, plans, world } from './world.js';

/** 10 steps of each, for 5.00 each, bought in this order; both plans limit data and time to 10,000 bytes and 10 minutes. */
async function bought(order: readonly ('data' | 'time')[]) {
  const hours = plan('hours', { metric: 'time', stepSize: 60_000, caps: { bytes: bytes(10_000) } });
  const data = plan('bulk', { caps: { millis: 600_000 as never } });
  const made = await world();
  const offer = {
    ...made.engine.settings.offer,
    plans: new Map([...plans, hours, data].map((p) => [p.id, p])),
  };
  made.engine.configure({ ...made.engine.settings, offer });
  const ids = order.map((metric) => (metric === 'time' ? 'hours' : 'bulk'));
  const { w, id } = await opened({ plan: ids[0], steps: 10 }, Promise.resolve(made));
  for (const next of ids.slice(1)) assert.ok((await w.buy(one, { plan: next, steps: 10 })).ok);
  return { w, id };
}

for (const order of [
  ['data', 'time'],
  ['time', 'data'],
] as const) {
  test(`${order.join(', then ')}: four minutes and 3,000 bytes are not given back`, async () => {
    const { w, id } = await bought(order);
    w.portal.carry(one, 1000, 2000);
    await w.clock.pass(239_500);
    const closing = w.commands.close(id, 'user');
    await w.clock.pass(100);
    const { refunds, lots } = (await closing)!;
    assert.is(lots.length, 2);
    const due = { time: 300n, data: 350n };
    assert.equal(
      refunds.map(({ money }) => money.amount),
      order.map((metric) => due[metric]),
    );
  });
}

test('hours that were given away are used up in their turn, before those that were bought later', async () => {
  const { w, id } = await bought(['data']);
  const gift = { mac: one, bytes: bytes(5_000), millis: 300_000 as never, reason: 'r', key: 'g' };
  assert.ok((await w.commands.grant(gift)).ok);
  assert.ok((await w.buy(one, { plan: 'hours', steps: 10 })).ok);
  await w.clock.pass(239_500);
  const closing = w.commands.close(id, 'user');
  await w.clock.pass(100);
  assert.equal(
    (await closing)!.refunds.map(({ money }) => money.amount),
    [500n, 500n],
  );
});

test.run();

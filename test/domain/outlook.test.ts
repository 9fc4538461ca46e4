// What people are told of the end of their session.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { canExtend, endsAt } from '../../src/domain/outlook.js';
import { millis } from '../../src/domain/units.js';
import { opened } from '../engine/opened.js';
import { TestPortal } from '../engine/portal.js';
import { mac, plan, plans, world } from '../engine/world.js';

for (const [id, what] of [
  ['time', 'runs on while the device is away'],
  ['pausing', 'stands still while the device is away'],
  ['valid', 'is up so long after it began'],
] as const) {
  test(`the end of a plan whose time ${what} is told to the second`, async () => {
    const { w, id: session } = await opened({ plan: id });
    const told = () => endsAt(w.engine.accounts.upToDate(session)!, w.clock.wall());
    const first = told()!;
    await w.clock.pass(10_300);
    assert.is(told(), first);
    w.portal.leave(mac(1));
    await w.clock.pass(2_000);
    assert.is(w.engine.accounts.book.get(session)!.state, 'suspended');
    await w.clock.pass(5_000);
    if (id === 'pausing') {
      assert.is(told(), undefined, 'nobody knows when');
      w.portal.join(mac(1));
      await w.clock.pass(2_000);
      assert.ok(told()! > first);
    } else assert.is(told(), first);
    const last = told()!;
    await w.clock.pass(last - w.clock.wall() - 1);
    assert.ok(w.engine.accounts.book.get(session)!.closedAt === undefined);
    await w.clock.pass(2_000);
    assert.is(w.engine.accounts.book.get(session)!.cause, 'time');
    assert.is(told(), undefined);
  });
}

test('a session by data alone has no end in time, and one that was not let in yet has none so far', async () => {
  const { w, id } = await opened();
  assert.is(endsAt(w.engine.accounts.upToDate(id)!, w.clock.wall()), undefined);
  const away = await world([new TestPortal('lan')]);
  const sold = await away.buy(mac(1), { plan: 'time' });
  assert.ok(sold.ok);
  assert.is(endsAt(sold.value, away.clock.wall()), undefined);
});

test('a session can be extended by what limits the same, and only while it runs', async () => {
  const { w, id } = await opened();
  const now = () => w.engine.accounts.upToDate(id)!;
  assert.ok(canExtend(now(), plans));
  assert.not(
    canExtend(now(), [plan('time', { metric: 'time' }), plan('both', { caps: { millis: millis(1) } })]),
  );
  assert.not(canExtend(now(), [plan('given', { prices: [] })]));
  const closing = w.commands.close(id, 'user');
  await w.clock.pass(1);
  await closing;
  assert.not(canExtend(now(), plans));
});

test.run();

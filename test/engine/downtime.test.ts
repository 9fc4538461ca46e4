// How long the router was off, by clocks that are wrong now and then.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { millis } from '../../src/domain/units.js';
import { mac, Router } from './stored.js';

const [minute, hour, year] = [60_000, 3_600_000, 365 * 86_400_000];

/** A customer with a hundred hours, of which time off counts, too. */
async function customer(): Promise<{ router: Router; hours: () => number }> {
  const router = await Router.begin({ settings: { billDowntime: true } });
  await router.join(mac(1));
  const sold = await router.buy(mac(1), { plan: 'time', steps: 1000 });
  assert.ok(sold.ok);
  const { id } = sold.value;
  const hours = () => Math.round((router.engine.accounts.upToDate(id)!.usage.millis / hour) * 10) / 10;
  return { router, hours };
}

/** The router is off for `span`; its clock goes on, or where it has no battery begins at `setBy`. */
async function off(router: Router, span: number, setBy = router.clock.setBy): Promise<void> {
  router.clock.now += span;
  router.clock.setBy = setBy;
  await router.kill();
}

test('time off is billed although the clock was years ahead once', async () => {
  const { router, hours } = await customer();
  router.clock.setBy = 5 * year;
  await router.pass(minute);
  router.clock.setBy = 0;
  await router.pass(minute);
  await off(router, 2 * hour);
  assert.is(hours(), 2);
  await off(router, 3 * hour);
  assert.is(hours(), 5);
});

test('also when it was set right while the router was off', async () => {
  const { router, hours } = await customer();
  router.clock.setBy = 5 * year;
  await router.pass(minute);
  await off(router, 2 * hour, 0);
  assert.is(hours(), 0, 'nobody knows how long that was');
  await router.pass(minute);
  await off(router, 2 * hour);
  assert.is(hours(), 2);
});

test('a router without a battery bills no days for a clock that began in the past', async () => {
  const { router, hours } = await customer();
  await router.pass(minute);
  // The clock begins ten days ago, nobody tells the time, and the power fails again.
  await off(router, hour, -240 * hour);
  await router.pass(10 * minute);
  await off(router, hour, 0);
  const billed = hours();
  assert.ok(billed >= 1 && billed <= 2.5, `${billed} hours`);
  await router.pass(minute);
  await off(router, 3 * hour);
  assert.is(hours(), Math.round((billed + 3) * 10) / 10, 'and the right time counts from then on');
});

test('a portal is asked what it has done since the last record, whatever the clock said before', async () => {
  const { router } = await customer();
  router.clock.setBy = 5 * year;
  await router.pass(minute);
  router.clock.setBy = 0;
  await router.pass(minute);
  const last = router.clock.wall();
  await off(router, hour);
  assert.ok(Math.abs(router.since - last) <= minute, `${(router.since - last) / hour} hours from it`);
});

test('time in which the router was off is not billed when it must not be', async () => {
  const router = await Router.begin({ settings: { billDowntime: false, lostAfter: millis(0) } });
  await router.join(mac(1));
  const sold = await router.buy(mac(1), { plan: 'time', steps: 60 });
  assert.ok(sold.ok);
  await router.pass(minute);
  await off(router, 5 * hour);
  assert.ok(router.engine.accounts.upToDate(sold.value.id)!.usage.millis <= 2 * minute);
});

test.run();

// Time in which the router was off, on a router whose clock starts in the past.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { holdSyncs, mac, Router } from './stored.js';

const [minute, hour] = [60_000, 3_600_000];

for (const interrupted of [false, true]) {
  const how = interrupted ? 'with a sale that was cut off' : 'with all in order';
  test(`two hours off are two hours, whatever the clock said in between, ${how}`, async () => {
    const router = await Router.begin({ settings: { billDowntime: true } });
    await router.join(mac(1), mac(2), mac(3));
    const sold = await router.buy(mac(1), { plan: 'time', steps: 1000 });
    assert.ok(sold.ok);
    await router.buy(mac(2), { user: 'ada' });
    await router.pass(minute);
    if (interrupted) {
      holdSyncs(router.disk);
      void router.buy(mac(3), { user: 'ada' });
      await router.pass(1);
    }
    router.clock.now += hour;
    router.clock.setBy = -240 * hour;
    await router.kill();
    await router.kill();
    router.clock.now += hour;
    router.clock.setBy = 0;
    await router.kill();
    const { usage } = router.engine.accounts.upToDate(sold.value.id)!;
    assert.ok(usage.millis < 3 * hour, `${usage.millis / hour} hours`);
  });
}

test('a clock that was five years ahead once does not hide that the portal was restarted since', async () => {
  const router = await Router.begin();
  await router.join(mac(1));
  const use = async () => {
    router.portal.carry(mac(1), 0, 10);
    await router.pass(minute + 1);
  };
  assert.ok((await router.buy(mac(1), { steps: 1000 })).ok);
  router.clock.setBy = 5 * 365 * 24 * hour;
  await use();
  router.clock.setBy = 0;
  await use();
  const stopped = router.clock.wall();
  router.clock.now += hour;
  await router.kill();
  // What a portal says of its own start is compared with this.
  assert.ok(router.since <= stopped, `${(router.since - stopped) / hour} hours after the end`);
  assert.ok(router.since > stopped - 2 * minute);
});

test.run();

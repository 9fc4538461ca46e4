// A user whose plan is for two devices, while the gate of a device that they had does not shut.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import { millis } from '../../src/domain/units.js';
import { mac, Router } from './stored.js';

const [one, two, three, four] = [mac(1), mac(2), mac(3), mac(4)];
const family = { user: 'ada', plan: 'family' };

/** Ada's first device has been ended, and its gate stays open. */
async function stuck(...more: Mac[]): Promise<{ router: Router; release: () => void }> {
  const router = await Router.begin({ settings: { lostAfter: millis(60_000) } });
  await router.join(one, ...more);
  const { portal } = router;
  const close = portal.close.bind(portal);
  portal.close = async (who) =>
    who === one ? { ok: false, reason: 'unchanged', detail: 'told to', before: [] } : close(who);
  const first = await router.buy(one, family);
  assert.ok(first.ok);
  void router.commands.close(first.value.id, 'admin');
  await router.pass(3001);
  assert.ok(portal.clients.get(one)?.open);
  return {
    router,
    release: () => {
      portal.close = close;
    },
  };
}

/** The sale is made; its answer need not have come. */
async function sell(router: Router, who: Mac): Promise<void> {
  void router.buy(who, family);
  await router.pass(1);
}

const open = (router: Router, ...who: Mac[]) => who.map((one) => router.portal.clients.get(one)?.open);
const states = (router: Router) => [...router.book.all()].map(({ state, cause }) => cause ?? state);

test('the second device opens beside it: there is a place for it', async () => {
  const { router } = await stuck(two);
  await sell(router, two);
  assert.equal(open(router, two), [true]);
  await router.pass(120_000);
  assert.equal(states(router), ['admin', 'active'], 'and is not lost');
});

test('the third device waits for its place, and has it when the gate is shut', async () => {
  const { router, release } = await stuck(two, three);
  await sell(router, two);
  await sell(router, three);
  assert.equal(open(router, two, three), [true, false]);
  release();
  await router.pass(31_000);
  assert.equal(open(router, one, two, three), [false, true, true]);
});

test('a device that is not there keeps nobody from its place', async () => {
  const { router } = await stuck(three);
  await sell(router, two);
  await sell(router, three);
  assert.equal(open(router, three), [true]);
  await router.join(two);
  await router.pass(3000);
  assert.equal(open(router, two), [false], 'it came when both places were taken');
});

test('the gates of a plan for one device open one after the other, as ever', async () => {
  const { router, release } = await stuck(four);
  void router.buy(four, { user: 'ada' });
  await router.pass(3000);
  assert.equal(open(router, four), [false]);
  release();
  await router.pass(31_000);
  assert.equal(open(router, one, four), [false, true]);
});

test.run();

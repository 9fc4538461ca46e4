// The name that came with a refused top-up is not the session's: its user's PC logging out ends nobody's session.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mac, Router } from './stored.js';

const one = mac(1);

/** A router with a session of nobody by name. */
async function withSession(): Promise<Router> {
  const router = await Router.begin();
  await router.join(one);
  assert.ok((await buy(router)).ok);
  return router;
}

async function buy(router: Router, user?: string) {
  const buying = router.buy(one, user === undefined ? {} : { user });
  await router.pass(3001);
  return buying;
}

/** The disk takes everything, and makes nothing durable. */
function failSyncs({ disk }: Router): void {
  disk.before = (call) => {
    if (call === 'sync') throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' });
  };
}

async function assertNameless(router: Router): Promise<void> {
  assert.is(router.book.runningOfMac(one)[0]?.user, undefined);
  const ended = await router.commands.logout('ada', undefined);
  assert.equal(ended, { ok: true, value: [] });
  assert.is(router.book.runningOfMac(one).length, 1);
}

test('one refused top-up, now and after a restart', async () => {
  const router = await withSession();
  failSyncs(router);
  assert.not.ok((await buy(router, 'ada')).ok);
  router.disk.before = () => {};
  await assertNameless(router);
  await router.kill();
  await assertNameless(router);
});

test('two top-ups at once, both refused', async () => {
  const router = await withSession();
  failSyncs(router);
  const refused = await Promise.all([buy(router, 'ada'), buy(router, 'ada')]);
  assert.equal(
    refused.map(({ ok }) => ok),
    [false, false],
  );
  router.disk.before = () => {};
  await assertNameless(router);
});

test('a top-up that was sold keeps its name when a later one is refused', async () => {
  const router = await withSession();
  assert.ok((await buy(router, 'ada')).ok);
  failSyncs(router);
  assert.not.ok((await buy(router, 'ada')).ok);
  router.disk.before = () => {};
  assert.is(router.book.runningOfMac(one)[0]?.user, 'ada');
});

test.run();

// Who has to go for a sale goes, also when the process is killed in between.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { holdSyncs, mac, Router } from './stored.js';

const [one, two, three] = [mac(1), mac(2), mac(3)];

/** The sale is written, and the process is killed before it hears from the disk. */
async function killWithin(router: Router, sale: () => Promise<unknown>): Promise<void> {
  holdSyncs(router.disk);
  void sale();
  await router.pass(1);
  await router.kill();
  await router.pass(3000);
}

const states = (router: Router) => [...router.book.all()].map(({ state, cause }) => cause ?? state);

test('a user who may have one device has one, although the second sale was interrupted', async () => {
  const router = await Router.begin();
  await router.join(one, two);
  assert.ok((await router.buy(one, { user: 'ada' })).ok);
  await killWithin(router, () => router.buy(two, { user: 'ada' }));
  assert.equal(states(router), ['conflict', 'active']);
  assert.equal(
    [one, two].map((who) => router.portal.clients.get(who)?.open),
    [false, true],
  );
  assert.equal(router.portal.commands.slice(-2), [`close ${one}`, `open ${two}`]);
});

test('the bytes of the second user of a device are the second user’s, although their sale was interrupted', async () => {
  const router = await Router.begin();
  await router.join(one);
  const ada = await router.buy(one, { user: 'ada', steps: 10 });
  assert.ok(ada.ok);
  router.portal.carry(one, 0, 300);
  await router.pass(1000);
  await killWithin(router, () => router.buy(one, { user: 'bob', steps: 10 }));
  router.portal.carry(one, 0, 700);
  await router.pass(1000);
  const [first, second] = [...router.book.all()];
  assert.equal([first?.usage.down, second?.usage.down], [300, 700]);
  assert.is(first?.cause, 'conflict');
});

test('who has to go is known after two restarts, and from a summary of the journal alone', async () => {
  const router = await Router.begin();
  await router.join(one, two);
  assert.ok((await router.buy(one, { user: 'ada' })).ok);
  holdSyncs(router.disk);
  void router.buy(two, { user: 'ada' });
  await router.pass(1);
  router.disk = router.disk.afterKill();
  const { store, book } = await router.open();
  await store.snapshot(book.toPlain(router.clock.wall()));
  await router.kill();
  await router.pass(3000);
  assert.equal(states(router), ['conflict', 'active']);
});

test('nobody has to go for a sale that was taken back', async () => {
  const router = await Router.begin();
  await router.join(one, two);
  assert.ok((await router.buy(one, { user: 'ada' })).ok);
  const syncs = holdSyncs(router.disk);
  const second = router.buy(two, { user: 'ada' });
  await syncs.fail();
  assert.not.ok((await second).ok);
  await router.kill();
  await router.pass(3000);
  assert.equal(states(router), ['active']);
});

test('of three devices that come at once the last one stays', async () => {
  const router = await Router.begin();
  await router.join(one, two, three);
  const syncs = holdSyncs(router.disk);
  const sales = [one, two, three].map((who) => router.buy(who, { user: 'ada' }));
  await router.pass(1);
  await syncs.release();
  await Promise.all(sales);
  await router.pass(3000);
  assert.equal(states(router), ['conflict', 'conflict', 'active']);
  assert.equal(
    [one, two, three].map((who) => router.portal.clients.get(who)?.open),
    [false, false, true],
  );
});

for (const cause of ['pc-logout', 'admin'] as const)
  test(`a log-out (${cause}) that was interrupted ends what is left when it is repeated`, () =>
    interrupted(cause));

async function interrupted(cause: 'pc-logout' | 'admin'): Promise<void> {
  const router = await Router.begin();
  await router.join(one, two);
  const family = { user: 'ada', plan: 'family' };
  for (const who of [one, two]) assert.ok((await router.buy(who, family)).ok);
  // The process dies at its second record.
  let records = 0;
  router.disk.before = (call) => {
    if (call === 'write' && ++records > 1) throw new Error('the process is gone');
  };
  void router.commands.logout('ada', 'key', cause);
  await router.kill();
  await router.pass(1);
  const again = router.commands.logout('ada', 'key', cause);
  await router.pass(3000);
  const out = await again;
  assert.ok(out.ok);
  assert.equal(states(router), [cause, cause]);
  assert.equal(await router.commands.logout('ada', 'key', cause), out);
  assert.equal(
    [one, two].map((who) => router.portal.clients.get(who)?.open),
    [false, false],
  );
}

test.run();

// A sale that is written and not known to be on the disk yet: nothing is done for it, and nothing is left of it when the
// disk fails.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { holdSyncs, mac, Router } from './stored.js';

const [one, two] = [mac(1), mac(2)];

for (const exclusive of [true, false]) {
  const gates = exclusive ? 'only turnpike opens' : 'others open, too';
  test(`a gate does not open before its sale is on the disk, nor when it cannot be put there (gates that ${gates})`, async () => {
    const router = await Router.begin({ exclusive });
    await router.join(one);
    const syncs = holdSyncs(router.disk);
    const buying = router.buy(one, { steps: 1000 });
    for (let second = 0; second < 3; second++) {
      await router.pass(1000);
      router.portal.carry(one, 1000, 100_000);
    }
    assert.is(router.portal.clients.get(one)?.open, false);
    await syncs.fail();
    const refused = await buying;
    assert.is(refused.ok ? 'ok' : refused.code, 'storage_failed');
    await router.pass(3000);
    assert.is(router.portal.clients.get(one)?.open, false);
    assert.is(router.portal.served.get(one) ?? 0, 0);
    assert.equal(router.portal.commands, []);
    assert.is(router.revenue, 0n);
  });
}

test('while the sale of a second device waits for the disk, the first one alone is open', async () => {
  const router = await Router.begin();
  await router.join(one, two);
  assert.ok((await router.buy(one, { user: 'ada' })).ok);
  const syncs = holdSyncs(router.disk);
  const buying = router.buy(two, { user: 'ada' });
  await router.pass(3000);
  assert.equal(
    [one, two].map((who) => router.portal.clients.get(who)?.open),
    [true, false],
  );
  await syncs.release();
  assert.ok((await buying).ok);
  assert.equal(router.portal.commands, [`open ${one}`, `close ${one}`, `open ${two}`]);
});

test('a device that had bought before, and buys more while it is away, is not held up by the sale', async () => {
  const router = await Router.begin();
  assert.ok((await router.buy(one)).ok);
  const syncs = holdSyncs(router.disk);
  const more = router.buy(one);
  await router.join(one);
  assert.is(router.portal.clients.get(one)?.open, true);
  await syncs.fail();
  assert.not.ok((await more).ok);
  assert.is(router.book.runningOfMac(one)[0]?.granted.bytes, 1000);
});

test('a session that lived on a top-up ends when the top-up could not be put on the disk', async () => {
  const router = await Router.begin();
  await router.join(one);
  const sold = await router.buy(one);
  assert.ok(sold.ok);
  const syncs = holdSyncs(router.disk);
  const more = router.buy(one);
  router.portal.carry(one, 0, 1500);
  await router.pass(1001);
  assert.is(router.book.get(sold.value.id)?.state, 'active');
  await syncs.fail();
  assert.not.ok((await more).ok);
  assert.is(router.book.get(sold.value.id)?.cause, 'data', 'at once, and not at the next look');
  await router.pass(1);
  assert.is(router.portal.clients.get(one)?.open, false);
});

test('devices that wait for each other go on when one sale is taken back', async () => {
  const router = await Router.begin();
  await router.join(one, two);
  const first = await router.buy(one, { user: 'ada', gateway: 'lan' });
  assert.ok(first.ok);
  const syncs = holdSyncs(router.disk);
  const second = router.buy(two, { user: 'ada' });
  router.portal.join(one);
  await router.pass(2000);
  await syncs.fail();
  assert.not.ok((await second).ok);
  await syncs.release();
  await router.pass(2000);
  assert.equal(
    [one, two].map((who) => router.portal.clients.get(who)?.open),
    [true, false],
  );
});

test.run();

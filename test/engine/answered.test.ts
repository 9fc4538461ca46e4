// What was answered is there after any restart, and what was refused is not: also when the journal is summed up, or the
// disk fails, between the record and its sync.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { voucherState } from '../../src/domain/voucher.js';
import { TestBackend } from './chain.js';
import { holdSyncs, mac, Router } from './stored.js';

/** Every flush sums the journal up. */
const eager = { store: { snapshotBytes: 0 } };
const order = { plan: 'data', count: 3, reuse: true, key: 'v1' };

/** Begins `work` while a flush waits for its sync, so that the flush sums the journal up before the record is durable. */
async function besideASnapshot<T>(router: Router, work: () => Promise<T>): Promise<T> {
  const syncs = holdSyncs(router.disk);
  router.engine.accounts.noteLogout('other', 'digest', []);
  const flush = router.engine.accounts.flush();
  const result = work();
  await syncs.next();
  await syncs.release();
  await flush;
  return result;
}

test('vouchers whose codes were shown are there after a restart', async () => {
  const router = await Router.begin(eager);
  const made = await besideASnapshot(router, () => router.desk.create(order));
  assert.ok(made.ok);
  await router.kill();
  assert.is(router.book.vouchers.size, 3);
  assert.ok(router.book.keys.get('v1'));
  await router.join(mac(1));
  const redeemed = router.desk.redeem(made.value.codes[0]!, { mac: mac(1) });
  await router.pass(1);
  assert.ok((await redeemed).ok);
});

test('a voucher that was made void stays void after a restart', async () => {
  const router = await Router.begin(eager);
  const made = await router.desk.create(order);
  assert.ok(made.ok);
  const { id } = made.value.batch;
  const voided = await besideASnapshot(router, () => router.desk.cancel(id, 2));
  assert.ok(voided.ok);
  await router.kill();
  const states = router.book.vouchers.batch(id).map((v) => voucherState(v, router.clock.wall()));
  assert.equal(states, ['unused', 'void', 'unused']);
});

test('vouchers that could not be made durable are not there, and the same key makes them anew', async () => {
  const router = await Router.begin();
  const syncs = holdSyncs(router.disk);
  const making = router.desk.create(order);
  await syncs.fail();
  const refused = await making;
  assert.is(refused.ok ? 'ok' : refused.code, 'storage_failed');
  assert.is(router.book.vouchers.size, 0);
  await router.kill();
  assert.is(router.book.vouchers.size, 0);
  assert.is(router.book.keys.get('v1'), undefined);
  const made = await router.desk.create(order);
  assert.ok(made.ok);
  await router.kill();
  assert.is(router.book.vouchers.size, 3);
});

test('a voucher that could not be made void is as good as before', async () => {
  const router = await Router.begin();
  const made = await router.desk.create(order);
  assert.ok(made.ok);
  const { id } = made.value.batch;
  assert.ok((await router.desk.cancel(id, 1)).ok);
  const syncs = holdSyncs(router.disk);
  const voiding = router.desk.cancel(id, undefined);
  await syncs.fail();
  assert.not.ok((await voiding).ok);
  const states = () => router.book.vouchers.batch(id).map((v) => voucherState(v, router.clock.wall()));
  assert.equal(states(), ['void', 'unused', 'unused'], 'what was void before stays void');
  await router.kill();
  assert.equal(states(), ['void', 'unused', 'unused']);
});

test('codes that are asked for twice at once are the same codes', async () => {
  const router = await Router.begin();
  const syncs = holdSyncs(router.disk);
  const making = router.desk.create(order);
  await router.pass(1);
  const again = router.desk.create(order);
  await syncs.release();
  const [first, second] = await Promise.all([making, again]);
  assert.ok(first.ok && second.ok);
  assert.equal(second.value.codes, first.value.codes);
});

const paid = (id: string) => ({ payment: { method: 'x402r-session', id }, steps: 10, key: `key of ${id}` });

test('a deposit that may have been taken is known after a restart', async () => {
  const chain = new TestBackend();
  chain.open = () => new Promise(() => {});
  const router = await Router.begin({ ...eager, backends: [chain] });
  await router.join(mac(1));
  const buying = besideASnapshot(router, () => router.buy(mac(1), paid('a')));
  await router.pass(15_001);
  const answer = await buying;
  assert.is(answer.ok ? 'ok' : answer.code, 'payment_pending');
  await router.kill();
  assert.is(router.book.deposits.get('a')?.state, 'opening');
});

test('a deposit is asked for when it is on the disk, and never when it could not be put there', async () => {
  const chain = new TestBackend();
  const router = await Router.begin({ backends: [chain] });
  await router.join(mac(1));
  const syncs = holdSyncs(router.disk);
  const buying = router.buy(mac(1), paid('a'));
  await router.pass(1);
  // A reload takes up all deposits.
  router.rounds.start();
  await router.pass(10_000);
  assert.is(chain.opens, 0);
  await syncs.fail();
  const refused = await buying;
  assert.is(refused.ok ? 'ok' : refused.code, 'storage_failed');
  assert.is(router.book.deposits.get('a'), undefined);
  await syncs.release();
  await router.kill();
  await router.pass(60_000);
  assert.is(router.book.deposits.get('a'), undefined);
  assert.is(chain.opens, 0);
  assert.ok((await router.buy(mac(1), paid('a'))).ok);
});

test.run();

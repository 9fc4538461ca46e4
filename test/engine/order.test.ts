// A disk that fails in between: what happened is in the journal in the order in which it happened, whenever it gets there.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalRecord } from '../../src/domain/record.js';
import type { MemoryDisk } from '../store/memory-disk.js';
import { mac, Router } from './stored.js';

const one = mac(1);

/** Makes the next writes to the journal fail, as many as said. */
function failWrites(disk: MemoryDisk, times: number, code = 'EIO'): void {
  let left = times;
  disk.before = (call, file) => {
    if (call !== 'write' || !file.startsWith('journal') || left-- <= 0) return;
    throw Object.assign(new Error(`${code}: simulated`), { code });
  };
}

const storyOf = (records: readonly JournalRecord[], id: string) =>
  records.flatMap((record) => {
    if (record.t === 'sold') return record.session.id === id ? ['sold'] : [];
    return record.t === 'session' && record.session.id === id ? [record.what] : [];
  });

/** A customer whose gate opens while the disk fails, and who is sent away when it works again. */
async function story(): Promise<{ router: Router; id: string }> {
  const router = await Router.begin();
  await router.join(one);
  const open = router.portal.open.bind(router.portal);
  // The sale is durable by then: what fails is the record of the open gate.
  router.portal.open = (device) => {
    router.portal.open = open;
    failWrites(router.disk, 1);
    return open(device);
  };
  const buying = router.buy(one, { steps: 2 });
  await router.pass(1);
  const sold = await buying;
  assert.ok(sold.ok);
  assert.ok(router.engine.accounts.incomplete, 'something could not be written');
  const { id } = sold.value;
  const closing = router.commands.close(id, 'admin');
  await router.pass(1);
  await closing;
  return { router, id };
}

test('an upstream hears of what happened in its order, although a write failed in between', async () => {
  const { router, id } = await story();
  await router.pass(60_000);
  assert.equal(storyOf(router.records(), id), ['sold', 'opened', 'closing', 'closed']);
  assert.not.ok(router.engine.accounts.incomplete);
});

test('a session that ended while the disk failed stays ended, and its money is given back once', async () => {
  const { router, id } = await story();
  assert.is(router.revenue, 0n);
  // The journal is made whole, and the process is killed before it is summed up.
  router.disk.before = (call, file) => {
    if (call === 'create' && file.startsWith('snapshot')) throw new Error('simulated');
  };
  await router.engine.accounts.flush();
  await router.kill();
  await router.pass(5_000);
  assert.is(router.book.get(id)?.state, 'terminated');
  assert.is(router.revenue, 0n);
  assert.equal(storyOf(router.records(), id), ['sold', 'opened', 'closing', 'closed']);
});

test('what could not be written while the journal was being made whole is not forgotten', async () => {
  const { router, id } = await story();
  await router.join(mac(2));
  const buying = router.buy(mac(2));
  await router.pass(1);
  const sold = await buying;
  assert.ok(sold.ok);
  router.portal.carry(mac(2), 0, 100);
  await router.pass(1000);
  failWrites(router.disk, 1);
  const { before } = router.disk;
  router.disk.before = (call, file) => {
    before(call, file);
    if (call !== 'create' || !file.startsWith('snapshot')) return;
    failWrites(router.disk, Number.POSITIVE_INFINITY);
    void router.engine.end(sold.value.id, 'admin');
  };
  await router.engine.accounts.flush();
  assert.ok(router.engine.accounts.incomplete, 'nothing is sold before it is written');
  router.disk.before = () => {};
  await router.pass(60_000);
  assert.not.ok(router.engine.accounts.incomplete);
  assert.equal(storyOf(router.records(), sold.value.id), ['sold', 'opened', 'closing', 'closed']);
  await router.kill();
  assert.is(router.book.get(sold.value.id)?.state, 'terminated');
  assert.is(router.book.get(id)?.state, 'terminated');
});

test.run();

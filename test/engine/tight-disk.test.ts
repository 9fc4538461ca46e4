// A disk that has room for a snapshot and none for the reserve: nothing is sold, and the flash is not worn for that.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MemoryDisk } from '../store/memory-disk.js';
import { mac, Router, type RouterOptions } from './stored.js';

const [one, two] = [mac(1), mac(2)];
const minute = 60_000;

/** Every file but the reserve finds room. @returns the snapshots that were begun since then, by their names */
function tighten(disk: MemoryDisk): string[] {
  const snapshots: string[] = [];
  disk.before = (call, file) => {
    if (call === 'write' && file === 'reserve')
      throw Object.assign(new Error('ENOSPC: simulated'), { code: 'ENOSPC' });
    if (call === 'create' && file.startsWith('snapshot')) snapshots.push(file);
  };
  return snapshots;
}

/** A router that has sold to one device, killed, and started on a disk without a reserve and without room for it. */
async function tight(options: RouterOptions = {}) {
  const router = await Router.begin({ settings: { flushInterval: minute as never }, ...options });
  await router.join(one, two);
  const sold = await router.buy(one);
  assert.ok(sold.ok);
  let snapshots: string[] = [];
  await router.kill((disk) => {
    disk.remove('/state/reserve');
    snapshots = tighten(disk);
  });
  await router.pass(2000);
  return { router, snapshots, session: sold.value.id };
}

test('a disk without room for the reserve writes no snapshot at each flush, nor at each sale that it refuses', async () => {
  const { router, snapshots, session } = await tight();
  const begun = snapshots.length;
  for (let i = 0; i < 10; i++) {
    router.portal.carry(one, 0, 10);
    await router.pass(minute);
    const buying = router.buy(two);
    await router.pass(100);
    const refused = await buying;
    assert.is(refused.ok ? 'ok' : refused.code, 'storage_full');
  }
  assert.is(router.store.stats.state, 'full');
  assert.is(snapshots.length, begun);
  await router.kill();
  assert.is(router.book.get(session)?.usage.down, 100, 'usage was written all the same');
});

test('a disk that has room for the reserve again sells at once', async () => {
  const { router } = await tight();
  await router.pass(minute);
  router.disk.before = () => {};
  const buying = router.buy(two);
  await router.pass(100);
  assert.ok((await buying).ok);
  assert.is(router.store.stats.state, 'ok');
  assert.ok(router.disk.names.has('/state/reserve'));
});

test('where the journal takes no usage, a snapshot has it when as much was refused as is written between two', async () => {
  const { router, snapshots, session } = await tight({ store: { snapshotBytes: 1000 } });
  const begun = snapshots.length;
  const { before } = router.disk;
  router.disk.before = (call, file) => {
    if (call === 'write' && file.startsWith('journal'))
      throw Object.assign(new Error('ENOSPC: simulated'), { code: 'ENOSPC' });
    before(call, file);
  };
  for (let i = 0; i < 60; i++) {
    router.portal.carry(one, 0, 10);
    await router.pass(minute);
  }
  const taken = snapshots.length - begun;
  assert.ok(taken > 0 && taken < 10, `${taken} snapshots`);
  await router.kill();
  assert.ok(router.book.get(session)!.usage.down > 100, 'usage is in a snapshot');
});

test('codes that the owner has forgotten leave a disk without room for the reserve, too', async () => {
  const settings = { flushInterval: minute as never, reprint: true };
  const router = await Router.begin({ settings });
  const order = { plan: 'data', count: 3, reuse: true, reprint: true, key: 'v1' } as never;
  assert.ok((await router.desk.create(order)).ok);
  await router.kill((disk) => {
    disk.remove('/state/reserve');
    tighten(disk);
  });
  await router.pass(minute);
  await router.engine.accounts.forgetCodes();
  const isSnapshot = (name: string) => name.startsWith('snapshot');
  const left = router.disk;
  const snapshots = left.list('/state').filter(isSnapshot);
  assert.is(snapshots.length, 2);
  for (const one of snapshots) {
    router.disk = left.afterKill();
    for (const other of snapshots) if (other !== one) router.disk.remove(`/state/${other}`);
    assert.not.ok((await router.open()).book.vouchers.forgetCodes(), `codes are in ${one}`);
  }
});

test.run();

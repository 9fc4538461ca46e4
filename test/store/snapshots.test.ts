// Snapshots on a disk that is full or fails.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { StoreError } from '../../src/store/error.js';
import { openStore } from '../../src/store/open.js';
import type { StoreOptions } from '../../src/store/options.js';
import type { Store } from '../../src/store/store.js';
import { noise } from '../rig/noise.js';
import { MemoryDisk } from './memory-disk.js';

const directory = '/store';

async function open(disk: MemoryDisk, options: Partial<StoreOptions> = {}): Promise<Store> {
  return (await openStore({ directory, disk, ...options })).store;
}

const rejected = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (cause: StoreError) => cause.code,
  );

test('a journal that filled the disk by itself gives up its spare snapshot to become smaller', async () => {
  const disk = new MemoryDisk();
  const log: string[] = [];
  const store = await open(disk, { log: (_, text) => log.push(text) });
  await store.snapshot({ n: 1 });
  for (let i = 0; i < 50; i++) store.append({ text: noise(100) });
  await store.snapshot({ n: 2 });
  store.append({ n: 3 });
  await store.sync();
  disk.room = 40;
  await store.snapshot({ n: 4 });
  assert.match(log.join(), /the oldest one is given up/);
  assert.ok(disk.room > 5000);
  assert.is(store.append({ n: 5 }), 52, 'there is room again');
  await store.close();
  const { store: next, recovered } = await openStore({ directory, disk: disk.afterKill() });
  assert.equal(recovered.snapshot, { n: 4 });
  await next.close();
});

test('a snapshot that fails leaves the one before it in force', async () => {
  for (const call of ['create', 'write', 'sync', 'rename', 'syncDirectory']) {
    const disk = new MemoryDisk();
    const store = await open(disk);
    store.append({ n: 1 });
    await store.snapshot({ n: 1 });
    store.append({ n: 2 });
    await store.sync();
    let left = 1;
    disk.before = (named, file) => {
      // A snapshot is taken also where the small file with the newest number cannot be synced.
      if (named === call && file !== 'head' && left-- > 0) throw Object.assign(new Error(), { code: 'EIO' });
    };
    assert.is(await rejected(store.snapshot({ n: 2 })), 'storage_failed', call);
    assert.is(store.stats.state, 'failed');
    const { store: next, recovered } = await openStore({ directory, disk: disk.afterKill() });
    assert.equal(recovered, { snapshot: { n: 1 }, records: [{ seq: 2, data: { n: 2 } }], setAside: [] });
    await next.close();
    await store.snapshot({ n: 2 });
    assert.is(store.stats.state, 'ok');
    await store.close();
  }
});

test('a disk that keeps no room for a full disk has failed, until it does', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk);
  disk.before = (_, file) => {
    if (file === 'reserve') throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  assert.is(await rejected(store.snapshot({ n: 1 })), 'storage_failed');
  assert.is(store.stats.state, 'failed');
  assert.match(store.stats.lastError!, /cannot keep room for a full disk/);
  disk.before = () => {};
  await store.snapshot({ n: 1 });
  assert.is(store.stats.state, 'ok');
  await store.close();
});

test.run();

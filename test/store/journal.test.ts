// Records on a disk that is full or fails.
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

/** What a process that starts after a kill finds. */
async function afterKill(disk: MemoryDisk): Promise<{ records: unknown[]; setAside: readonly string[] }> {
  const { store, recovered } = await openStore({ directory, disk: disk.afterKill() });
  await store.close();
  return { records: recovered.records.map(({ data }) => data), setAside: recovered.setAside };
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (cause) {
    return (cause as StoreError).code;
  }
}

const rejected = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (cause: StoreError) => cause.code,
  );

test('a full disk refuses the record, keeps those before it, and heals when there is room', async () => {
  for (const room of [0, 1, 10, 30]) {
    const disk = new MemoryDisk();
    const store = await open(disk);
    store.append({ n: 1 });
    disk.room = room;
    assert.is(
      codeOf(() => store.append({ n: 2, text: 'x'.repeat(50) })),
      'storage_full',
    );
    assert.is(store.stats.state, 'full');
    assert.match(store.stats.lastError!, /no room/);
    assert.equal(await afterKill(disk), { records: [{ n: 1 }], setAside: [] });
    disk.room = 1000;
    assert.is(store.append({ n: 3 }), 2);
    assert.is(store.stats.state, 'ok');
    assert.is(store.stats.lastError, undefined);
    await store.close();
    assert.equal(await afterKill(disk), { records: [{ n: 1 }, { n: 3 }], setAside: [] });
  }
});

test('EDQUOT is a full disk, anything else a failed one, with its cause', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk);
  disk.fail('write', 'EDQUOT');
  assert.is(
    codeOf(() => store.append({})),
    'storage_full',
  );
  disk.fail('write', 'EIO');
  try {
    store.append({});
    assert.unreachable();
  } catch (error) {
    assert.is((error as StoreError).code, 'storage_failed');
    assert.match((error as StoreError).message, /EIO/);
    assert.match(String((error as StoreError).cause), /EIO/);
  }
  assert.is(store.stats.state, 'failed');
});

test('what cannot be cut off a file is left behind with it', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk);
  store.append({ n: 1 });
  disk.room = 12;
  disk.before = (call) => {
    if (call === 'truncate') throw new Error('no truncate');
  };
  assert.is(
    codeOf(() => store.append({ n: 2 })),
    'storage_full',
  );
  disk.room = 1000;
  assert.is(store.append({ n: 3 }), 2);
  await store.sync();
  const { records, setAside } = await afterKill(disk);
  assert.equal(records, [{ n: 1 }, { n: 3 }]);
  assert.is(setAside.length, 1);
  assert.match(setAside[0]!, /12 bytes at offset .* are damaged/);
});

test('after a failed sync everything is written again and synced, before anyone is told that it is safe', async () => {
  const disk = new MemoryDisk();
  const log: string[] = [];
  const store = await open(disk, { log: (_, text) => log.push(text) });
  store.append({ n: 1 });
  await store.sync();
  store.append({ n: 2 });
  disk.fail('sync', 'EIO');
  await store.sync();
  assert.is(log.length, 1);
  assert.match(log[0]!, /a sync failed: EIO/);
  assert.is(store.stats.state, 'ok');
  const { store: next, recovered } = await openStore({ directory, disk: disk.afterPowerCut(() => 0) });
  assert.equal(
    recovered.records.map(({ data }) => data),
    [{ n: 1 }, { n: 2 }],
  );
  await next.close();
});

test('syncs that go on failing are told of, fill no disk, and are made good later', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk);
  store.append({ n: 1 });
  await store.sync();
  disk.fail('sync', 'EIO', 100);
  for (let n = 2; n < 20; n++) {
    store.append({ n });
    assert.is(await rejected(store.sync()), 'storage_failed');
    assert.is(store.stats.state, 'failed');
    assert.ok(store.stats.segments <= 2);
  }
  disk.before = () => {};
  await store.sync();
  assert.is(store.stats.state, 'ok');
  const cut = disk.afterPowerCut(() => 0);
  const { store: next, recovered } = await openStore({ directory, disk: cut });
  assert.is(recovered.records.length, 19);
  await next.close();
});

test('a sync that finds no room says so', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk);
  store.append({});
  disk.fail('sync', 'ENOSPC', 2);
  assert.is(await rejected(store.sync()), 'storage_full');
  assert.is(store.stats.state, 'full');
});

test('when syncs fail, only so much is taken on', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk, { pendingBytes: 1000 });
  disk.fail('sync', 'EIO', 2);
  store.append({ text: noise(500) });
  assert.is(await rejected(store.sync()), 'storage_failed');
  assert.is(
    codeOf(() => store.append({ text: noise(500) })),
    'storage_failed',
  );
  assert.is(
    codeOf(() => store.append({ text: noise(50) })),
    undefined,
  );
});

test('callers share a sync, but none is told of one that began before its record', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk);
  let syncs = 0;
  disk.before = (call) => {
    if (call === 'sync') syncs++;
  };
  store.append({ n: 1 });
  const settled: string[] = [];
  const note = (name: string) => () => settled.push(`${name} after ${syncs}`);
  const first = store.sync().then(note('first'));
  store.append({ n: 2 });
  const rest = Array.from({ length: 20 }, (_, i) => store.sync().then(note(`${i}`)));
  await Promise.all([first, ...rest]);
  assert.is(syncs, 2);
  assert.is(settled[0], 'first after 1');
  assert.ok(settled.slice(1).every((text) => text.endsWith('after 2')));
  await store.sync();
  assert.is(syncs, 2, 'there was nothing to sync');
});

test.run();

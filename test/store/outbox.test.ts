import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../../src/store/open.js';
import type { StoreOptions } from '../../src/store/options.js';
import type { Outbox } from '../../src/store/outbox.js';
import type { Store } from '../../src/store/store.js';
import { MemoryDisk } from './memory-disk.js';

const directory = '/store';

async function open(disk: MemoryDisk, options: Partial<StoreOptions> = {}): Promise<Store> {
  return (await openStore({ directory, disk, ...options })).store;
}

async function fill(store: Store, count: number): Promise<void> {
  for (let i = 0; i < count; i++) store.append({ n: store.stats.lastSeq + 1 });
  await store.sync();
}

const seqs = (outbox: Outbox, limit = 1000, after?: number) =>
  outbox.read(limit, after).map(({ seq }) => seq);

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('records come in order, again until they are acknowledged', async () => {
  const store = await open(new MemoryDisk());
  const outbox = store.outbox('mqtt', 'oldest');
  await fill(store, 5);
  assert.is(outbox.backlog, 5);
  assert.equal(outbox.read(2), [
    { seq: 1, data: { n: 1 } },
    { seq: 2, data: { n: 2 } },
  ]);
  assert.equal(seqs(outbox, 2), [1, 2]);
  assert.equal(seqs(outbox, 2, 2), [3, 4], 'reading on behind what is under way');
  outbox.ack(3);
  assert.is(outbox.backlog, 2);
  assert.equal(seqs(outbox), [4, 5]);
  outbox.ack(1);
  assert.is(outbox.cursor, 3, 'an old acknowledgement changes nothing');
  outbox.ack(99);
  assert.is(outbox.cursor, 3, 'nor does one of a record that is not there');
  outbox.ack(5);
  assert.equal(outbox.read(10), []);
});

test('a record is shown when it is on the disk, and not before', async () => {
  const store = await open(new MemoryDisk());
  const outbox = store.outbox('mqtt', 'now');
  let woken = 0;
  outbox.onAppend(() => woken++);
  store.append({});
  assert.is(outbox.backlog, 1);
  assert.equal(outbox.read(10), []);
  outbox.ack(1);
  assert.is(outbox.cursor, 0);
  await store.sync();
  await Promise.resolve();
  assert.is(woken, 1);
  assert.equal(seqs(outbox), [1]);
  outbox.onAppend(undefined);
  await fill(store, 1);
  assert.is(woken, 1);
});

test('a new sink begins with the next record or with the oldest that is kept', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk, { segmentBytes: 100 });
  await fill(store, 4);
  for (let i = 0; i < 3; i++) {
    await fill(store, 1);
    await store.snapshot({});
  }
  const [now, oldest] = [store.outbox('a', 'now'), store.outbox('b', 'oldest')];
  assert.is(now.backlog, 0);
  assert.equal(seqs(oldest), [7], 'the segments before the last two snapshots are gone');
  assert.is(store.outbox('a', 'oldest'), now);
  await fill(store, 1);
  assert.equal(seqs(now), [8]);
  assert.equal(seqs(oldest), [7, 8]);
});

test('a sink that has fallen behind reads from the segments, each of them once', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk, { segmentBytes: 1000, tailBytes: 60 });
  const outbox = store.outbox('radius', 'oldest');
  await fill(store, 300);
  const { segments } = store.stats;
  let reads = 0;
  const read = disk.read.bind(disk);
  disk.read = (path) => {
    reads++;
    return read(path);
  };
  for (let seq = 0; seq < 300; ) {
    assert.equal(seqs(outbox, 7), range(seq + 1, Math.min(seq + 7, 300)));
    seq = Math.min(seq + 7, 300);
    outbox.ack(seq);
  }
  // One read of a batch may span two segments, and then the next one begins in the second.
  assert.ok(segments >= 6 && reads <= 2 * segments, `${reads} reads of ${segments} segments`);
  await fill(store, 3);
  assert.equal(seqs(outbox), [301, 302, 303]);
  assert.ok(reads <= 2 * segments, 'new records come from memory');
});

test('a slow sink keeps its segments, and the others do not wait for it', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk, { segmentBytes: 200, tailBytes: 60 });
  const [slow, quick] = [store.outbox('slow', 'oldest'), store.outbox('quick', 'oldest')];
  for (let round = 0; round < 5; round++) {
    await fill(store, 20);
    quick.ack(store.stats.lastSeq);
    await store.snapshot({ round });
  }
  assert.is(quick.backlog, 0);
  assert.equal(seqs(slow), range(1, 100));
  slow.ack(70);
  const { segments } = store.stats;
  await store.snapshot({});
  assert.ok(store.stats.segments < segments / 2);
  assert.equal(seqs(slow), range(71, 100));
  store.dropOutbox('slow');
  assert.equal(store.sinks, ['quick']);
  await store.snapshot({});
  assert.is(store.stats.segments, 0);
});

test('cursors are there after a restart, those of a snapshot and those since', async () => {
  const disk = new MemoryDisk();
  const first = await open(disk);
  const [a, b] = [first.outbox('a', 'oldest'), first.outbox('b', 'oldest')];
  await fill(first, 10);
  a.ack(4);
  b.ack(9);
  await first.snapshot({});
  a.ack(6);
  await first.close();
  const second = await open(disk);
  assert.equal(second.sinks, ['a', 'b']);
  assert.equal(seqs(second.outbox('a', 'now')), range(7, 10));
  assert.equal(seqs(second.outbox('b', 'now')), [10]);
});

test('after a crash a sink gets some records again, and never misses one', async () => {
  const disk = new MemoryDisk();
  const first = await open(disk);
  const outbox = first.outbox('a', 'oldest');
  await fill(first, 10);
  outbox.ack(5);
  await fill(first, 1);
  outbox.ack(8);
  const next = await open(disk.afterPowerCut(() => 0));
  assert.equal(seqs(next.outbox('a', 'now')), range(6, 11));
});

test('acknowledgements alone write nothing', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk);
  const outbox = store.outbox('a', 'oldest');
  await fill(store, 3);
  const { bytesWritten } = store.stats;
  outbox.ack(1);
  outbox.ack(2);
  await store.sync();
  assert.is(store.stats.bytesWritten, bytesWritten);
});

test('cursors are written along with records, and only when they have changed', async () => {
  const store = await open(new MemoryDisk());
  const outbox = store.outbox('a', 'oldest');
  const cost = async () => {
    const { bytesWritten } = store.stats;
    await fill(store, 1);
    return store.stats.bytesWritten - bytesWritten;
  };
  await cost();
  const alone = await cost();
  outbox.ack(1);
  assert.ok((await cost()) > alone);
  assert.is(await cost(), alone);
});

test('what is acknowledged while a snapshot is being written is kept until a cursor says so on the disk', async () => {
  const disk = new MemoryDisk();
  const log: string[] = [];
  const store = await open(disk, { segmentBytes: 60 });
  const outbox = store.outbox('a', 'oldest');
  await fill(store, 6);
  await store.snapshot({});
  const snapshot = store.snapshot({});
  outbox.ack(6);
  await snapshot;
  const next = await open(disk.afterKill(), { log: (_, text) => log.push(text) });
  assert.equal(seqs(next.outbox('a', 'oldest')), range(1, 6));
  assert.equal(log, []);
});

test('cursors that a failed sync had written again do not undo those of a later snapshot', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk, { segmentBytes: 90 });
  const outbox = store.outbox('a', 'oldest');
  await fill(store, 4);
  outbox.ack(1);
  let failures = 2;
  disk.before = (call) => {
    if (call === 'sync' && failures-- > 0) throw new Error('no sync');
  };
  store.append({ n: 5 });
  await store.sync().catch(() => {});
  outbox.ack(4);
  await store.snapshot({});
  const next = await open(disk.afterPowerCut(() => 0));
  assert.is(next.outbox('a', 'oldest').cursor, 4);
});

test('damage in an old segment is reported once, and what is missing does not count as backlog for ever', async () => {
  const disk = new MemoryDisk();
  const log: string[] = [];
  const store = await open(disk, { segmentBytes: 100, tailBytes: 10, log: (_, text) => log.push(text) });
  const outbox = store.outbox('a', 'oldest');
  await fill(store, 12);
  const second = [...disk.names.values()][1]!;
  second.bytes = Buffer.from(second.bytes);
  second.bytes[30]! ^= 1;
  const found = seqs(outbox);
  assert.ok(found.length < 12 && found.includes(1) && found.includes(12));
  assert.equal(seqs(outbox), found);
  assert.match(log.join('\n'), /bytes at offset 24 are damaged; a copy is in damaged-journal/);
  assert.match(log.join('\n'), /record \d+ is missing/);
  assert.is(log.length, 2);
  outbox.ack(12);
  assert.is(outbox.backlog, 0);
});

test.run();

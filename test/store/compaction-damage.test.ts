// Segments that were compacted, and what may happen to them and to those who read them.

import { crc32 } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../../src/store/open.js';
import type { MemoryDisk } from './memory-disk.js';
import {
  assertComplete,
  begin,
  coalesceRows,
  compactedFiles,
  delivered,
  directory,
  old,
  type Rows,
  work,
} from './rows.js';

const journals = (disk: MemoryDisk) => [...disk.names.keys()].filter((p) => p.includes('/journal')).sort();

/** What a sink gets from a disk on which a file has other bytes. */
async function withBytes(disk: MemoryDisk, path: string, bytes: Buffer) {
  const copy = disk.afterKill();
  copy.names.get(path)!.bytes = bytes;
  return delivered(copy);
}

/** What a start makes of the segments alone, without any snapshot. */
async function replayed(disk: MemoryDisk, path: string, bytes: Buffer) {
  const copy = disk.afterKill();
  copy.names.get(path)!.bytes = bytes;
  for (const name of [...copy.names.keys()]) if (name.includes('/snapshot')) copy.remove(name);
  const { store, recovered } = await openStore({ directory, disk: copy });
  await store.close();
  return {
    got: new Map(recovered.records.map(({ seq, data }) => [seq, data as Rows])),
    log: recovered.setAside,
  };
}

test('a byte changed anywhere in a compacted segment changes nothing or is reported, by the outbox and by recovery', async () => {
  const { disk, store } = await old();
  await store.close();
  const path = compactedFiles(disk)[1]!;
  const whole = disk.read(path);
  for (const read of [withBytes, replayed]) {
    const { got: wanted, log } = await read(disk, path, whole);
    assert.equal(log, []);
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << (at % 8);
      const { got, log } = await read(disk, path, bytes);
      for (const [seq, data] of got) assert.equal(data, wanted.get(seq), `at ${at}`);
      assert.ok(log.length > 0, `at ${at}`);
      const lost = wanted.size - got.size;
      assert.ok(lost <= 1, `one changed byte costs one record at the most, and not ${lost}`);
    }
  }
});

test('a compacted segment cut at any byte has what is left, and it is said that there was more', async () => {
  const { disk, store } = await old();
  await store.close();
  const path = compactedFiles(disk)[1]!;
  const whole = disk.read(path);
  for (const read of [withBytes, replayed]) {
    const { got: wanted } = await read(disk, path, whole);
    for (let size = 0; size < whole.length; size++) {
      const { got, log } = await read(disk, path, whole.subarray(0, size));
      for (const [seq, data] of got) assert.equal(data, wanted.get(seq), `cut at ${size}`);
      assert.match(log.join(), /missing|damaged/, `cut at ${size}`);
    }
  }
});

test('a damaged omission costs no record behind it, however many it stands for', async () => {
  const life = await begin(undefined, { coalesce: coalesceRows, segmentBytes: 5000 });
  const { disk, store, records } = life;
  const add = (rows: readonly number[]) => {
    const data = { n: records.size + 1, rows, text: '' };
    records.set(store.append(data), data);
  };
  for (let i = 0; i < 50; i++) add([1]);
  add([]);
  add([]);
  await store.snapshot({});
  add([1]);
  await store.snapshot({});
  await store.idle();
  await store.close();
  const path = compactedFiles(disk)[0]!;
  const bytes = disk.read(path);
  bytes[30]! ^= 1;
  for (const read of [withBytes, replayed]) {
    const { got, log } = await read(disk, path, bytes);
    assert.equal([...got.keys()], [51, 52, 53]);
    assert.match(log.join(), /: 22 bytes at offset 24 are damaged/);
    assert.match(log.join(), /records 1 to 50 are missing/);
  }
});

test('a segment that its sink has read while it is compacted stays away', async () => {
  const life = await begin();
  const { disk, store, outbox } = life;
  await work(life);
  const sync = disk.sync.bind(disk);
  const end = new Promise<void>((resolve) => {
    disk.before = (call, file) => {
      if (call !== 'create' || !/^journal.*new$/.test(file)) return;
      disk.before = () => {};
      // The sync of the new file takes as long as two snapshots.
      disk.sync = async (fd) => {
        disk.sync = sync;
        outbox.ack(store.stats.lastSeq);
        await store.snapshot({});
        await store.snapshot({});
        await sync(fd);
        resolve();
      };
    };
  });
  await work(life);
  await end;
  await store.idle();
  assert.is(store.stats.segments, 0);
  assert.equal(journals(disk), []);
  await store.close();
  assert.is(disk.openFiles, 0);
});

test('a segment that is damaged is not compacted: the sink is to hear of it', async () => {
  const life = await begin();
  await work(life);
  const { disk, store } = life;
  const path = journals(disk)[1]!;
  disk.names.get(path)!.bytes[60]! ^= 1;
  await work(life);
  await store.idle();
  const compacted = compactedFiles(disk);
  assert.ok(compacted.length > 0 && !compacted.includes(path));
  await store.close();
  const { log } = await delivered(disk);
  assert.match(log.join(), /are damaged; a copy is in .*(is|are) missing/);
});

test('a sink that is in the midst of a segment when it is compacted gets each record once', async () => {
  for (const batch of [1, 2, 3, 5, 8]) {
    const life = await begin();
    const { disk, store, records, outbox } = life;
    const got = new Map<number, Rows>();
    const read = (ack: boolean) => {
      for (const { seq, data } of outbox.read(batch, Math.max(0, ...got.keys()))) {
        assert.not(got.has(seq));
        got.set(seq, data as Rows);
      }
      if (ack) outbox.ack(Math.max(...got.keys()) - 3);
    };
    await work(life);
    read(false);
    disk.before = () => read(batch === 2);
    await work(life);
    await store.idle();
    disk.before = () => {};
    for (let i = 0; i < records.size; i++) read(false);
    assert.ok(batch > 3 || compactedFiles(disk).length > 0);
    assertComplete(got, records, `${batch} at a time`);
    assert.equal(life.log, []);
    outbox.ack(Math.max(...got.keys()));
    assert.is(outbox.backlog, 0);
  }
});

test('a sink that reads the same again reads the disk once, and one that goes back gets what was there', async () => {
  const { disk, outbox } = await old();
  let reads = 0;
  const read = disk.read.bind(disk);
  disk.read = (path) => {
    reads++;
    return read(path);
  };
  const first = outbox.read(2);
  for (let i = 0; i < 10; i++) assert.equal(outbox.read(2), first);
  assert.is(reads, 1);
  const second = outbox.read(2, first.at(-1)!.seq);
  const far = outbox.read(2, 30);
  assert.equal(outbox.read(4), [...first, ...second]);
  assert.equal(outbox.read(2, 30), far);
});

test('segments of the formats before are compacted, too', async () => {
  for (const version of [1, 2, 3]) {
    const { disk, store, records } = await begin();
    for (let n = 1; n <= 20; n++) {
      const data = { n, rows: [n % 2], text: '' };
      records.set(store.append(data), data);
    }
    await store.snapshot({ records: [...records] });
    await store.close();
    for (const path of disk.names.keys()) {
      const { bytes } = disk.names.get(path)!;
      if (path.endsWith('/reserve') || path.endsWith('/head')) continue;
      bytes.writeUInt16LE(version, 8);
      bytes.writeUInt32LE(crc32(bytes.subarray(0, 20)), 20);
    }
    const next = await begin(disk);
    await next.store.snapshot({ records: [...records] });
    await next.store.idle();
    await next.store.close();
    assert.ok(compactedFiles(disk).length > 0);
    const { got, log } = await delivered(disk);
    assertComplete(got, records);
    assert.equal(log, []);
  }
});

test('a backlog beyond its limit is said in the state and once in the log, and nothing is refused', async () => {
  const life = await begin(undefined, { coalesce: coalesceRows, backlogBytes: 2000 });
  const { store, log, outbox, records } = life;
  while (store.stats.backlogBytes <= 2000) {
    assert.is(store.stats.state, 'ok');
    assert.is(store.stats.lastError, undefined);
    await work(life);
    await store.idle();
  }
  assert.is(store.stats.state, 'behind');
  assert.match(store.stats.lastError!, /0\.0 MiB are kept for dead/);
  await work(life);
  await store.idle();
  assert.is(log.length, 1);
  assert.match(log[0]!, /kept for dead/);
  outbox.ack(records.size);
  await work(life);
  await store.idle();
  assert.is(store.stats.backlogBytes, 0);
  assert.is(store.stats.state, 'ok');
});

test.run();

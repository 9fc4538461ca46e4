import { basename } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseName } from '../../src/store/names.js';
import { openStore } from '../../src/store/open.js';
import { MemoryDisk } from './memory-disk.js';

const directory = '/store';

interface Found {
  readonly records: Map<number, unknown>;
  readonly setAside: readonly string[];
}

/** What a start on this disk finds, a snapshot's records included. */
async function start(disk: MemoryDisk, log: string[] = []): Promise<Found> {
  const { store, recovered } = await openStore({ directory, disk, log: (_, text) => log.push(text) });
  const state = (recovered.snapshot ?? { records: [] }) as { records: [number, unknown][] };
  const records = new Map(state.records);
  for (const { seq, data } of recovered.records) records.set(seq, data);
  await store.close();
  return { records, setAside: recovered.setAside };
}

/** Two snapshots with records before, between and after them, in several segments, and a sink's cursors. */
async function written(): Promise<{ disk: MemoryDisk; records: Map<number, unknown> }> {
  const disk = new MemoryDisk();
  const { store } = await openStore({ directory, disk, segmentBytes: 120 });
  const records = new Map<number, unknown>();
  const sink = store.outbox('radius', 'oldest');
  for (let i = 1; i <= 14; i++) {
    const data = { i, text: 'x'.repeat(i) };
    records.set(store.append(data), data);
    await store.sync();
    sink.ack(i - 2);
    if (i === 4 || i === 8) await store.snapshot({ records: [...records] });
  }
  await store.close();
  return { disk, records };
}

/** The segments on the disk, the oldest first. */
const segments = (disk: MemoryDisk) => [...disk.names.keys()].filter((p) => p.includes('/journal')).sort();

test('the journal cut at every byte of its last record keeps all before it, and says what it cut', async () => {
  const disk = new MemoryDisk();
  const { store } = await openStore({ directory, disk });
  for (let n = 1; n <= 4; n++) store.append({ n });
  const whole = store.stats.bytes;
  store.append({ n: 5, text: 'the last one' });
  await store.close();
  const path = segments(disk)[0]!;
  for (let size = whole; size < disk.size(path); size++) {
    const torn = disk.afterKill();
    // The power went before the last record was synced, so nobody has noted it.
    torn.remove(`${directory}/head`);
    torn.names.get(path)!.bytes = disk.read(path).subarray(0, size);
    const { records, setAside } = await start(torn);
    assert.equal([...records.values()], [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    assert.is(setAside.length, size > whole ? 1 : 0);
    if (size > whole)
      assert.match(setAside[0]!, new RegExp(`: ${size - whole} bytes at offset ${whole} are damaged`));
  }
});

test('any byte changed anywhere changes nothing or is reported, and never makes a wrong record', async () => {
  const { disk, records } = await written();
  const paths = [...disk.names.keys()];
  let reported = 0;
  for (const path of paths) {
    for (let at = 0; at < disk.size(path); at++) {
      const copy = disk.afterKill();
      const bytes = copy.read(path);
      bytes[at]! ^= 1 << (at % 8);
      copy.names.get(path)!.bytes = bytes;
      const { records: found, setAside } = await start(copy);
      for (const [seq, data] of found) assert.equal(data, records.get(seq), `${path} at ${at}`);
      if (setAside.length > 0) reported++;
      else assert.is(found.size, records.size, `${path} at ${at}`);
    }
  }
  assert.ok(reported > 500, `${reported} changes were seen`);
});

test('damage in the middle is copied, reported with what is missing, and the rest is used', async () => {
  const { disk } = await written();
  const path = segments(disk).findLast((p) => parseName(basename(p))!.seq <= 12)!;
  const bytes = disk.read(path);
  bytes.fill(0, 30, 50);
  disk.names.get(path)!.bytes = bytes;
  const { setAside, records } = await start(disk);
  assert.match(setAside.join('\n'), /bytes at offset 24 are damaged; a copy is in damaged-journal/);
  assert.match(setAside.join('\n'), /is missing|are missing/);
  assert.ok(records.has(14));
  const copy = disk.list(directory).find((n) => n.startsWith('damaged-'))!;
  const [from, to] = copy.split('-').slice(-2).map(Number);
  assert.ok(disk.read(`${directory}/${copy}`).equals(bytes.subarray(from, to)));
});

test('a damaged newest snapshot falls back to the one before it, with nothing lost', async () => {
  const { disk, records } = await written();
  const snapshots = [...disk.names.keys()].filter((p) => p.includes('/snapshot'));
  assert.is(snapshots.length, 2);
  disk.names.get(snapshots[1]!)!.bytes[40]! ^= 1;
  const { records: found, setAside } = await start(disk);
  assert.equal(found, records);
  assert.is(setAside.length, 1);
  assert.match(setAside[0]!, /snapshot-.* is damaged and was renamed/);
  assert.equal((await start(disk)).setAside, []);
});

for (const name of ['journal-ffffffff-000000000001', 'snapshot-ffffffff-ffffffffffff'])
  test(`a stray file with the last number that a name has room for hides nothing: ${name}`, async () => {
    const { disk, records } = await written();
    disk.close(disk.create(`${directory}/${name}`));
    const { store } = await openStore({ directory, disk });
    assert.is(store.append({ n: 15 }), 15);
    await store.close();
    const { records: found, setAside } = await start(disk);
    assert.equal(setAside, []);
    assert.equal(found, new Map([...records, [15, { n: 15 }]]));
  });

test('numbers that a lost snapshot covered are reported as missing and not used again', async () => {
  const disk = new MemoryDisk();
  const first = (await openStore({ directory, disk })).store;
  for (let n = 1; n <= 3; n++) first.append({ n });
  await first.snapshot({ n: 3 });
  await first.close();
  for (const [path, inode] of disk.names) {
    if (path.includes('/journal')) disk.remove(path);
    else inode.bytes[30]! ^= 1;
  }
  const { store, recovered } = await openStore({ directory, disk });
  assert.is(recovered.snapshot, undefined);
  assert.match(recovered.setAside.join('\n'), /an older state is used\nrecords 1 to 3 are missing/);
  assert.is(store.append({}), 4);
  await store.close();
});

test('a torn tail is reported once, and what is appended after it follows', async () => {
  const disk = new MemoryDisk();
  const first = (await openStore({ directory, disk })).store;
  first.append({ n: 1 });
  first.append({ n: 2 });
  await first.close();
  const path = segments(disk)[0]!;
  disk.names.get(path)!.bytes = disk.read(path).subarray(0, -1);
  // The power went before the last record was synced, so nobody has noted it.
  disk.remove(`${directory}/head`);
  const { store, recovered } = await openStore({ directory, disk });
  assert.equal(recovered.records, [{ seq: 1, data: { n: 1 } }]);
  assert.is(recovered.setAside.length, 1);
  assert.is(store.append({ n: 3 }), 2);
  await store.close();
  const { records, setAside } = await start(disk);
  assert.equal(
    [...records],
    [
      [1, { n: 1 }],
      [2, { n: 3 }],
    ],
  );
  assert.equal(setAside, []);
});

test('with no room for a copy the damage stays where it is', async () => {
  const { disk } = await written();
  const path = segments(disk).at(-1)!;
  const torn = disk.read(path).subarray(0, -1);
  disk.names.get(path)!.bytes = torn;
  disk.room = 0;
  const { setAside } = await start(disk);
  assert.match(setAside[0]!, /no copy could be made \(ENOSPC\)/);
  assert.ok(disk.read(path).equals(torn));
});

test.run();

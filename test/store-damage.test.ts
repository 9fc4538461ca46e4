import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../src/store/open.js';
import { MemoryDisk } from './store-memory-disk.js';

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

test('the last segment cut at every byte of its last record keeps all before it', async () => {
  const { disk, records } = await written();
  const last = disk
    .list(directory)
    .filter((n) => n.startsWith('journal'))
    .sort()
    .at(-1)!;
  const path = `${directory}/${last}`;
  const size = disk.size(path);
  for (let cut = 1; cut < 60; cut++) {
    const torn = disk.afterKill();
    torn.names.get(path)!.bytes = disk.read(path).subarray(0, size - cut);
    const { records: found, setAside } = await start(torn);
    for (const [seq, data] of found) assert.equal(data, records.get(seq));
    for (let seq = 1; seq <= 12; seq++) assert.ok(found.has(seq), `record ${seq} with ${cut} bytes cut`);
    assert.ok(setAside.length <= 1);
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
  const path = [...disk.names.keys()].filter((p) => p.includes('journal')).at(-2)!;
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

test('a torn tail is reported once, and what is appended after it follows', async () => {
  const disk = new MemoryDisk();
  const first = (await openStore({ directory, disk })).store;
  first.append({ n: 1 });
  first.append({ n: 2 });
  await first.close();
  const path = [...disk.names.keys()][0]!;
  disk.names.get(path)!.bytes = disk.read(path).subarray(0, -1);
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
  const path = [...disk.names.keys()].filter((p) => p.includes('journal')).at(-1)!;
  const torn = disk.read(path).subarray(0, -1);
  disk.names.get(path)!.bytes = torn;
  disk.room = 0;
  const { setAside } = await start(disk);
  assert.match(setAside[0]!, /no copy could be made \(ENOSPC\)/);
  assert.ok(disk.read(path).equals(torn));
});

test.run();

// Files that the disk does not give out any more: they are as good as damaged, and everything else goes on.
import { basename } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeFrame, frameAt } from '../../src/store/frame.js';
import { fileHeaderSize } from '../../src/store/header.js';
import { openStore } from '../../src/store/open.js';
import type { StoreOptions } from '../../src/store/options.js';
import type { Outbox } from '../../src/store/outbox.js';
import type { Store } from '../../src/store/store.js';
import { MemoryDisk } from './memory-disk.js';
import { begin, old } from './rows.js';

const directory = '/store';
const failure = (code: string) => Object.assign(new Error(`${code}: simulated`), { code });

/** Reading the files that `is` names fails, as often as told. */
function breakReads(disk: MemoryDisk, is: (name: string) => boolean, times = Number.POSITIVE_INFINITY): void {
  let left = times;
  const check = (path: string) => {
    if (is(basename(path)) && left-- > 0) throw failure('EIO');
  };
  const { read } = MemoryDisk.prototype;
  disk.read = (path) => {
    check(path);
    return read.call(disk, path);
  };
  disk.head = (path, length) => {
    check(path);
    return read.call(disk, path).subarray(0, length);
  };
}

/** Two snapshots with records before, between and after them, and a sink that has read up to the eleventh of fourteen. */
async function written(): Promise<{ disk: MemoryDisk; names: { snapshots: string[]; segments: string[] } }> {
  const disk = new MemoryDisk();
  const { store } = await openStore({ directory, disk, segmentBytes: 120 });
  const sink = store.outbox('radius', 'oldest');
  const all: number[] = [];
  for (let i = 1; i <= 14; i++) {
    all.push(i);
    store.append({ i });
    await store.sync();
    sink.ack(i - 3);
    if (i === 4 || i === 8) await store.snapshot({ all: [...all] });
  }
  await store.close();
  const files = disk.list(directory).sort();
  const of = (kind: string) => files.filter((name) => name.startsWith(kind));
  return { disk, names: { snapshots: of('snapshot'), segments: of('journal') } };
}

interface Started {
  readonly store: Store;
  /** What the snapshot and the records after it say. */
  readonly found: readonly number[];
  readonly setAside: readonly string[];
}

async function start(disk: MemoryDisk, options: Partial<StoreOptions> = {}): Promise<Started> {
  const { store, recovered } = await openStore({ directory, disk, segmentBytes: 120, ...options });
  const { all } = (recovered.snapshot ?? { all: [] }) as { all: number[] };
  const found = [...all, ...recovered.records.map(({ data }) => (data as { i: number }).i)];
  return { store, found, setAside: recovered.setAside };
}

const seqs = (outbox: Outbox, after?: number) => outbox.read(100, after).map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('a reserve that the disk does not show keeps nobody from starting', async () => {
  const { disk } = await written();
  const { size } = MemoryDisk.prototype;
  disk.size = (path) => {
    if (path.endsWith('/reserve')) throw failure('EIO');
    return size.call(disk, path);
  };
  const { store } = await openStore({ directory, disk });
  assert.is(store.append({}), 15);
  await store.snapshot({ all: 15 });
  assert.is(store.stats.state, 'ok');
  await store.close();
});

test('a newest snapshot that cannot be read is replaced by the one before it, and status says so', async () => {
  const { disk, names } = await written();
  const newest = names.snapshots.at(-1)!;
  breakReads(disk, (name) => name.endsWith(newest));
  const { store, found, setAside } = await start(disk);
  assert.equal(found, range(1, 14));
  assert.is(setAside.length, 1);
  assert.match(setAside[0]!, new RegExp(`${newest} cannot be read \\(EIO\\)`));
  assert.match(store.stats.lastError!, /cannot be read/);
  assert.is(store.stats.state, 'damaged', 'it goes on as before');
  assert.is(store.append({ i: 15 }), 15);
  await store.close();
  assert.equal((await start(disk)).setAside, []);
});

test('a snapshot that cannot even be renamed keeps nobody from starting', async () => {
  const { disk, names } = await written();
  breakReads(disk, (name) => name.endsWith(names.snapshots.at(-1)!));
  disk.before = (call) => {
    if (call === 'rename') throw failure('EROFS');
  };
  const { found, store } = await start(disk);
  assert.equal(found, range(1, 14));
  await store.close();
});

test('a segment that cannot be read is left out: what was in it is said to be missing, and the rest is there', async () => {
  const { disk, names } = await written();
  for (const [index, name] of names.segments.entries()) {
    const copy = disk.afterKill();
    breakReads(copy, (one) => one.endsWith(name));
    const { store, found, setAside } = await start(copy);
    const before = found.length;
    if (before < 14)
      assert.match(setAside.join('\n'), new RegExp(`${name} cannot be read \\(EIO\\)`), `${index}`);
    if (before < 14) assert.match(store.stats.lastError!, /missing|cannot be read/);
    const next = store.append({ i: 99 });
    assert.ok(next > 14, 'no number is used again');
    await store.sync();
    assert.ok(seqs(store.outbox('radius', 'now')).includes(next), 'and the sink hears of what is new');
    await store.close();
  }
});

test('a disk that does not sync at the start keeps nobody from starting', async () => {
  for (const call of ['sync', 'syncDirectory', 'reopen']) {
    const { disk } = await written();
    disk.before = (name) => {
      if (name === call) throw failure('EIO');
    };
    if (call === 'reopen')
      disk.reopen = () => {
        throw failure('EROFS');
      };
    const { found, setAside, store } = await start(disk);
    assert.equal(found, range(1, 14), call);
    assert.match(setAside.join('\n'), /EIO|EROFS/, call);
    assert.equal(
      store.damages,
      [],
      `${call}: nothing is missing that the owner must know of when the disk works`,
    );
  }
});

test('a sink gets the rest after a segment that cannot be read, when that has been tried again', async () => {
  const disk = new MemoryDisk();
  const log: string[] = [];
  const options = { directory, disk, segmentBytes: 120, tailBytes: 1 };
  const { store } = await openStore({ ...options, log: (_, text) => log.push(text) });
  const sink = store.outbox('mqtt', 'oldest');
  for (let i = 1; i <= 30; i++) store.append({ i });
  await store.sync();
  const second = disk
    .list(directory)
    .filter((name) => name.startsWith('journal'))
    .sort()[1]!;
  breakReads(disk, (name) => name === second);
  let got: number[] = [];
  let refused = 0;
  for (let tries = 0; tries < 10 && !got.includes(30); tries++) {
    try {
      got = [...got, ...seqs(sink, got.at(-1))];
    } catch {
      refused += 1;
    }
  }
  assert.ok(got.includes(1) && got.includes(30));
  assert.ok(got.length < 30 && got.length > 20, `${got.length} of 30`);
  assert.ok(refused >= 1, 'not at the first error');
  assert.match(log.join('\n'), new RegExp(`${second} cannot be read \\(EIO\\)`));
  assert.match(log.join('\n'), /records \d+ to \d+ are missing/);
  assert.match(store.stats.lastError!, /missing|cannot be read/);
  const said = log.length;
  assert.equal(seqs(sink, 0), got);
  assert.is(log.length, said, 'said once');
});

test('a read that fails once loses nothing', async () => {
  const disk = new MemoryDisk();
  const { store } = await openStore({ directory, disk, segmentBytes: 120, tailBytes: 1 });
  const sink = store.outbox('mqtt', 'oldest');
  for (let i = 1; i <= 30; i++) store.append({ i });
  await store.sync();
  const second = disk
    .list(directory)
    .filter((name) => name.startsWith('journal'))
    .sort()[1]!;
  breakReads(disk, (name) => name === second, 2);
  const first = seqs(sink);
  assert.ok(first.length < 10);
  assert.throws(() => seqs(sink, first.at(-1)));
  assert.equal([...first, ...seqs(sink, first.at(-1))], range(1, 30));
});

test('a record that nobody can decode holds up no sink', async () => {
  const disk = new MemoryDisk();
  const log: string[] = [];
  const options = { directory, disk, tailBytes: 1 };
  const { store } = await openStore({ ...options, log: (_, text) => log.push(text) });
  const sink = store.outbox('mqtt', 'oldest');
  for (let i = 1; i <= 3; i++) store.append({ i });
  await store.sync();
  const inode = disk.names.get(`${directory}/${disk.list(directory)[0]}`)!;
  const frame = frameAt(inode.bytes, frameAt(inode.bytes, fileHeaderSize)!.end)!;
  encodeFrame(frame.kind, frame.seq, Buffer.alloc(frame.payload.length, 0xc1)).copy(inode.bytes, frame.start);
  assert.equal(seqs(sink), [1, 3]);
  assert.match(log.join('\n'), /record 2 /);
});

test('a segment that cannot be read keeps no other from being made smaller', async () => {
  const life = await old({});
  await life.store.close();
  const again = await begin(life.disk);
  const segments = life.disk
    .list(directory)
    .filter((name) => name.startsWith('journal'))
    .sort();
  breakReads(life.disk, (name) => name === segments[1]);
  await again.store.snapshot({});
  await again.store.idle();
  await again.store.snapshot({});
  await again.store.idle();
  assert.not.match(again.log.join('\n'), /cannot compact/);
});

test('a disk that reads and writes nothing at the start and heals later: the damage is still said, and no file is lost', async () => {
  const { disk, names } = await written();
  const real = { read: disk.read, head: disk.head };
  breakReads(disk, (name) => /^(?:journal|snapshot)/.test(name));
  disk.before = () => {
    throw failure('EIO');
  };
  const { store } = await openStore({ directory, disk });
  assert.is(store.damages.length > 0, true);
  Object.assign(disk, real);
  disk.before = () => {};
  await store.snapshot({ all: [] });
  await store.close();
  const next = await openStore({ directory, disk });
  assert.is(next.store.stats.state, 'damaged');
  assert.match(next.store.damages.join(), /cannot be read \(EIO\).*missing/);
  for (let n = 0; n < 3; n++) await next.store.snapshot({ all: [n] });
  await next.store.close();
  for (const name of [...names.snapshots, ...names.segments])
    assert.ok(disk.names.has(`${directory}/damaged-${name}`), name);
});

test.run();

// The newest records are gone, whatever took them: it is noticed, and stays said until the owner has seen it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeFrame, frameKind } from '../../src/store/frame.js';
import { Head } from '../../src/store/head.js';
import { Health } from '../../src/store/health.js';
import { openStore } from '../../src/store/open.js';
import type { Store } from '../../src/store/store.js';
import fc from '../rig/properties.js';
import { MemoryDisk } from './memory-disk.js';

const directory = '/store';

const open = async (disk: MemoryDisk) => openStore({ directory, disk, segmentBytes: 130 });
const segments = (disk: MemoryDisk) => [...disk.names.keys()].filter((p) => p.includes('/journal')).sort();

/** So many records, each on the disk. */
async function append(store: Store, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    store.append({ n });
    await store.sync();
  }
}

/** A journal with a snapshot and some records behind it, in two segments. */
async function written(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const { store } = await open(disk);
  await append(store, 4);
  await store.snapshot({ all: 4 });
  await append(store, 4);
  await store.close();
  return disk;
}

const harms: [string, (disk: MemoryDisk, path: string) => void][] = [
  ['zeroed', (disk, path) => disk.names.get(path)!.bytes.fill(0)],
  ['emptied', (disk, path) => Object.assign(disk.names.get(path)!, { bytes: Buffer.alloc(0) })],
  ['deleted', (disk, path) => disk.remove(path)],
  ['cut', (disk, path) => Object.assign(disk.names.get(path)!, { bytes: disk.read(path).subarray(0, -1) })],
];

for (const [name, harm] of harms) {
  test(`the newest file ${name}: the journal is damaged, over restarts, until the owner acknowledges it`, async () => {
    const disk = await written();
    harm(disk, segments(disk).at(-1)!);
    const first = await open(disk);
    assert.match(first.recovered.setAside.join('\n'), /records? .*8 (is|are) missing/);
    assert.is(first.store.stats.state, 'damaged');
    assert.match(first.store.stats.lastError!, /missing/);
    assert.is(first.store.append({}), 9, 'no number is used twice');
    await first.store.snapshot({ all: 9 });
    await first.store.close();
    const second = await open(disk);
    assert.equal(second.recovered.setAside, [], 'it is summed up');
    assert.is(second.store.stats.state, 'damaged');
    assert.ok((await second.store.acknowledgeDamage()) > 0);
    assert.is(second.store.stats.state, 'ok');
    assert.is(second.store.stats.lastError, undefined);
    await second.store.close();
    const third = await open(disk);
    assert.is(third.store.stats.state, 'ok');
    await third.store.close();
  });
}

test('all files of the journal deleted but the small one: what is missing is known', async () => {
  const disk = await written();
  for (const path of [...disk.names.keys()]) if (!path.endsWith('/head')) disk.remove(path);
  const { store, recovered } = await open(disk);
  assert.match(recovered.setAside.join('\n'), /records 1 to 8 are missing/);
  await store.close();
});

test('a number that no record can have is not believed: the journal can be written', async () => {
  const disk = await written();
  const last = encodeFrame(frameKind.cursors, 2 ** 48 - 1, Buffer.alloc(0));
  disk.names.get('/store/head')!.bytes = last;
  const { store } = await open(disk);
  assert.is(store.append({}), 9);
  await store.close();
});

test('a list of damages that cannot be read is a damage', async () => {
  const disk = await written();
  disk.remove(segments(disk).at(-1)!);
  await (await open(disk)).store.close();
  disk.names.get(`${directory}/damages`)!.bytes[20]! ^= 1;
  const { store } = await open(disk);
  assert.match(store.damages.join(), /^what was found damaged before cannot be read any more/);
  await store.snapshot({ all: 8 });
  await store.acknowledgeDamage();
  await store.close();
  const next = await open(disk);
  assert.is(next.store.stats.state, 'ok');
  await next.store.close();
});

test('a damage is said again when the power goes before it is summed up', async () => {
  const disk = await written();
  disk.remove(segments(disk).at(-1)!);
  await open(disk);
  const next = await open(disk.afterPowerCut(() => 0));
  assert.is(next.store.stats.state, 'damaged');
});

const losses: [string, (disk: MemoryDisk) => void][] = [
  ['deleted', (disk) => disk.remove(`${directory}/head`)],
  ['zeroed', (disk) => disk.names.get(`${directory}/head`)!.bytes.fill(0)],
  ['overwritten', (disk) => disk.names.get(`${directory}/head`)!.bytes.fill(0xff)],
];
for (const [name, lose] of losses) {
  test(`the small file ${name}: all records are read, and the owner hears that nobody knows of more`, async () => {
    const disk = await written();
    lose(disk);
    const { store, recovered } = await open(disk);
    assert.equal(recovered.setAside, []);
    assert.equal(
      recovered.records.map(({ seq }) => seq),
      [5, 6, 7, 8],
    );
    assert.match(store.damages.join(), /^the file head is lost or damaged: .* is not known$/);
    await append(store, 1);
    await store.acknowledgeDamage();
    await store.close();
    assert.is(new Head(disk, directory).noted, 9);
    const next = await open(disk);
    assert.is(next.store.stats.state, 'ok');
    await next.store.close();
  });
}

test('a young journal without the small file, as one of an earlier version, is no damage', async () => {
  const disk = new MemoryDisk();
  const { store } = await open(disk);
  await append(store, 4);
  await store.close();
  disk.remove(`${directory}/head`);
  const next = await open(disk);
  assert.is(next.store.stats.state, 'ok');
  await next.store.close();
});

test('a journal of an earlier version is summed up before anything is sold: that is no damage', async () => {
  const disk = new MemoryDisk();
  const { store } = await open(disk);
  await append(store, 4);
  await store.close();
  disk.remove(`${directory}/head`);
  const upgraded = await open(disk);
  await upgraded.store.snapshot({ all: 4 });
  await upgraded.store.close();
  const next = await open(disk);
  assert.equal(next.store.damages, []);
  await next.store.close();
});

test('the small file lost, and acknowledged: a start without a sale does not say it again', async () => {
  const disk = await written();
  disk.remove(`${directory}/head`);
  const { store } = await open(disk);
  await store.acknowledgeDamage();
  await store.snapshot({ all: 8 });
  await store.close();
  const next = await open(disk);
  assert.equal(next.store.damages, []);
  await next.store.close();
});

test('a write of the small file that is cut off at any byte leaves the number before', () => {
  const disk = new MemoryDisk();
  const head = new Head(disk, directory);
  const health = new Health();
  for (const seq of [1, 2, 3]) head.note(seq, health);
  const before = disk.read(`${directory}/head`);
  head.note(4, health);
  const after = disk.read(`${directory}/head`);
  for (let at = 0; at <= after.length; at++) {
    const mixed = Buffer.concat([after.subarray(0, at), before.subarray(at)]);
    disk.names.get(`${directory}/head`)!.bytes = mixed;
    const { noted } = new Head(disk, directory);
    assert.is(noted, mixed.equals(after) ? 4 : 3, `cut at ${at}`);
  }
});

test('a disk that takes no note of the newest record takes the record all the same, and has failed', async () => {
  const disk = new MemoryDisk();
  const { store } = await open(disk);
  disk.before = (_, file) => {
    if (file === 'head') throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  await append(store, 3);
  await store.snapshot({ all: 3 });
  assert.is(store.stats.state, 'failed');
  assert.match(store.stats.lastError!, /cannot write \/store\/head/);
  disk.before = () => {};
  await append(store, 1);
  assert.is(store.stats.state, 'ok');
  await store.close();
  assert.is(new Head(disk, directory).noted, 4);
});

test('no kill and no power cut, at whatever call to the disk, is taken for damage', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 120 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (last, choices, isKill) => {
        const disk = new MemoryDisk();
        const { store } = await open(disk);
        let calls = 0;
        disk.before = () => {
          if (++calls >= last) throw new Error('the process is gone');
        };
        const work = async () => {
          for (let round = 0; round < 3; round++) {
            await append(store, 4);
            await store.snapshot({ round });
          }
        };
        await work().catch(() => {});
        let turn = 0;
        const pick = (max: number) => choices[turn++ % choices.length]! % (max + 1);
        const next = await open(isKill ? disk.afterKill() : disk.afterPowerCut(pick));
        assert.equal(next.store.damages, []);
        assert.is(next.store.stats.state, 'ok');
      },
    ),
    { numRuns: 300 },
  );
});

test.run();

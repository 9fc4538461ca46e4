// Money in a file beside the journal: what was put in is there after any crash, and in no other file.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileSafe } from '../../src/store/safe.js';
import { seeded, whole } from '../rig/random.js';
import { MemoryDisk, type Pick } from './memory-disk.js';

function emptyDisk(): MemoryDisk {
  const disk = new MemoryDisk();
  disk.makeDirectory('/store');
  return disk;
}

const lines: string[] = [];
const open = (disk: MemoryDisk) => FileSafe.open('/store', 'money', (text) => lines.push(text), disk);
const all = (safe: FileSafe) => Object.fromEntries(safe.all());

test('what was put in is there at the next start, changed and taken out as it was', async () => {
  const disk = emptyDisk();
  const safe = await open(disk);
  await Promise.all([safe.put('a', { n: 1 }), safe.put('b', { n: 2 }), safe.put('a', { n: 3 })]);
  await safe.put('c', { n: 4 });
  await safe.put('b', undefined);
  assert.equal(all(await open(disk)), { a: { n: 3 }, c: { n: 4 } });
});

test('a change that a crash has torn was never promised, and the next one takes its place', async () => {
  const disk = emptyDisk();
  const safe = await open(disk);
  await safe.put('a', { n: 1 });
  const whole = disk.size('/store/money');
  await safe.put('b', { text: 'x'.repeat(100) });
  for (let cut = whole; cut < disk.size('/store/money'); cut += 7) {
    const torn = emptyDisk();
    const fd = torn.create('/store/money');
    torn.write(fd, disk.read('/store/money').subarray(0, cut), 0);
    torn.close(fd);
    const again = await open(torn);
    assert.equal(all(again), { a: { n: 1 } }, `${cut}`);
    await again.put('c', { n: 2 });
    assert.equal(all(await open(torn)), { a: { n: 1 }, c: { n: 2 } }, `${cut}`);
  }
  assert.equal(lines, []);
});

test('a disk that fails at any call leaves what was there, and takes the next change', async () => {
  for (const call of ['create', 'reopen', 'write', 'sync', 'rename']) {
    const disk = emptyDisk();
    const safe = await open(disk);
    await safe.put('a', { n: 1 });
    disk.fail(call, 'ENOSPC');
    const code = await safe.put('a', { n: 2 }).then(
      () => 'put',
      (cause: { code: string }) => cause.code,
    );
    assert.ok(code === 'storage_full' || code === 'put', `${call}: ${code}`);
    disk.before = () => {};
    if (code !== 'put') assert.equal(all(safe), { a: { n: 1 } }, call);
    await safe.put('b', { n: 3 });
    assert.equal(all(await open(disk)), all(safe), call);
  }
});

test('a file that is damaged in its middle is kept beside it, and the rest is read', async () => {
  const disk = emptyDisk();
  const safe = await open(disk);
  await safe.put('a', { n: 1 });
  const from = disk.size('/store/money');
  await safe.put('b', { n: 2 });
  await safe.put('c', { n: 3 });
  const fd = disk.reopen('/store/money');
  disk.write(fd, Buffer.from([0, 0, 0]), from + 8);
  disk.close(fd);
  const again = await open(disk);
  assert.equal(all(again), { a: { n: 1 }, c: { n: 3 } });
  assert.ok(disk.list('/store').includes('money.damaged'));
  assert.match(lines.join(), /money\.damaged/);
});

test('a damaged file is read also where there is no room for a copy', async () => {
  const disk = emptyDisk();
  const safe = await open(disk);
  await safe.put('a', { n: 1 });
  await safe.put('b', { n: 2 });
  disk.names.get('/store/money')!.bytes[8]! ^= 1;
  disk.room = 0;
  assert.equal(all(await open(disk)), { b: { n: 2 } });
  assert.match(lines.at(-1)!, /no copy of it could be made \(ENOSPC\)/);
});

test('any bit that flips in the last change is damage, and no end that a crash has torn', async () => {
  const disk = emptyDisk();
  const safe = await open(disk);
  await safe.put('a', { n: 1 });
  const from = disk.size('/store/money');
  await safe.put('b', { n: 2 });
  for (let at = from * 8; at < disk.size('/store/money') * 8; at++) {
    const harmed = disk.afterKill();
    harmed.names.get('/store/money')!.bytes[at >> 3]! ^= 1 << (at & 7);
    const told: string[] = [];
    const again = await FileSafe.open('/store', 'money', (text) => told.push(text), harmed);
    assert.equal(all(again), { a: { n: 1 } });
    assert.match(
      told.join(),
      /part of it is damaged: the file as it was is \/store\/money\.damaged/,
      `bit ${at}`,
    );
  }
});

for (const [what, harm] of [
  ['emptied', (disk: MemoryDisk) => (disk.names.get('/store/money')!.bytes = Buffer.alloc(0))],
  ['deleted', (disk: MemoryDisk) => disk.remove('/store/money')],
  ['zeroed', (disk: MemoryDisk) => disk.names.get('/store/money')!.bytes.fill(0)],
] as const) {
  test(`a file that was ${what} is told of once, and takes what comes`, async () => {
    const disk = emptyDisk();
    const safe = await open(disk);
    await safe.put('a', { n: 1 });
    await safe.put('b', { n: 2 });
    harm(disk);
    const told: string[] = [];
    const tell = (text: string) => told.push(text);
    assert.equal(all(await FileSafe.open('/store', 'money', tell, disk)), {});
    assert.is(told.length, 1);
    const again = await FileSafe.open('/store', 'money', tell, disk);
    await again.put('c', { n: 3 });
    assert.equal(all(await FileSafe.open('/store', 'money', tell, disk)), { c: { n: 3 } });
    assert.is(told.length, 1, told.join());
  });
}

test('no kill, no power cut and no disk that fails is taken for damage, and what was promised is there', async () => {
  const random = seeded(20);
  const pick: Pick = (max) => whole(random, 0, max);
  const told: string[] = [];
  const reopen = (from: MemoryDisk) => FileSafe.open('/store', 'money', (text) => told.push(text), from);
  for (let run = 0; run < 400; run++) {
    let disk = emptyDisk();
    let safe = await reopen(disk);
    // What a value may be: the last one promised, and those that were tried since then.
    const may = new Map<string, unknown[]>();
    for (let n = 0; n < 12; n++) {
      const name = 'abc'[pick(2)]!;
      const value = pick(4) === 0 ? undefined : { n, text: 'x'.repeat(pick(60)) };
      const dies = pick(3) === 0;
      let left: MemoryDisk | undefined;
      const isKill = pick(1) === 0;
      const die = () => (isKill ? disk.afterKill() : disk.afterPowerCut(pick));
      let calls = pick(9);
      const fails = pick(3) === 0;
      disk.before = () => {
        if (calls-- > 0) return;
        if (dies) left ??= die();
        if (fails && !left) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      };
      const isPut = await safe.put(name, value).then(
        () => true,
        () => false,
      );
      disk.before = () => {};
      if (isPut && !left) may.set(name, [value]);
      else may.set(name, [...(may.get(name) ?? [undefined]), value]);
      if (!dies) continue;
      disk = left ?? die();
      safe = await reopen(disk);
      const found = all(safe);
      for (const [one, values] of may) {
        const is = JSON.stringify(found[one]);
        assert.ok(
          values.some((value) => JSON.stringify(value) === is),
          `run ${run}: ${one} is ${is}, not of ${JSON.stringify(values)}`,
        );
        // What a kill has left may be in the page cache alone.
        if (!isKill) may.set(one, [found[one]]);
      }
      assert.equal(told, [], `run ${run}`);
    }
  }
});

test('what was changed often takes no more room than a few times what it is', async () => {
  const disk = emptyDisk();
  const safe = await open(disk);
  const text = 'one and another and a third one '.repeat(40);
  for (let n = 0; n < 3000; n++) await safe.put(`${n % 3}`, { n, text });
  assert.ok(disk.size('/store/money') < 128 * 1024, `${disk.size('/store/money')} bytes`);
  assert.equal(Object.keys(all(await open(disk))), ['0', '1', '2']);
});

test.run();

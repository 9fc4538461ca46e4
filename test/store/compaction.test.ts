// What is kept for a sink that does not answer: segments are written again without what later records supersede.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { StoreError } from '../../src/store/error.js';
import { openStore } from '../../src/store/open.js';
import { noise } from '../rig/noise.js';
import type { Pick } from './memory-disk.js';
import {
  assertComplete,
  begin,
  compactedFiles,
  delivered,
  directory,
  type Life,
  old,
  type Rows,
  work,
} from './rows.js';

test('a sink that lags gets the newest of what was superseded, and everything else', async () => {
  const { disk, store, records, outbox } = await old();
  const paths = compactedFiles(disk);
  assert.ok(paths.length >= 4, `${paths.length} of ${store.stats.segments}`);
  const here = new Map(outbox.read(1000).map(({ seq, data }) => [seq, data as Rows]));
  assertComplete(here, records);
  assert.ok(here.size < records.size * 0.7, `${here.size} of ${records.size}`);
  await store.close();
  const { got, log } = await delivered(disk);
  assert.equal(got, here);
  assert.equal(log, []);
});

test('the newest segments are as they were: a start from either snapshot finds the same', async () => {
  const { disk, store, records } = await old();
  await store.close();
  const plain = await old({});
  await plain.store.close();
  for (const lost of [0, 1]) {
    const [a, b] = [disk, plain.disk].map((d) => d.afterKill());
    const results = [];
    for (const copy of [a!, b!]) {
      const snapshots = [...copy.names.keys()].filter((p) => p.includes('/snapshot')).sort();
      assert.is(snapshots.length, 2);
      if (lost > 0) copy.names.get(snapshots.at(-1)!)!.bytes[40]! ^= 1;
      const { store, recovered } = await openStore({ directory, disk: copy });
      await store.close();
      const found = new Map((recovered.snapshot as { records: [number, Rows][] }).records);
      for (const { seq, data } of recovered.records) found.set(seq, data as Rows);
      assert.equal(found, records);
      results.push({ found, setAside: recovered.setAside.length });
    }
    assert.equal(results[0], results[1]);
  }
});

test('with both snapshots lost, what was left out is not called missing', async () => {
  const { disk, store, records } = await old();
  await store.close();
  for (const path of [...disk.names.keys()]) if (path.includes('/snapshot')) disk.remove(path);
  const { store: next, recovered } = await openStore({ directory, disk });
  assertComplete(new Map(recovered.records.map(({ seq, data }) => [seq, data as Rows])), records);
  assert.equal(recovered.setAside, []);
  assert.equal(next.sinks, ['dead'], 'the newest cursors are there, too');
  assert.is(next.append({}), records.size + 1);
  await next.close();
});

test('each segment is written again once, and what is written is counted', async () => {
  const life = await old();
  const written = new Map<string, number>();
  const { disk, store } = life;
  disk.before = (call, file) => {
    if (call === 'rename' && file.startsWith('journal')) written.set(file, (written.get(file) ?? 0) + 1);
  };
  const before = compactedFiles(disk).length;
  for (let round = 0; round < 3; round++) {
    await work(life);
    await store.idle();
  }
  assert.ok(written.size > 3);
  assert.equal([...new Set(written.values())], [1]);
  assert.is(compactedFiles(disk).length, before + written.size);
  const plain = await old({});
  for (let round = 0; round < 3; round++) await work(plain);
  const left = compactedFiles(disk).reduce((sum, path) => sum + disk.size(path), 0);
  assert.is(store.stats.bytesWritten - plain.store.stats.bytesWritten, left);
});

test('where sinks keep up nothing is written again, nor where little would be left out', async () => {
  const prompt = await begin();
  for (let round = 0; round < 4; round++) {
    prompt.outbox.ack(prompt.store.stats.lastSeq);
    await work(prompt);
    await prompt.store.idle();
  }
  assert.equal(compactedFiles(prompt.disk), []);
  const money = await begin();
  let reads = 0;
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 20; i++) money.store.append({ n: i, rows: [], text: 'paid' });
    await money.store.snapshot({});
    await money.store.idle();
  }
  assert.equal(compactedFiles(money.disk), []);
  const read = money.disk.read.bind(money.disk);
  money.disk.read = (path) => {
    reads++;
    return read(path);
  };
  await money.store.snapshot({});
  await money.store.idle();
  assert.ok(reads < 20, 'nor is it looked at again and again');
});

/** The calls to the disk that a compaction makes, from the snapshot before it. */
async function compact(dieAt = Number.POSITIVE_INFINITY): Promise<{ life: Life; calls: number }> {
  const life = await begin();
  await work(life, 12);
  await work(life, 12);
  await life.store.idle();
  let calls = 0;
  life.disk.before = () => {
    if (++calls >= dieAt) throw new Error('the process is gone');
  };
  await work(life, 4).catch(() => {});
  await life.store.idle();
  return { life, calls };
}

test('a kill or a power cut at any call to the disk leaves each segment as it was or as it is to be', async () => {
  const picks: (() => Pick)[] = [
    () => () => 0,
    () => (max) => max,
    ...[1, 2, 3].map((stride) => () => {
      let i = 0;
      return (max: number) => {
        i += stride;
        return i % (max + 1);
      };
    }),
  ];
  const { calls, life } = await compact();
  assert.ok(compactedFiles(life.disk).length >= 2);
  for (let call = 1; call <= calls; call++) {
    const { life } = await compact(call);
    const durable = new Map([...life.records].filter(([seq]) => seq <= 24));
    for (const pick of [undefined, ...picks]) {
      const disk = pick ? life.disk.afterPowerCut(pick()) : life.disk.afterKill();
      const { store, recovered } = await openStore({ directory, disk });
      await store.close();
      if (!pick) assert.equal(recovered.setAside, []);
      const { got, log } = await delivered(disk);
      const last = Math.max(24, ...got.keys());
      const records = new Map([...life.records].filter(([seq]) => seq <= last));
      assert.ok(records.size >= durable.size);
      assertComplete(got, records, `call ${call}`);
      assert.equal(log, []);
      assert.not(disk.list(directory).some((name) => name.endsWith('.new')));
    }
  }
});

test('a compaction that fails changes nothing, says why, and is made good by the next', async () => {
  for (const call of ['create', 'write', 'sync', 'rename', 'syncDirectory']) {
    const life = await begin();
    await work(life);
    await work(life);
    await life.store.idle();
    let left = 1;
    let begun = false;
    life.disk.before = (name, file) => {
      begun ||= file.endsWith('.new') && file.startsWith('journal');
      if (!begun || name !== call || left-- <= 0) return;
      throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' });
    };
    await life.store.snapshot({});
    await life.store.idle();
    assert.is(life.log.length, 1, call);
    assert.match(life.log[0]!, /cannot compact the journal: EIO/);
    assert.is(life.store.stats.state, 'ok');
    await life.store.snapshot({});
    await life.store.idle();
    assert.ok(compactedFiles(life.disk).length >= 2, call);
    await life.store.close();
    assert.is(life.disk.openFiles, 0);
    assertComplete((await delivered(life.disk)).got, life.records, call);
  }
});

test('what a compaction frees is there for the room that a full disk must keep', async () => {
  const life = await begin();
  const { disk, store } = life;
  for (let i = 0; i < 900; i++) store.append({ n: i, rows: [1], text: noise(80) });
  await work(life);
  store.giveRoom();
  disk.room = 20_000;
  const full = await work(life).catch((cause: StoreError) => cause.code);
  assert.is(full, 'storage_full');
  await store.idle();
  assert.ok(disk.room > 80_000);
  await store.snapshot({});
  assert.ok(disk.names.has(`${directory}/reserve`));
  assert.is(store.stats.state, 'ok');
  await store.close();
});

test('on a full disk segments stay as they are until there is room for the new one', async () => {
  const life = await begin();
  const { disk, store, records, log } = life;
  await work(life);
  disk.before = (call, file) => {
    if (call === 'create' && /^journal.*new$/.test(file)) disk.room = 20;
  };
  await work(life);
  await store.idle();
  assert.equal(compactedFiles(disk), []);
  assert.is(disk.room, 20, 'what was taken is given back');
  assert.equal(log, []);
  assert.is(store.stats.state, 'ok');
  disk.before = () => {};
  disk.room = 1_000_000;
  await store.snapshot({});
  await store.idle();
  assert.ok(compactedFiles(disk).length > 4);
  assertComplete((await delivered(disk.afterKill())).got, records);
});

test.run();

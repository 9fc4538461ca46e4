import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../../src/store/open.js';
import type { Store } from '../../src/store/store.js';
import { MemoryDisk, type Pick } from './memory-disk.js';

const directory = '/store';
const segmentBytes = 130;

/** What power cuts keep of what was not synced: nothing, everything, and mixtures. */
const picks: (() => Pick)[] = [
  () => () => 0,
  () => (max) => max,
  ...[1, 2, 3, 5].map((stride) => () => {
    let i = 0;
    return (max: number) => {
      i += stride;
      return i % (max + 1);
    };
  }),
];

interface Life {
  readonly store: Store;
  /** Records that were appended and synced. */
  synced: number;
  appended: number;
}

/** Appends, rolls over, and takes snapshots with records coming in meanwhile. */
async function live(life: Life): Promise<void> {
  const { store } = life;
  const append = () => {
    life.appended = store.append({ n: life.appended + 1 });
  };
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 6; i++) {
      append();
      const { appended } = life;
      await store.sync();
      life.synced = Math.max(life.synced, appended);
    }
    const { appended } = life;
    const snapshot = store.snapshot({ upTo: appended });
    snapshot.catch(() => {});
    append();
    await snapshot;
    life.synced = Math.max(life.synced, appended);
  }
}

/** The number of the last record that a start finds; all before it must be there. */
async function recovered(disk: MemoryDisk): Promise<{ last: number; setAside: readonly string[] }> {
  const { store, recovered } = await openStore({ directory, disk, segmentBytes });
  let last = (recovered.snapshot as { upTo: number } | undefined)?.upTo ?? 0;
  for (const { seq, data } of recovered.records) {
    assert.equal(data, { n: seq });
    assert.is(seq, ++last);
  }
  store.append({ n: last + 1 });
  await store.close();
  return { last, setAside: recovered.setAside };
}

async function callsOf(): Promise<number> {
  const disk = new MemoryDisk();
  const { store } = await openStore({ directory, disk, segmentBytes });
  let calls = 0;
  disk.before = () => calls++;
  await live({ store, synced: 0, appended: 0 });
  return calls;
}

/** Runs until the disk is gone at the given call. */
async function diesAt(call: number): Promise<{ disk: MemoryDisk; life: Life }> {
  const disk = new MemoryDisk();
  const { store } = await openStore({ directory, disk, segmentBytes });
  let calls = 0;
  disk.before = () => {
    if (++calls >= call) throw new Error('the process is gone');
  };
  const life = { store, synced: 0, appended: 0 };
  await live(life).catch(() => {});
  return { disk, life };
}

test('a kill at any call to the disk loses no record that was written', async () => {
  const calls = await callsOf();
  assert.ok(calls > 80, `${calls} calls`);
  for (let call = 1; call <= calls; call++) {
    const { disk, life } = await diesAt(call);
    const { last, setAside } = await recovered(disk.afterKill());
    assert.is(last, life.appended, `killed at call ${call}`);
    assert.equal(setAside, [], `killed at call ${call}`);
  }
});

test('a power cut at any call to the disk loses no record that was synced', async () => {
  const calls = await callsOf();
  for (let call = 1; call <= calls; call++) {
    for (const pick of picks) {
      const { disk, life } = await diesAt(call);
      const { last } = await recovered(disk.afterPowerCut(pick()));
      assert.ok(
        last >= life.synced && last <= life.appended,
        `cut at call ${call}: ${last} of ${life.synced}`,
      );
    }
  }
});

test('a call to the disk that fails once loses nothing that was accepted', async () => {
  const calls = await callsOf();
  for (let call = 1; call <= calls; call++) {
    const disk = new MemoryDisk();
    const { store } = await openStore({ directory, disk, segmentBytes });
    let count = 0;
    disk.before = () => {
      if (++count === call) throw Object.assign(new Error('once'), { code: 'ENOSPC' });
    };
    const life = { store, synced: 0, appended: 0 };
    await live(life).catch(() => {});
    await store.sync();
    const { last } = await recovered(disk.afterPowerCut(() => 0));
    assert.is(last, life.appended, `failed at call ${call}`);
  }
});

test.run();

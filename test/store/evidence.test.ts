// Files that were put aside as damaged: for the owner to look at, and not for ever.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../../src/store/open.js';
import { MemoryDisk } from './memory-disk.js';

const directory = '/store';

/** A store whose newest snapshot is damaged at each of so many starts. */
async function damaged(times: number): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (let n = 0; n <= times; n++) {
    const { store } = await openStore({ directory, disk });
    store.append({ n });
    await store.snapshot({ n });
    await store.close();
    const snapshots = disk.list(directory).filter((name) => name.startsWith('snapshot-'));
    if (n < times) disk.names.get(`${directory}/${snapshots.sort().at(-1)}`)!.bytes[20]! ^= 1;
  }
  return disk;
}

const aside = (disk: MemoryDisk) =>
  disk
    .list(directory)
    .filter((name) => name.startsWith('damaged-snapshot'))
    .sort();

async function acknowledge(disk: MemoryDisk): Promise<void> {
  const { store } = await openStore({ directory, disk });
  await store.acknowledgeDamage();
  await store.close();
}

test('what the owner has not acknowledged is kept; then the newest eight files that were put aside', async () => {
  const disk = await damaged(20);
  const all = aside(disk);
  assert.is(all.length, 20);
  await acknowledge(disk);
  assert.equal(aside(disk), all.slice(-8));
});

test('a disk that damages a file at each start keeps 32 of them at the most, the newest', async () => {
  const disk = await damaged(40);
  assert.is(aside(disk).length, 32);
});

test('a file of somebody else is left alone, whatever it is called', async () => {
  const disk = await damaged(12);
  const others = ['damaged-by-me', 'damaged-journal-old', 'tokens.damaged'];
  for (const name of others) disk.close(disk.create(`${directory}/${name}`));
  await acknowledge(disk);
  for (const name of others) assert.ok(disk.list(directory).includes(name), name);
});

test.run();

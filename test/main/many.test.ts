// A router with many sessions is killed while it sells, its power is cut, its disk fails. See test/many.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { faults, onBadDisk } from '../many/bad-disk.js';
import { DiskPoints } from '../many/disk-points.js';
import { Many } from '../many/many.js';

test('with many sessions a kill and a power cut lose no sale that was answered, and cut nobody off', async () => {
  const { wrongs, figures } = await Many.run({ sessions: 200, kills: 2, sales: 6, cuts: 12, seed: 1 });
  console.log(`  ${JSON.stringify(figures)}`);
  assert.equal(wrongs, []);
  assert.ok(figures.cuts > 0, 'no power cut was tried');
});

test('at whatever call the disk fails, and with a kill beside it, each order is there once or not at all, and paid for', async () => {
  const { wrongs, figures } = await DiskPoints.run({ sessions: 60, points: 12, seed: 1 });
  console.log(`  ${JSON.stringify(figures)}`);
  assert.equal(wrongs, []);
  assert.ok(figures.refused > 0 && figures.kills > 0, 'the disk never failed');
});

const words = { EIO: 'fails', EROFS: 'is read-only', names: 'has no inode' };
for (const fault of faults) {
  test(`with many sessions on a disk that ${words[fault]} nothing is sold, all who have paid are served, and caps hold`, async () => {
    assert.equal(await onBadDisk({ sessions: 100, seed: 1 }, fault), []);
  });
}

test.run();

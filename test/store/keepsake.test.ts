// Plain data in a file of its own: whole, or not there.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Keepsake } from '../../src/store/keepsake.js';
import { MemoryDisk } from './memory-disk.js';

const data = { a: [1, 2 ** 40], b: Buffer.from('x'), c: 'text'.repeat(50) };

function emptyDisk(): MemoryDisk {
  const disk = new MemoryDisk();
  disk.makeDirectory('/store');
  return disk;
}

test('what is kept is there at the next start, and another one takes its place', async () => {
  const disk = emptyDisk();
  assert.is(new Keepsake('/store', 'state', disk).load(), undefined);
  await new Keepsake('/store', 'state', disk).save(data);
  assert.equal(new Keepsake('/store', 'state', disk).load(), data);
  await new Keepsake('/store', 'state', disk).save({ n: 1 });
  assert.equal(new Keepsake('/store', 'state', disk).load(), { n: 1 });
});

test('a disk that fails leaves the old data', async () => {
  for (const call of ['create', 'write', 'sync', 'rename']) {
    const disk = emptyDisk();
    const keepsake = new Keepsake('/store', 'state', disk);
    await keepsake.save(data);
    disk.before = (name) => {
      if (name === call) throw Object.assign(new Error('simulated'), { code: 'ENOSPC' });
    };
    const code = await keepsake.save({ n: 1 }).then(
      () => 'saved',
      (cause: { code: string }) => cause.code,
    );
    assert.is(code, 'storage_full', call);
    disk.before = () => {};
    assert.equal(keepsake.load(), data, call);
    await keepsake.save({ n: 1 });
  }
});

test('what is damaged is not there', async () => {
  const disk = emptyDisk();
  const keepsake = new Keepsake('/store', 'state', disk);
  await keepsake.save(data);
  const bytes = Buffer.from(disk.read('/store/state'));
  bytes[bytes.length - 3]! ^= 1;
  disk.remove('/store/state');
  const fd = disk.create('/store/state');
  disk.write(fd, bytes, 0);
  disk.close(fd);
  assert.is(keepsake.load(), undefined);
});

test.run();

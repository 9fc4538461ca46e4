// A secret of the router in two files: whatever happens to one of them, it is the same secret.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openSecret } from '../../src/store/secret.js';
import { MemoryDisk } from './memory-disk.js';

const directory = '/store';
const [file, copy] = ['/store/vouchers.key', '/store/vouchers.key.copy'] as const;
const open = (disk: MemoryDisk) => openSecret(directory, 'vouchers.key', disk);

async function made(): Promise<{ disk: MemoryDisk; secret: Buffer }> {
  const disk = new MemoryDisk();
  disk.makeDirectory(directory);
  const { secret, isNew } = await open(disk);
  assert.ok(isNew);
  return { disk, secret };
}

function put(disk: MemoryDisk, path: string, bytes: Buffer): void {
  disk.names.get(path)!.bytes = bytes;
}

test('a secret is the same at each start, and nothing is said or written', async () => {
  const { disk, secret } = await made();
  disk.before = (call) => {
    throw new Error(call);
  };
  assert.equal(await open(disk), { secret, isNew: false });
});

const harms: [string, (disk: MemoryDisk, path: string) => void][] = [
  ['lost', (disk, path) => disk.remove(path)],
  ['emptied', (disk, path) => put(disk, path, Buffer.alloc(0))],
  ['zeroed', (disk, path) => put(disk, path, Buffer.alloc(64))],
  ['cut', (disk, path) => put(disk, path, disk.read(path).subarray(0, 20))],
  ['of another router', (disk, path) => put(disk, path, Buffer.alloc(32, 7))],
];
for (const [name, harm] of harms) {
  for (const path of [file, copy]) {
    test(`${path} ${name}: the other one is used, and both are good again`, async () => {
      const { disk, secret } = await made();
      harm(disk, path);
      const opened = await open(disk);
      assert.equal([opened.secret, opened.isNew], [secret, false]);
      // A crash before the copy was made leaves none.
      if (path === file || name !== 'lost') assert.match(opened.mended!, /made anew/);
      assert.equal(await open(disk), { secret, isNew: false });
    });
  }
}

test('any bit flipped in either file changes nothing, and is said', async () => {
  const { disk, secret } = await made();
  for (const path of [file, copy]) {
    for (let at = 0; at < 64; at++) {
      const harmed = disk.afterKill();
      harmed.names.get(path)!.bytes = disk.read(path);
      harmed.names.get(path)!.bytes[at]! ^= 1 << (at % 8);
      const opened = await open(harmed);
      assert.equal(opened.secret, secret);
      assert.match(opened.mended!, /damaged/);
    }
  }
});

test('both files damaged: no secret, also no new one, until one of them is put back', async () => {
  for (const [, harm] of harms.slice(1)) {
    const { disk, secret } = await made();
    const backup = disk.read(file);
    for (const path of [file, copy]) harm(disk, path);
    const before = [disk.read(file), disk.read(copy)];
    const error = await open(disk).then(
      () => undefined,
      (cause: unknown) => cause as { code: string },
    );
    assert.is(error?.code, 'secret_damaged');
    assert.equal([disk.read(file), disk.read(copy)], before, 'nothing is written over');
    put(disk, file, backup);
    assert.equal((await open(disk)).secret, secret);
  }
});

test('each file has the key of another router: neither is written over, until one of them is removed', async () => {
  const [{ disk, secret }, { disk: other }] = [await made(), await made()];
  const foreign = other.read(file);
  for (const [path, rest] of [
    [file, copy],
    [copy, file],
  ] as const) {
    const mixed = disk.afterKill();
    put(mixed, path, foreign);
    const error = await open(mixed).then(
      () => undefined,
      (cause: unknown) => cause as { code: string; message: string },
    );
    assert.is(error?.code, 'secret_damaged');
    assert.match(error!.message, /different keys: remove the one that is not of this router/);
    assert.ok(mixed.read(path).equals(foreign));
    assert.ok(mixed.read(rest).equals(disk.read(rest)));
    mixed.remove(path);
    assert.equal((await open(mixed)).secret, secret);
  }
});

test('a key file of 0.1.0, which has no checksum, is taken over', async () => {
  const { disk } = await made();
  disk.remove(copy);
  const old = Buffer.alloc(32, 5);
  put(disk, file, old);
  assert.equal(await open(disk), { secret: old, isNew: false });
  assert.is(disk.read(file).length, 64);
  assert.ok(disk.read(file).equals(disk.read(copy)));
});

test('a power cut while a secret is made or taken over leaves it, or none that was ever told', async () => {
  for (const isOld of [false, true]) {
    for (let last = 1; last < 20; last++) {
      for (const [turn, isKill] of [
        [0, true],
        [0, false],
        [1, false],
      ] as const) {
        const { disk } = await made();
        disk.remove(copy);
        const old = Buffer.alloc(32, 5);
        if (isOld) Object.assign(disk.names.get(file)!, { bytes: old, durable: old });
        else disk.remove(file);
        await disk.syncDirectory(directory);
        let calls = 0;
        disk.before = () => {
          if (++calls >= last) throw Object.assign(new Error('the process is gone'), { code: 'EIO' });
        };
        const told = await open(disk).catch(() => undefined);
        const next = isKill ? disk.afterKill() : disk.afterPowerCut((max) => Math.min(turn, max));
        const { secret, mended } = await open(next);
        assert.is(mended, undefined, `${last} ${isOld}`);
        if (told) assert.equal(secret, told.secret, `${last} ${isOld}`);
        if (isOld) assert.equal(secret, old);
      }
    }
  }
});

test('a disk that takes nothing gives the secret that is there', async () => {
  const { disk, secret } = await made();
  disk.remove(copy);
  disk.before = () => {
    throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
  };
  assert.equal(await open(disk), { secret, isNew: false });
});

test.run();

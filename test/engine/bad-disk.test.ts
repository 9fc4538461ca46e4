// A start on a disk that takes nothing, or does not give out what it has: what was sold is served.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MemoryDisk } from '../store/memory-disk.js';
import { mac, Router } from './stored.js';

const [one, two] = [mac(1), mac(2)];
const failure = (code: string) => Object.assign(new Error(`${code}: simulated`), { code });

/** There is room, and no name can be made any more. */
function useUpInodes(disk: MemoryDisk): void {
  disk.before = (call) => {
    if (call === 'create' || call === 'link') throw failure('ENOSPC');
  };
}

function makeReadOnly(disk: MemoryDisk): void {
  disk.before = () => {
    throw failure('EROFS');
  };
  disk.reopen = () => {
    throw failure('EROFS');
  };
}

const broken: [string, (disk: MemoryDisk) => void, string][] = [
  ['without an inode', useUpInodes, 'storage_full'],
  ['that is read-only', makeReadOnly, 'storage_failed'],
];

for (const [what, breakDisk, code] of broken) {
  test(`on a disk ${what} the gates of those who have paid are served, and nothing is sold`, async () => {
    const router = await Router.begin();
    await router.join(one, two);
    const sold = await router.buy(one);
    assert.ok(sold.ok);
    await router.kill(breakDisk);
    await router.pass(2000);
    assert.is(router.book.get(sold.value.id)?.state, 'active');
    const refused = await router.buy(two);
    assert.is(refused.ok ? 'ok' : refused.code, code);
    assert.not.equal(router.store.stats.state, 'ok');
    router.portal.carry(one, 0, 1000);
    await router.pass(2000);
    assert.is(router.book.get(sold.value.id)?.state, 'expired');
    assert.is(router.portal.clients.get(one)?.open, false);
    router.disk.before = () => {};
    const buying = router.buy(two);
    await router.pass(100);
    assert.ok((await buying).ok, 'sold again when the disk takes it');
    await router.kill();
    assert.is(router.book.get(sold.value.id)?.state, 'expired');
    assert.is(router.book.runningOfMac(two).length, 1);
  });
}

for (const [what, errno] of [
  ['fails', 'EIO'],
  ['turns read-only', 'EROFS'],
] as const) {
  test(`while a disk ${what} at work nothing is sold, caps hold, status says so, and all is well when it is`, async () => {
    const router = await Router.begin();
    await router.join(one, two);
    const sold = await router.buy(one);
    assert.ok(sold.ok);
    await router.pass(1000);
    router.disk.before = () => {
      throw failure(errno);
    };
    router.portal.carry(one, 0, 400);
    await router.pass(2000);
    assert.is(router.engine.accounts.upToDate(sold.value.id)?.usage.down, 400, 'metered');
    const buying = router.buy(two);
    await router.pass(100);
    const refused = await buying;
    assert.is(refused.ok ? 'ok' : refused.code, 'storage_failed');
    assert.is(router.portal.clients.get(two)?.open, false);
    assert.is(router.store.stats.state, 'failed');
    assert.match(router.store.stats.lastError ?? '', new RegExp(errno));
    router.portal.carry(one, 0, 600);
    await router.pass(2000);
    assert.is(router.book.get(sold.value.id)?.state, 'expired');
    assert.is(router.portal.clients.get(one)?.open, false);
    router.disk.before = () => {};
    await router.pass(120_000);
    assert.is(router.store.stats.state, 'ok');
    await router.kill();
    assert.is(
      router.book.get(sold.value.id)?.state,
      'expired',
      'the end that the disk did not take is there',
    );
    assert.is(router.book.runningOfMac(two).length, 0, 'what was refused is not there');
  });
}

test('a newest snapshot that the disk does not give out costs nobody what they have paid for', async () => {
  const router = await Router.begin();
  await router.join(one);
  const sold = await router.buy(one);
  assert.ok(sold.ok);
  await router.kill();
  await router.kill((disk) => {
    const newest = disk
      .list('/state')
      .filter((name) => name.startsWith('snapshot'))
      .sort()
      .at(-1)!;
    const read = disk.read.bind(disk);
    disk.read = (path) => {
      if (path.endsWith(newest)) throw failure('EIO');
      return read(path);
    };
  });
  await router.pass(2000);
  assert.is(router.book.get(sold.value.id)?.state, 'active');
  assert.match(router.store.stats.lastError ?? '', /cannot be read \(EIO\)/);
});

test.run();

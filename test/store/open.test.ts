import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StoreError } from '../../src/store/error.js';
import { openStore } from '../../src/store/open.js';
import { noise } from '../rig/noise.js';

const test = suite<{ directory: string }>('store-open');

test.before.each((context) => {
  context.directory = join(mkdtempSync(join(tmpdir(), 'turnpike-store-')), 'state');
});
test.after.each(({ directory }) => rmSync(join(directory, '..'), { recursive: true, force: true }));

async function codeOf(work: Promise<unknown>): Promise<string> {
  const cause = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instance(cause, StoreError);
  return (cause as StoreError).code;
}

test('records and the snapshot are there after a restart', async ({ directory }) => {
  const first = await openStore({ directory });
  assert.equal(first.recovered, { snapshot: undefined, records: [], setAside: [] });
  assert.is(first.store.append({ a: 1 }), 1);
  assert.is(first.store.append({ b: [true, null, 2 ** 50, 'ü'] }), 2);
  await first.store.snapshot({ sum: 2 });
  assert.is(first.store.append({ c: { d: 0.5 } }), 3);
  await first.store.close();

  const second = await openStore({ directory });
  assert.equal(second.recovered.snapshot, { sum: 2 });
  assert.equal(second.recovered.records, [{ seq: 3, data: { c: { d: 0.5 } } }]);
  assert.equal(second.recovered.setAside, []);
  assert.is(second.store.append({}), 4);
  await second.store.close();
});

test('the directory and its files are for their owner alone', async ({ directory }) => {
  const { store } = await openStore({ directory });
  store.append({});
  await store.snapshot({});
  store.append({});
  await store.sync();
  assert.is(statSync(directory).mode & 0o777, 0o700);
  const files = readdirSync(directory).filter((name) => name !== 'lock');
  assert.is(files.length, 5);
  for (const name of files) assert.is(statSync(join(directory, name)).mode & 0o777, 0o600);
  await store.close();
});

test('a directory in use is refused, and free again after close', async ({ directory }) => {
  const { store } = await openStore({ directory });
  assert.is(await codeOf(openStore({ directory })), 'locked');
  await store.close();
  assert.not(readdirSync(directory).includes('lock'));
  await (await openStore({ directory })).store.close();
});

test('the lock of a process that is gone is taken over, also when its pid is in use again', async ({
  directory,
}) => {
  await (await openStore({ directory })).store.close();
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const owners = [`4194305 1 ${boot}`, `${process.pid} 1 ${boot}`, `${process.pid} 1 other-boot`, 'nonsense'];
  for (const owner of owners) {
    symlinkSync(owner, join(directory, 'lock'));
    const { store } = await openStore({ directory });
    assert.is(await codeOf(openStore({ directory })), 'locked');
    await store.close();
    assert.equal(
      readdirSync(directory).filter((name) => name.startsWith('lock')),
      [],
    );
  }
});

test('a closed store takes nothing more', async ({ directory }) => {
  const { store } = await openStore({ directory });
  await store.close();
  assert.throws(
    () => store.append({}),
    (e: StoreError) => e.code === 'storage_failed',
  );
  assert.is(await codeOf(store.sync()), 'storage_failed');
  assert.is(await codeOf(store.snapshot({})), 'storage_failed');
  await store.close();
});

test('a newer format is refused, and left as it is', async ({ directory }) => {
  const { store } = await openStore({ directory });
  store.append({ a: 1 });
  await store.close();
  const path = join(directory, readdirSync(directory).find((name) => name.startsWith('journal'))!);
  const bytes = readFileSync(path);
  bytes.writeUInt16LE(5, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 20)), 20);
  writeFileSync(path, bytes);
  writeFileSync(join(directory, 'snapshot-00000009-000000000001.new'), 'unfinished');
  const before = readdirSync(directory);
  assert.is(await codeOf(openStore({ directory })), 'version');
  assert.equal(readdirSync(directory), before);
  assert.ok(readFileSync(path).equals(bytes));
});

test('the first format, in which nothing is deflated, is read and gone on with', async ({ directory }) => {
  const { store } = await openStore({ directory });
  await store.snapshot({ from: 'the first format' });
  store.append({ a: 1 });
  await store.close();
  for (const name of readdirSync(directory).filter((one) => one !== 'head')) {
    const bytes = readFileSync(join(directory, name));
    bytes.writeUInt16LE(1, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 20)), 20);
    writeFileSync(join(directory, name), bytes);
  }
  const second = await openStore({ directory });
  second.store.append({ b: 2 });
  await second.store.close();
  const { store: third, recovered } = await openStore({ directory });
  await third.close();
  assert.equal(recovered.snapshot, { from: 'the first format' });
  assert.equal(
    recovered.records.map(({ data }) => data),
    [{ a: 1 }, { b: 2 }],
  );
  assert.equal(recovered.setAside, []);
});

test('files that were never finished are removed, and unknown ones are left alone', async ({ directory }) => {
  const first = (await openStore({ directory })).store;
  await first.snapshot({ n: 1 });
  await first.close();
  writeFileSync(join(directory, 'snapshot-00000009-000000000001.new'), 'unfinished');
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  const { store, recovered } = await openStore({ directory });
  assert.equal(recovered.snapshot, { n: 1 });
  const names = readdirSync(directory);
  assert.ok(names.includes('notes.txt'));
  assert.not(names.some((name) => name.endsWith('.new')));
  await store.close();
});

test('a new segment begins when one is full, and snapshots remove those that nobody needs', async ({
  directory,
}) => {
  const { store } = await openStore({ directory, segmentBytes: 400 });
  for (let i = 0; i < 20; i++) store.append({ text: noise(80) });
  const { segments, bytes, bytesWritten, lastSeq } = store.stats;
  assert.is(segments, 7);
  assert.is(lastSeq, 20);
  assert.is(bytesWritten, bytes);
  await store.snapshot({ first: true });
  assert.is(store.stats.segments, 7);
  store.append({});
  await store.snapshot({ second: true });
  assert.is(store.stats.segments, 1, 'what the first snapshot does not cover is kept for falling back to it');
  await store.snapshot({ third: true });
  assert.is(store.stats.segments, 0);
  assert.is(readdirSync(directory).filter((name) => name.startsWith('snapshot')).length, 2);
  await store.close();
});

test('a snapshot is wanted when enough was written, in proportion to the last one', async ({ directory }) => {
  const { store } = await openStore({ directory, snapshotBytes: 1000 });
  assert.not(store.wantsSnapshot);
  store.append({ text: noise(1001) });
  assert.ok(store.wantsSnapshot);
  await store.snapshot({ text: noise(2000) });
  store.append({ text: noise(3900) });
  assert.not(store.wantsSnapshot);
  store.append({ text: noise(1000) });
  assert.ok(store.wantsSnapshot);
  await store.close();
});

test('a snapshot holds the state as it was at the call', async ({ directory }) => {
  const { store } = await openStore({ directory });
  const state = { sold: 1 };
  const written = store.snapshot(state);
  state.sold = 2;
  store.append({ after: true });
  await written;
  await store.close();
  const { store: next, recovered } = await openStore({ directory });
  assert.equal(recovered.snapshot, { sold: 1 });
  assert.equal(recovered.records, [{ seq: 1, data: { after: true } }]);
  await next.close();
});

test.run();

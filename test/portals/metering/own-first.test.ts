// A thread is started when there is much to read, and no memory taken for one before.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeterPool } from '../../../src/portals/metering/pool.js';
import type { BaselineTask } from '../../../workers/contract.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const worker = new URL(`file://${join(dir, 'worker.mjs')}`);
/** Finds as many devices as it is given interfaces, and says of each where it looked; its pass takes `pass` ms, its scan what `args` say. */
const program = `import { isMainThread } from 'node:worker_threads';
const state = isMainThread ? 'daemon' : 'thread';
export default async (task) => 'told' in task
  ? { ok: true, rows: new Float64Array(0), seen: Number(task.args[0]), busyMs: Number(task.args[1]), tookMs: 1, baseline: task.baseline && { tookMs: task.baseline.pass } }
  : { ok: true, found: task.interfaces.map(() => ({ state })), tookMs: 1 };
`;
writeFileSync(worker, program);
const pools: MeterPool[] = [];
test.after(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  rmSync(dir, { recursive: true });
});

const mostOwn = 3;

function pool(threads: number): MeterPool {
  pools.push(new MeterPool({ worker, threads, mostOwn }));
  return pools.at(-1)!;
}

/** Where the look was taken that found so many devices. */
async function placeOf(at: MeterPool, devices: number): Promise<string | undefined> {
  const interfaces = Array.from({ length: devices }, () => 'br-lan');
  const result = await at.neighbours({ file: 'ip', args: [], interfaces, leases: '', limitMs: 60_000 });
  assert.ok(result.ok, JSON.stringify(result));
  return result.found[0]?.state;
}

interface Looked {
  readonly baseline?: Partial<BaselineTask>;
  /** How long the scan holds the daemon up, in ms. */
  readonly busy?: number;
  readonly told?: SharedArrayBuffer;
}

const countersOf = (at: MeterPool, counters: number, { baseline, busy = 0, told }: Looked = {}) =>
  at.counters({
    ...{
      file: 'nft',
      args: [`${counters}`, `${busy}`],
      told: told ?? new SharedArrayBuffer(0),
      limitMs: 60_000,
    },
    ...(baseline && { baseline: baseline as BaselineTask }),
  });

test('few devices are read by the daemon itself, and many in a thread from the next look on', async () => {
  const at = pool(1);
  assert.is(await placeOf(at, mostOwn), 'daemon');
  assert.is(await placeOf(at, mostOwn + 1), 'daemon');
  assert.is(await placeOf(at, 1), 'thread');
});

test('a session has two counters', async () => {
  const at = pool(1);
  await countersOf(at, 2 * mostOwn);
  assert.is(await placeOf(at, 1), 'daemon');
  await countersOf(at, 2 * mostOwn + 1);
  assert.is(await placeOf(at, 1), 'thread');
});

test('a long pass over the connections is the last one that keeps the daemon', async () => {
  const at = pool(1);
  await countersOf(at, 1, { baseline: { pass: 1 } });
  assert.is(await placeOf(at, 1), 'daemon');
  await countersOf(at, 1, { baseline: { pass: 250 } });
  assert.is(await placeOf(at, 1), 'thread');
});

test('a slow processor has its thread after three long scans in a row, however few devices there are', async () => {
  const at = pool(1);
  const [told, other] = [new SharedArrayBuffer(16), new SharedArrayBuffer(16)];
  for (const busy of [9, 9, 1, 9, 9]) {
    await countersOf(at, 1, { busy, told });
    await countersOf(at, 1, { busy: 1, told: other });
  }
  assert.is(await placeOf(at, 1), 'daemon');
  await countersOf(at, 1, { busy: 9, told });
  assert.is(await placeOf(at, 1), 'thread');
});

test('the thread stays while its scans would hold the daemon up', async () => {
  const at = pool(1);
  const told = new SharedArrayBuffer(16);
  await placeOf(at, mostOwn + 1);
  for (let look = 0; look < 1_001; look++) await countersOf(at, 1, { busy: 4, told });
  assert.is(await placeOf(at, 1), 'thread');
});

test('single scans that take long neither keep the thread nor bring it back when it has ended', async () => {
  const at = pool(1);
  const told = new SharedArrayBuffer(16);
  for (let look = 0; look < 3; look++) await countersOf(at, 1, { busy: 9, told });
  for (let look = 0; look < 1_000; look++) {
    await countersOf(at, 1, { busy: look % 100 === 99 ? 4 : 1, told });
  }
  await countersOf(at, 1, { busy: 9, told });
  assert.is(await placeOf(at, 1), 'daemon');
});

test('the thread ends when there has been little to read for 1,000 looks, and comes again', async () => {
  const at = pool(1);
  await placeOf(at, mostOwn + 1);
  for (let look = 0; look < 1_000; look++) assert.is(await placeOf(at, 1), 'thread');
  assert.is(await placeOf(at, 1), 'daemon');
  await placeOf(at, mostOwn + 1);
  assert.is(await placeOf(at, 1), 'thread');
});

test('where no thread is allowed, there is none', async () => {
  const at = pool(0);
  await placeOf(at, mostOwn + 1);
  assert.is(await placeOf(at, 1), 'daemon');
});

test.run();

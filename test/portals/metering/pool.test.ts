// Several portals in one worker thread, and threads that hang, die or cannot start.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../../packages/simulators/portal.js';
import { MeterPool, type PoolOptions } from '../../../src/portals/metering/pool.js';
import type { Patience } from '../../../src/portals/ndsctl/patience.js';
import { nodogsplash } from '../../../src/portals/nodogsplash/dialect.js';
import { opennds } from '../../../src/portals/opennds/dialect.js';
import { mac } from '../../engine/world.js';

interface Context {
  dir: string;
  pool: (options?: Partial<PoolOptions>) => MeterPool;
  pools: MeterPool[];
}

const test = suite<Context>('pool');
const stuckWorker = new URL('./stuck-worker.js', import.meta.url);
const worker = new URL('../../../workers/poll.js', import.meta.url);

test.before.each((c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  c.pools = [];
  c.pool = (options) => {
    const pool = new MeterPool({ worker, threads: 1, ...options });
    c.pools.push(pool);
    return pool;
  };
});

test.after.each(async (c) => {
  await Promise.all(c.pools.map((pool) => pool.close()));
  rmSync(c.dir, { recursive: true });
});

const meterAt = (pool: MeterPool, path: string, over: Partial<Patience> = {}) =>
  pool.meter({ target: { transport: 'socket', path }, dialect: opennds, patience: over });

test('a portal that does not answer holds up no other one', async (c) => {
  const portals = [0, 1, 2].map((n) => new SimulatedPortal(opennds, join(c.dir, `${n}.sock`)));
  await Promise.all(portals.map((portal) => portal.start()));
  const pool = c.pool();
  const [deaf, ...others] = portals.map((_, n) => meterAt(pool, join(c.dir, `${n}.sock`)));
  portals[0]!.faults.hang = true;
  let isAnswered = false;
  const first = deaf!.poll().finally(() => {
    isAnswered = true;
  });
  for (const portal of portals) portal.join(mac(1), '10.0.0.1');
  for (const other of others) {
    const outcome = await other.poll();
    assert.ok(outcome.ok && outcome.clients === 1, JSON.stringify(outcome));
  }
  assert.not(isAnswered, 'the others were looked at while it was silent');
  const outcome = await first;
  assert.is(outcome.ok ? 'ok' : outcome.reason, 'busy');
  await Promise.all(portals.map((portal) => portal.stop()));
});

test('a reply that drips ends by the worker’s own clock, and its thread goes on', async (c) => {
  const sockets = new Set<Socket>();
  const dripping = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write('{"client_list_length":"1","clients":{');
    const timer = setInterval(() => socket.write(' '), 20);
    socket.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => dripping.listen(join(c.dir, 'drip.sock'), resolve));
  const pool = c.pool();
  const outcome = await meterAt(pool, join(c.dir, 'drip.sock'), { wholeMs: 200 }).poll();
  assert.is(outcome.ok ? 'ok' : outcome.reason, 'timeout');
  const portal = new SimulatedPortal(nodogsplash, join(c.dir, 'ndsctl.sock'));
  await portal.start();
  assert.ok((await meterAt(pool, join(c.dir, 'ndsctl.sock')).poll()).ok);
  for (const socket of sockets) socket.destroy();
  await Promise.all([portal.stop(), new Promise((resolve) => dripping.close(resolve))]);
});

test('a thread that hangs is replaced, and the portals in it are looked at again', async (c) => {
  const pool = c.pool({ worker: stuckWorker, graceMs: 100 });
  const fine = meterAt(pool, 'fine');
  const before = await fine.poll();
  assert.ok(before.ok);
  const stuck = meterAt(pool, 'stuck', { turnMs: 0, wholeMs: 100 }).poll();
  const beside = fine.poll();
  const outcome = await stuck;
  assert.is(outcome.ok ? 'ok' : outcome.reason, 'timeout');
  assert.not((await beside).ok, 'what was under way in the same thread went with it');
  const after = await fine.poll();
  assert.ok(after.ok);
  assert.is.not(after.ok && after.clients, before.ok && before.clients, 'another thread');
});

test('a thread that ends by itself is replaced', async (c) => {
  const pool = c.pool({ worker: stuckWorker });
  const outcome = await meterAt(pool, 'exit').poll();
  assert.is(outcome.ok ? 'ok' : outcome.reason, 'failed');
  assert.ok((await meterAt(pool, 'fine').poll()).ok);
});

test('a worker that cannot start is told of at each poll from the first, with its cause', async (c) => {
  const broken = join(c.dir, 'broken.mjs');
  writeFileSync(broken, 'throw new Error("no room for the worker");\n');
  for (const [file, cause] of [
    [join(c.dir, 'nowhere.mjs'), /nowhere\.mjs/],
    [broken, /no room for the worker/],
  ] as const) {
    const meter = meterAt(c.pool({ worker: file, graceMs: 60_000 }), 'fine');
    for (let i = 0; i < 3; i++) {
      const outcome = await meter.poll();
      assert.is(outcome.ok ? 'ok' : outcome.reason, 'failed');
      assert.match(outcome.ok ? '' : outcome.detail, cause);
    }
  }
});

test('two threads share the portals', async (c) => {
  const pool = c.pool({ worker: stuckWorker, threads: 2, graceMs: 100 });
  const stuck = meterAt(pool, 'stuck', { turnMs: 0, wholeMs: 100 }).poll();
  const beside = await meterAt(pool, 'fine').poll();
  assert.ok(beside.ok, 'another thread was free');
  await stuck;
});

test('after the end a poll is answered as failed', async (c) => {
  const pool = c.pool({ worker: stuckWorker });
  const meter = meterAt(pool, 'fine');
  await meter.poll();
  await pool.close();
  const outcome = await meter.poll();
  assert.is(outcome.ok ? 'ok' : outcome.reason, 'failed');
});

test.run();

// Portals that are read in the daemon's own thread, where memory is short.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../../packages/simulators/portal.js';
import { MeterPool } from '../../../src/portals/metering/pool.js';
import { opennds } from '../../../src/portals/opennds/dialect.js';
import { mac } from '../../engine/world.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const worker = new URL('../../../workers/poll.js', import.meta.url);
test.after(() => rmSync(dir, { recursive: true }));

test('a portal that is read without a thread says what it says to one', async () => {
  const socket = join(dir, 'ndsctl.sock');
  const portal = new SimulatedPortal(opennds, socket);
  await portal.start();
  portal.join(mac(1), '10.0.0.1');
  const pools = [0, 1].map((threads) => new MeterPool({ worker, threads }));
  const [own, other] = pools.map((pool) =>
    pool.meter({ target: { transport: 'socket', path: socket }, dialect: opennds }),
  );
  const [here, there] = [await own!.poll(), await other!.poll()];
  assert.ok(here.ok && there.ok, JSON.stringify([here, there]));
  assert.equal([here.clients, there.clients], [1, 1]);
  await Promise.all(pools.map((pool) => pool.close()));
  await portal.stop();
});

test('a look that fails in an unforeseen way, or comes after the end, is a failed look', async () => {
  const file = join(dir, 'faulty.mjs');
  writeFileSync(file, "export default async () => { throw new Error('out of order'); };\n");
  const pool = new MeterPool({ worker: new URL(`file://${file}`), threads: 0 });
  const target = { transport: 'socket', path: join(dir, 'none.sock') } as const;
  const meter = pool.meter({ target, dialect: opennds });
  const first = await meter.poll();
  assert.ok(!first.ok && first.reason === 'failed', JSON.stringify(first));
  await pool.close();
  assert.is((await meter.poll()).ok, false);
});

test.run();

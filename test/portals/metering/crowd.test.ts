// More devices than the meter has room for: those who left make room, and where nobody has left no gate opens uncounted.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../../packages/simulators/portal.js';
import { macFromNumber } from '../../../src/domain/mac.js';
import type { PollOutcome, Reading } from '../../../src/domain/reading.js';
import { MeterPool } from '../../../src/portals/metering/pool.js';
import { NdsctlPortal } from '../../../src/portals/ndsctl/portal.js';
import { opennds } from '../../../src/portals/opennds/dialect.js';
import { openndsKind } from '../../../src/portals/opennds/kind.js';
import { mac } from '../../engine/world.js';

const pool = new MeterPool({ worker: new URL('../../../workers/poll.js', import.meta.url), threads: 1 });
const kilo = opennds.bytesPerUnit;
const customer = mac(1);
const ip = '10.0.0.1';

interface Context {
  dir: string;
  portal: SimulatedPortal;
  gateway: (mostClients?: number) => NdsctlPortal;
}

const test = suite<Context>('crowd');

test.before.each(async (c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const target = { transport: 'socket', path: join(c.dir, 'ndsctl.sock') } as const;
  c.portal = new SimulatedPortal(opennds, target.path);
  await c.portal.start();
  c.gateway = (mostClients) => {
    const most = mostClients === undefined ? {} : { mostClients };
    return new NdsctlPortal({
      name: 'lan',
      target,
      kind: openndsKind,
      meter: pool.meter({ target, dialect: opennds, clients: 8, ...most }),
    });
  };
});

test.after.each(async (c) => {
  await c.portal.stop();
  rmSync(c.dir, { recursive: true });
});

test.after(() => pool.close());

const passerBy = (n: number) => macFromNumber(0x0200_5e00_0000 + n);
const addressOf = (n: number) => `10.${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;

async function poll(gateway: NdsctlPortal): Promise<PollOutcome & { ok: true }> {
  const outcome = await gateway.poll();
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome as PollOutcome & { ok: true };
}

const billed = (list: readonly Reading[]) =>
  list.filter((r) => r.mac === customer).reduce((sum, r) => sum + r.up + r.down, 0);

test('after many times the room in random MACs a new customer is counted from the first byte', async (c) => {
  const { portal } = c;
  const [room, crowd] = [1000, 700];
  const lan = c.gateway(room);
  for (let n = 0; n < 10 * room; n += crowd) {
    for (let i = n; i < n + crowd; i++) portal.join(passerBy(i), addressOf(i));
    assert.is((await poll(lan)).unmetered, 0);
    for (let i = n; i < n + crowd; i++) portal.leave(passerBy(i));
  }
  portal.join(customer, ip);
  assert.ok((await lan.open(customer, {}, [])).ok);
  portal.carry(customer, 3 * kilo, 7 * kilo);
  assert.is(billed((await poll(lan)).readings), 10 * kilo);
  await lan.stop();
});

test('where nobody has left, no gate opens that nobody would count, and there is room again when some leave', async (c) => {
  const { portal } = c;
  const lan = c.gateway(20);
  const room = 22;
  for (let i = 0; i < room; i++) portal.join(passerBy(i), addressOf(i));
  assert.is((await poll(lan)).unmetered, 0);
  portal.join(customer, ip);
  assert.is((await poll(lan)).unmetered, 1);
  const refused = await lan.open(customer, {}, []);
  assert.is(refused.ok ? 'ok' : refused.reason, 'unmetered');
  assert.not(portal.isOpen(customer));
  portal.leave(passerBy(0));
  const after = await poll(lan);
  assert.is(after.unmetered, 0);
  assert.equal(
    after.readings.map(({ mac, gone, fresh }) => ({ mac, gone, fresh })),
    [
      { mac: passerBy(0), gone: true, fresh: false },
      { mac: customer, gone: false, fresh: true },
    ],
    'who went is told before their row goes',
  );
  assert.ok((await lan.open(customer, {}, [])).ok);
  await lan.stop();
});

test.run();

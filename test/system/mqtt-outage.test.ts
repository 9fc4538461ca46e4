// The chain as a whole, all of it real but the portal: the daemon, a broker that is away, and the collector.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { Collector, reportOf } from '../mqtt/collector.js';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import { Mosquitto } from './rig/mosquitto.js';

/** How long the broker is away; ten minutes are what an operator may see. */
const outageMs = Number(process.env.OUTAGE_SECONDS ?? 12) * 1000;
const clients = 20;

const dir = mkdtempSync(join(tmpdir(), 'turnpike-mqtt-'));
const database = join(dir, 'collected.sqlite');
const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'));
let broker: Mosquitto;
let daemon: DaemonProcess;
let collector: Collector;
let traffic: NodeJS.Timeout;
let keys = 0;

const macOf = (n: number) => `02:52:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac;

test.before(async () => {
  broker = await Mosquitto.start();
  await portal.start();
  collector = new Collector(['--broker', broker.url, '--database', database]);
  await collector.start();
  const mqtt = `config mqtt 'mqtt'\n\toption enabled '1'\n\toption url '${broker.url}'\n\toption interval '1s'\n`;
  daemon = await startProcess(`${shop(join(dir, 'nds.sock'), ["poll_max '300ms'"])}${mqtt}`, {
    flushInterval: '1s',
  });
  for (let n = 1; n <= clients; n++) portal.join(macOf(n), `10.52.0.${n}`);
  traffic = setInterval(() => {
    for (let n = 1; n <= clients; n++) portal.carry(macOf(n), 1_000 + 37 * n, 11_000 + 101 * n);
  }, 100);
});

test.after(async () => {
  clearInterval(traffic);
  await daemon?.close();
  await collector?.end();
  await broker?.close();
  await portal.stop();
  rmSync(dir, { recursive: true });
});

async function sell(n: number): Promise<string> {
  keys += 1;
  const payment = { method: 'cash', reference: 'till' };
  const order = { mac: macOf(n), plan: 'data', steps: 1000, payment, idempotency_key: `k${keys}` };
  const { id, error } = await daemon.call('purchase', order);
  assert.ok(id, JSON.stringify(error));
  return String(id);
}

interface Sink {
  readonly state: string;
  readonly backlog: number;
  readonly error: string;
}

const sinkOf = ({ sinks }: { sinks?: unknown }) => (sinks as Sink[])[0]!;

test('broker away, turnpike killed twice meanwhile: the collector has what the router has, to the byte', async () => {
  const sessions: string[] = [];
  for (let n = 1; n <= clients; n++) sessions.push(await sell(n));
  await until('all of them reported', () => reportOf(database, 'session').length === clients);
  await broker.stop();
  for (const part of [1, 2]) {
    await pause(outageMs / 3);
    // Sessions close and open while the broker is away.
    for (const n of [part, part + 2]) await daemon.call('close', { mac: macOf(n), reason: 'user' });
    await daemon.end('SIGKILL');
    await daemon.start();
    for (const n of [part, part + 2]) sessions.push(await sell(n));
  }
  await pause(outageMs / 3);
  const down = sinkOf(await daemon.call('status'));
  assert.is(down.state, 'down', JSON.stringify(down));
  assert.ok(down.backlog > 0);
  await broker.start();
  await until('the router is back', async () => sinkOf(await daemon.call('status')).state === 'up');
  clearInterval(traffic);
  for (const id of sessions) await daemon.call('close', { id, reason: 'user' });

  // A gate that is slow to shut keeps its session `closing`, and what it counts until then is used, too.
  await until('every gate is shut', async () => {
    const { sessions: open } = (await daemon.call('sessions', { state: 'live' })) as { sessions: unknown[] };
    return open.length === 0;
  });
  const expected: Record<string, readonly (string | undefined)[]> = {};
  for (const id of sessions) {
    const { up_bytes, down_bytes, state } = await daemon.call('session', { id });
    expected[id] = [String(up_bytes), String(down_bytes), String(state)];
  }
  await until('the same in both books', () => {
    const lines = reportOf(database, 'session').sort(
      (a, b) => sessions.indexOf(a.session!) - sessions.indexOf(b.session!),
    );
    const found = lines.map((l) => [l.session, [l.up_bytes, l.down_bytes, l.state]] as const);
    assert.equal(Object.fromEntries(found), expected, collector.log);
    return true;
  });
  const [router] = reportOf(database, 'router');
  const sum = (column: 0 | 1) =>
    Object.values(expected).reduce((total, line) => total + Number(line[column]), 0);
  assert.equal([Number(router?.up_bytes), Number(router?.down_bytes)], [sum(0), sum(1)]);
  assert.is(router?.gaps, '0');
  const days = reportOf(database, 'day').reduce((total, line) => total + Number(line.down_bytes), 0);
  assert.is(days, sum(1));
  console.log(`${sessions.length} sessions, ${sum(0) + sum(1)} bytes, the same in both books`);
});

test.run();

// Helper: measures one runtime, the one that it runs on (`JSON of its flags`).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../packages/simulators/device.js';
import { opennds } from '../src/portals/opennds/dialect.js';
import { type DaemonProcess, shop, startProcess } from '../test/rig/daemon.js';
import { startHelper } from './child.js';
import { buy, cpuOf, memoryOf, restart } from './costs.js';
import { timed } from './pairs.js';
import type { RuntimeMeasures } from './runtimes.js';
import { pollOf } from './scan.js';
import { measureUbus } from './ubus.js';

const flags = JSON.parse(process.argv[2] ?? '[]') as string[];
const settleMs = 3_000;

/** A daemon that sells to customers of a simulated portal, all of whom move something. */
async function measureDaemon(): Promise<Omit<RuntimeMeasures, 'scanMs' | 'callsASecond'>> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  const socket = join(dir, 'ndsctl.sock');
  const portal = await startHelper('traffic-child.js', [socket, '50000', '1000']);
  const daemon = await startProcess(shop(socket), { flags });
  try {
    const startMs = await restart(daemon);
    const none = await restingMb(daemon);
    await sell(daemon, portal, 0, 100);
    const hundred = await restingMb(daemon);
    const cpu = cpuOf(daemon.pid());
    await sell(daemon, portal, 100, 1_000);
    const cpuOfSales = ((cpuOf(daemon.pid()) - cpu) / 900) * 1_000;
    return { startMs, rssMb: [none, hundred, await restingMb(daemon)], cpuOfSales };
  } finally {
    await daemon.close();
    await portal.stop();
    rmSync(dir, { recursive: true });
  }
}

async function restingMb(daemon: DaemonProcess): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  return memoryOf(daemon.pid(), 'VmRSS');
}

async function sell(
  daemon: DaemonProcess,
  portal: Awaited<ReturnType<typeof startHelper>>,
  from: number,
  to: number,
) {
  const devices = Array.from({ length: to - from }, (_, i) => deviceAt(from + i).mac);
  await portal.ask({
    join: devices.map((mac, i) => ({ mac, ip: `10.77.${(from + i) >> 8}.${(from + i) & 255}` })),
  });
  for (const mac of devices) await buy(daemon, { mac, steps: 1_000, idempotency_key: mac });
}

const daemon = await measureDaemon();
const poll = pollOf(opennds, 10_000);
for (let i = 0; i < 20; i++) poll();
const looks: number[] = [];
for (let i = 0; i < 15; i++) looks.push(await timed(poll));
const [{ together } = { together: { median: 0 } }] = await measureUbus({ quick: true });
const measures: RuntimeMeasures = {
  ...daemon,
  scanMs: looks.sort((a, b) => a - b)[7]!,
  callsASecond: together.median,
};
process.stdout.write(`${JSON.stringify(measures)}\n`);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../packages/simulators/device.js';
import { type DaemonProcess, routerFlags, smallRouterFlags, startProcess } from '../test/rig/daemon.js';
import { type Helper, startHelper } from './child.js';
import { buy, memoryOf, restart } from './costs.js';
import type { Options } from './options.js';
import { type Spread, spreadOf } from './pairs.js';

export interface DaemonResult {
  readonly sessions: number;
  /** Flags of Node that it ran with. */
  readonly flags: readonly string[];
  /** Resident memory of the daemon in the steady state: sessions run and are polled, in MB. */
  readonly rssMb: Spread;
  /** The same with the flags of a router with little memory, and without any; a quick run repeats the first. */
  readonly smallRssMb: Spread;
  readonly plainRssMb: Spread;
  /** From the start of the process to its object on ubus, in ms; with no sessions to recover. */
  readonly startMs: Spread;
  /** The same with the sessions to recover. */
  readonly restartMs: Spread;
}

/** What each client moves. */
const bytesPerSecond = 50_000;
const tickMs = 1_000;

const sessions = 1_000;

/** What the daemon takes on a router, from the bundle: with Node's flags for small machines, and as Node comes. */
export async function measureDaemon(options: Options): Promise<DaemonResult> {
  const shipped = await run(options, routerFlags);
  const memoryWith = async (flags: readonly string[]) =>
    (options.quick ? shipped : await run(options, flags)).rssMb;
  const smallRssMb = await memoryWith([...routerFlags, ...smallRouterFlags]);
  return { ...shipped, sessions, flags: routerFlags, smallRssMb, plainRssMb: await memoryWith([]) };
}

type Run = Pick<DaemonResult, 'rssMb' | 'startMs' | 'restartMs'>;

async function run({ quick }: Options, flags: readonly string[]): Promise<Run> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  const socket = join(dir, 'ndsctl.sock');
  const portal = await startHelper('traffic-child.js', [socket, String(bytesPerSecond), String(tickMs)]);
  const daemon = await startProcess(
    `config gateway 'lan'\n\toption type 'opennds'\n\toption socket '${socket}'\n` +
      `config plan 'time'\n\toption metric 'time'\n\toption step '24h'\n\tlist price '1 USD'\n` +
      `config method 'cash'\n\tlist currency 'USD 2'\n`,
    { flags: [...process.execArgv, ...flags] },
  );
  const rounds = quick ? 2 : 9;
  try {
    const starts: number[] = [];
    for (let i = 0; i < rounds; i++) starts.push(await restart(daemon));
    await sell(daemon, portal);
    const rss = await steadyMemory(daemon.pid(), quick ? 12 : 20);
    const restarts: number[] = [];
    for (let i = 0; i < rounds; i++) restarts.push(await restart(daemon));
    return { rssMb: spreadOf(rss), startMs: spreadOf(starts), restartMs: spreadOf(restarts) };
  } finally {
    await daemon.close();
    await portal.stop();
    rmSync(dir, { recursive: true });
  }
}

/** @returns resident memory of the last half of so many seconds of polls, in MB: garbage comes back after the sales */
async function steadyMemory(pid: number, seconds: number): Promise<number[]> {
  const rss: number[] = [];
  for (let i = 0; i < seconds; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    rss.push(memoryOf(pid, 'VmRSS'));
  }
  return rss.slice(seconds / 2);
}

async function sell(daemon: DaemonProcess, portal: Helper): Promise<void> {
  const clients = Array.from({ length: sessions }, (_, i) => ({
    mac: deviceAt(i).mac,
    ip: `10.77.${i >> 8}.${i & 255}`,
  }));
  await portal.ask({ join: clients });
  for (const { mac } of clients) await buy(daemon, { mac, idempotency_key: mac });
}

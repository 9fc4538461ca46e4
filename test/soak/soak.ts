import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Table } from 'openwrt-ubus';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { type DaemonProcess, routerFlags, startProcess } from '../rig/daemon.js';
import { seeded, whole } from '../rig/random.js';
import { until } from '../rig/until.js';
import { Crowd } from './crowd.js';
import { type FaultName, faultNames, misbehave } from './faults.js';
import { type HeapPoint, judge, sentenceOf } from './flatness.js';
import { inWords, memoryAtRest, probeFlags } from './heap.js';

export interface SoakPlan {
  readonly minutes: number;
  readonly clients: number;
  readonly seed: number;
  /** What the portal does wrong. @default everything */
  readonly faults?: readonly FaultName[];
  /** From one fault to the next, in ms. @default 12,000 */
  readonly faultEveryMs?: number;
  /** A directory for a heap snapshot of each rest. A snapshot changes the heap that is measured afterwards. */
  readonly snapshots?: string;
}

/** After each part everybody leaves, the books are compared, and the heap is looked at: so many parts at the least, */
const fewestParts = 6;
/** and one for so many minutes. */
const partMinutes = 5;
const tickMs = 100;
/** What is told of the daemon's log where something is wrong, in characters. */
const logEnd = 8_000;
const sampleMs = 5_000;
const longestFaultMs = 4_000;
/** Memory may wander by this much around where it was after the warm-up, in MiB. */
const wander = 12;

const sections = (socket: string) => `config gateway 'lan'
	option type 'opennds'
	option socket '${socket}'
	option poll_max '1s'
config plan 'data'
	option metric 'bytes'
	option step '64000'
	list price '0.01 USD'
config method 'cash'
	list currency 'USD 2'
`;

/** Lets a crowd use a real daemon on a portal that fails all the while, and compares the books at the end. */
export async function soak(plan: SoakPlan, tell: (line: string) => void) {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-soak-'));
  const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'), seeded(plan.seed));
  await portal.start();
  const heapFile = join(dir, 'heap');
  process.env.TURNPIKE_HEAP = heapFile;
  if (plan.snapshots !== undefined) process.env.TURNPIKE_HEAP_SNAPSHOTS = plan.snapshots;
  const daemon = await startProcess(sections(join(dir, 'nds.sock')), {
    flushInterval: '10s',
    flags: [...routerFlags, ...probeFlags],
  });
  try {
    const crowd = new Crowd(plan.clients, portal, daemon, seeded(plan.seed + 1));
    const closed = billedByMac(daemon);
    const handles: number[] = [];
    const [samples, heaps, wrongs]: [number[], HeapPoint[], string[]] = [[], [], []];
    const parts = Math.max(fewestParts, Math.floor(plan.minutes / partMinutes));
    for (let part = 0; part < parts && wrongs.length === 0; part++) {
      const minutes = plan.minutes / parts;
      samples.push(
        ...(await live({ ...plan, minutes, seed: plan.seed + part }, { crowd, portal, daemon, tell })),
      );
      await crowd.rest();
      // A wedge lasts until the portal is restarted.
      if (portal.server.stuck > 0) await portal.restart();
      wrongs.push(...(await settle(crowd, portal, daemon, closed)));
      await everybodyLeaves(crowd, portal, daemon);
      const memory = await memoryAtRest(daemon, heapFile);
      handles.push(handlesOf(daemon));
      heaps.push({ orders: crowd.orders, heapMb: memory.heapMb });
      tell(`at rest after ${crowd.orders} orders: ${inWords(memory)}`);
    }
    const verdict = judge(heaps);
    tell(sentenceOf(verdict));
    wrongs.push(...steady(samples, handles));
    if (!verdict.isFlat) wrongs.push(sentenceOf(verdict));
    if (wrongs.length > 0) tell(`the daemon's log ends with:\n${daemon.log().slice(-logEnd)}`);
    const status = await daemon.call('status');
    const gateway = (status.gateways as Table[])[0]!;
    const served = crowd.macs.reduce((sum, mac) => sum + portal.served(mac).up + portal.served(mac).down, 0);
    const figures = {
      minutes: plan.minutes,
      clients: plan.clients,
      seed: plan.seed,
      sold_bytes: crowd.sold,
      served_bytes: served,
      unread_bytes: crowd.macs.reduce((sum, mac) => sum + portal.unread(mac), 0),
      doubtful_bytes: crowd.macs.reduce((sum, mac) => sum + portal.doubtful(mac), 0),
      sessions: closed.count,
      polls: gateway.polls,
      failed_polls: gateway.failed_polls,
      lag: gateway.lag,
      refusals: crowd.refusals,
      heap_mb_at_rest: heaps.map(({ heapMb }) => Math.round(heapMb * 100) / 100),
      orders_at_rest: heaps.map(({ orders }) => orders),
      rss_mb_after_warm_up: samples[Math.floor(samples.length / 4)],
      rss_mb_end: samples.at(-1),
      handles_at_rest: handles,
    };
    return { figures, wrongs };
  } finally {
    await daemon.close();
    await portal.stop();
    rmSync(dir, { recursive: true });
  }
}

interface Parts {
  readonly crowd: Crowd;
  readonly portal: SimulatedPortal;
  readonly daemon: DaemonProcess;
  readonly tell: (line: string) => void;
}

/** @returns resident memory in MiB, every few seconds. */
async function live(plan: SoakPlan, { crowd, portal, daemon, tell }: Parts): Promise<number[]> {
  const { minutes, seed, faults = faultNames, faultEveryMs = 12_000 } = plan;
  const random = seeded(seed + 2);
  const samples: number[] = [];
  const end = performance.now() + minutes * 60_000;
  let [faultAt, sampleAt] = [performance.now() + faultEveryMs, performance.now()];
  while (performance.now() < end) {
    crowd.tick();
    if (performance.now() >= faultAt) {
      faultAt += faultEveryMs;
      const name = faults[whole(random, 0, faults.length - 1)];
      if (name) void misbehave(portal, name, Math.min(longestFaultMs, faultEveryMs / 3));
    }
    if (performance.now() >= sampleAt) {
      sampleAt += sampleMs;
      samples.push(Math.round(daemon.rss() * 10) / 10);
      if (samples.length % 12 === 0)
        tell(`${samples.length / 12} min: ${samples.at(-1)} MiB, ${portal.size} clients`);
    }
    await pause(tickMs);
  }
  // The last fault heals by itself.
  await pause(longestFaultMs + 1000);
  return samples;
}

/** Adds up what each device was billed, session by session, as they close. */
function billedByMac(daemon: DaemonProcess) {
  const billed = new Map<string, number>();
  const totals = { count: 0, of: (mac: string) => billed.get(mac) ?? 0 };
  daemon.onHeard = ({ type, data }) => {
    if (type !== 'session.closed') return;
    const mac = String(data.mac);
    totals.count += 1;
    billed.set(mac, totals.of(mac) + Number(data.up_bytes) + Number(data.down_bytes));
  };
  return totals;
}

/** Closes everything; every byte that any reply has shown must have been billed, and nothing else. */
async function settle(
  crowd: Crowd,
  portal: SimulatedPortal,
  daemon: DaemonProcess,
  closed: ReturnType<typeof billedByMac>,
): Promise<string[]> {
  let left: Table[] = [];
  const closeAll = async () => {
    left = ((await daemon.call('sessions', { state: 'live' })) as { sessions: Table[] }).sessions;
    await Promise.all(left.map(({ id }) => daemon.call('close', { id })));
    return left.length === 0;
  };
  await until('the end of every session', closeAll, () => left[0]);
  const wrongs = portal.openMacs().map((mac) => `the gate of ${mac} is open`);
  for (const mac of crowd.macs) {
    const { up, down } = portal.served(mac);
    const missing = up + down - portal.unread(mac) - closed.of(mac);
    if (missing > 0 || -missing > portal.doubtful(mac))
      wrongs.push(`${mac}: ${missing} bytes were ${missing > 0 ? 'not billed' : 'billed too much'}`);
  }
  return wrongs;
}

/**
 * Resolves when turnpike has looked and found nobody. Who stays without having paid is in its memory as the portal's device,
 * and how many stay is up to the last fault: one may have emptied the portal's list, another one not.
 */
async function everybodyLeaves(crowd: Crowd, portal: SimulatedPortal, daemon: DaemonProcess): Promise<void> {
  for (const mac of crowd.macs) portal.leave(mac);
  const looks = async () => {
    const { polls, failed_polls } = ((await daemon.call('status')).gateways as Table[])[0]!;
    return Number(polls) - Number(failed_polls);
  };
  const before = await looks();
  // One look may have been under way.
  await until('a look at an empty portal', async () => (await looks()) >= before + 2);
}

/** What grows. Handles are compared from the first rest on: the thread that reads a long list of devices is there by then. */
function steady(samples: readonly number[], handles: readonly number[]): string[] {
  const [before, after] = [handles[0] ?? 0, handles.at(-1) ?? 0];
  const quarter = Math.floor(samples.length / 4);
  const early = Math.max(...samples.slice(quarter, 2 * quarter));
  const late = Math.max(...samples.slice(-quarter));
  const wrongs = after > before + 4 ? [`${after} handles at the end, ${before} at the first rest`] : [];
  // A short run is all warm-up: there is nothing to compare yet.
  if (samples.length >= 40 && late > early + wander) wrongs.push(`memory went from ${early} to ${late} MiB`);
  return wrongs;
}

function handlesOf(daemon: DaemonProcess): number {
  return readdirSync(`/proc/${daemon.pid()}/fd`).length;
}

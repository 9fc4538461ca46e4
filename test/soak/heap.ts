import { existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DaemonProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';

/** What the heap may grow by from the middle of a run to its end, when all that is bounded has reached its bound. */
const mayGrow = 0.02;
/** Keys that the books remember: before so many orders the heap grows. */
const kept = 10_000;

/** Flags of Node that let {@link heapOf} ask a daemon. */
export const probeFlags = [
  '--expose-gc',
  '--import',
  fileURLToPath(new URL('heap-probe.js', import.meta.url)),
];

/** What the heap of a daemon at rest is like. */
export interface HeapPoint {
  /** Orders by then. */
  readonly orders: number;
  /** In use once all that nobody needs is collected, in MiB. */
  readonly heapMb: number;
}

/** What is in use in the daemon after a collection, in MiB; `file` is the one that it was told to write. */
export async function heapOf(daemon: DaemonProcess, file: string): Promise<number> {
  rmSync(file, { force: true });
  process.kill(daemon.pid(), 'SIGUSR2');
  await until('the collection', () => existsSync(file));
  return Number(readFileSync(file, 'utf8')) / 2 ** 20;
}

/** Growth from the first point at which everything bounded was full to the last one. */
export function growthIn(points: readonly HeapPoint[]): string[] {
  const first = points.find(({ orders }) => orders >= kept);
  const last = points.at(-1);
  if (!first || !last || first === last || last.heapMb <= first.heapMb * (1 + mayGrow)) return [];
  return [`the heap went from ${first.heapMb.toFixed(1)} to ${last.heapMb.toFixed(1)} MiB`];
}

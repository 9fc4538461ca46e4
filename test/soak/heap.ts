import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DaemonProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';

const MiB = 2 ** 20;

/** Flags of Node that let {@link memoryAtRest} ask a daemon. */
export const probeFlags = [
  '--expose-gc',
  '--import',
  fileURLToPath(new URL('heap-probe.js', import.meta.url)),
];

/** What a daemon uses once all that nobody needs is collected, in MiB. */
export interface Memory {
  /** Heap of the main thread. */
  readonly heapMb: number;
  /** Of that, what was compiled: it comes and goes with what was called lately. */
  readonly codeMb: number;
  /** The heap by V8's spaces, in MiB. */
  readonly spacesMb: Readonly<Record<string, number>>;
  /** Buffers and the like, outside the heap. */
  readonly outsideMb: number;
  /** Resident memory of the process. */
  readonly residentMb: number;
}

/** Collections at a rest, and from one to the next, in ms: longer than a snapshot of the books takes. */
const [looks, apartMs] = [3, 3_000];

/**
 * What a daemon at rest uses: the lowest of some collections. One alone may find a snapshot of the books on its way to the
 * disk, which is no part of what is kept.
 */
export async function memoryAtRest(daemon: DaemonProcess, file: string): Promise<Memory> {
  let lowest = await memoryOf(daemon, file);
  for (let look = 1; look < looks; look++) {
    await pause(apartMs);
    const next = await memoryOf(daemon, file);
    if (next.heapMb < lowest.heapMb) lowest = next;
  }
  return lowest;
}

/** Collects in the daemon and asks what is in use then; `file` is the one that it was told to write. */
async function memoryOf(daemon: DaemonProcess, file: string): Promise<Memory> {
  rmSync(file, { force: true });
  process.kill(daemon.pid(), 'SIGUSR2');
  await until('the collection', () => existsSync(file));
  const { heapUsed, codeBytes, spaces, external, rss } = JSON.parse(readFileSync(file, 'utf8'));
  return {
    heapMb: heapUsed / MiB,
    codeMb: codeBytes / MiB,
    spacesMb: Object.fromEntries(Object.entries<number>(spaces).map(([name, bytes]) => [name, bytes / MiB])),
    outsideMb: external / MiB,
    residentMb: rss / MiB,
  };
}

/** For the line that tells of a rest. */
export function inWords({ heapMb, codeMb, spacesMb, outsideMb, residentMb }: Memory): string {
  const spaces = Object.entries(spacesMb).filter(([, mb]) => mb >= 0.005);
  const named = spaces.map(([name, mb]) => `${name.replace('_space', '')} ${mb.toFixed(2)}`).join(', ');
  const heap = `heap ${heapMb.toFixed(3)} MiB (${codeMb.toFixed(2)} of it code; ${named})`;
  return `${heap}, ${outsideMb.toFixed(2)} outside, ${residentMb.toFixed(1)} resident`;
}

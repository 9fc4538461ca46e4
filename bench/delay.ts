import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { MeterPool } from '../src/portals/metering/pool.js';
import { opennds } from '../src/portals/opennds/dialect.js';
import { startHelper } from './child.js';
import type { Options } from './options.js';
import { type Spread, spreadOf, timed } from './pairs.js';

export interface DelayResult {
  readonly clients: number;
  /** From the question to the readings, in ms; the portal's own time is in it. */
  readonly poll: Spread;
  /** How late timers of the main thread were, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** The same with no polls: what the machine does to it. */
  readonly idleP99: number;
}

/** The most clients of openNDS whose list a poll takes: a longer reply is none (`mostReplyBytes`). */
const mostClients = 16_000;
const everyMs = 1_000;
/** The histogram counts from one tick to the next, this tick included. */
const resolutionMs = 1;

/** Delay of the main thread while the worker polls all clients every second, three in four of whom move. */
export async function measureDelay({ quick }: Options): Promise<DelayResult[]> {
  const results: DelayResult[] = [];
  for (const clients of quick ? [10_000] : [100, 1_000, 10_000, mostClients]) {
    results.push(await polled(clients, quick ? 5 : clients === 10_000 ? 20 : 8));
  }
  return results;
}

async function polled(clients: number, seconds: number): Promise<DelayResult> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  const socket = join(dir, 'ndsctl.sock');
  const portal = await startHelper('portal-child.js', [socket, 'opennds', String(clients)]);
  const pool = new MeterPool({ worker: new URL('../workers/poll.js', import.meta.url), threads: 1 });
  const meter = pool.meter({ target: { transport: 'socket', path: socket }, dialect: opennds, clients });
  const poll = async () => {
    const outcome = await meter.poll();
    if (!outcome.ok) throw new Error(`a poll of ${clients} clients failed: ${outcome.detail}`);
    if (outcome.clients !== clients) throw new Error(`a poll gave ${outcome.clients} of ${clients} clients`);
  };
  try {
    for (let i = 0; i < 5; i++) await poll();
    const took: number[] = [];
    const idle = await delayDuring(() => wait(Math.min(seconds, 5) * everyMs));
    const delay = await delayDuring(async () => {
      for (let i = 0; i < seconds; i++) {
        const ms = await timed(poll);
        took.push(ms);
        await wait(Math.max(0, everyMs - ms));
      }
    });
    const { p50, p99, max } = delay;
    return { clients, poll: spreadOf(took), p50, p99, max, idleP99: idle.p99 };
  } finally {
    await pool.close();
    await portal.stop();
    rmSync(dir, { recursive: true });
  }
}

async function delayDuring(work: () => Promise<void>): Promise<{ p50: number; p99: number; max: number }> {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  await work();
  histogram.disable();
  const late = (ns: number) => Math.max(0, ns / 1e6 - resolutionMs);
  return {
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    max: late(histogram.max),
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

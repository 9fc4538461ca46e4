import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../test/rig/until.js';

/** How late the timers of a process were, in ms. */
export interface Lateness {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The histogram counts from one tick to the next, this tick included: in ms. */
const tickMs = 1;

const program = (file: string) => `const { isMainThread } = require('node:worker_threads');
const { renameSync, writeFileSync } = require('node:fs');
if (isMainThread) {
  const histogram = require('node:perf_hooks').monitorEventLoopDelay({ resolution: ${tickMs} });
  histogram.enable();
  process.on('SIGUSR2', () => {
    const late = (ns) => Math.max(0, ns / 1e6 - ${tickMs});
    const [p50, p99] = [50, 99].map((part) => late(histogram.percentile(part)));
    writeFileSync(${JSON.stringify(`${file}.new`)}, JSON.stringify({ p50, p99, max: late(histogram.max) }));
    renameSync(${JSON.stringify(`${file}.new`)}, ${JSON.stringify(file)});
    histogram.reset();
  });
}
`;

/** Measures the event loop of another process of Node from inside. */
export class LoopWatch {
  readonly #file: string;
  /** Flags to start it with. */
  readonly flags: readonly string[];

  /** @param dir of the caller's, where its files may be */
  constructor(dir: string) {
    this.#file = join(dir, 'loop.json');
    const preload = join(dir, 'loop.cjs');
    writeFileSync(preload, program(this.#file));
    this.flags = ['--require', preload];
  }

  /** @returns how late its timers were since the last question */
  async ask(pid: number): Promise<Lateness> {
    rmSync(this.#file, { force: true });
    process.kill(pid, 'SIGUSR2');
    await until('an answer of the process', () => existsSync(this.#file));
    return JSON.parse(readFileSync(this.#file, 'utf8')) as Lateness;
  }
}

import type {
  CounterResult,
  CounterTask,
  NeighbourResult,
  NeighbourTask,
  ResultOf,
  Task,
  TestimonyResult,
  TestimonyTask,
} from '../../../workers/contract.js';
import { Meter, type MeterOptions } from './meter.js';
import { OwnFirst } from './own-first.js';

export interface PoolOptions {
  /** The worker's file: `poll.js` of the same build. */
  readonly worker: URL | string;
  /**
   * Threads at the most; each takes 8 to 16 MB. One serves all portals, for it waits on sockets most of the time. 0: the
   * thread of whoever calls.
   */
  readonly threads: number;
  /** Devices that a look may have found for the next one to be taken in the thread of whoever calls. @default 0: none is */
  readonly mostOwn?: number;
  /** A thread that has not ended a look this long after the look's own limit hangs, in ms. @default 3,000 */
  readonly graceMs?: number;
}

const usualGraceMs = 3_000;

/** Devices that the daemon scans itself: a look at so many holds calls up for 3 ms on an x86-64 processor. */
export const mostOwn = 2_000;

/** The worker threads, shared by the meters of all portals. */
export class MeterPool {
  readonly #threads: readonly OwnFirst[];

  constructor({ worker, threads, mostOwn: most = 0, graceMs = usualGraceMs }: PoolOptions) {
    const own = threads === 0 ? Number.POSITIVE_INFINITY : most;
    this.#threads = Array.from(
      { length: Math.max(threads, 1) },
      () => new OwnFirst(String(worker), own, graceMs),
    );
  }

  /** A meter for one portal. */
  meter(options: MeterOptions): Meter {
    return new Meter(options, (task) => this.#run(task));
  }

  /** Reads the counters in the kernel. */
  counters(task: CounterTask): Promise<CounterResult> {
    return this.#run(task);
  }

  /** Asks the kernel's connections what they have moved. */
  testimony(task: TestimonyTask): Promise<TestimonyResult> {
    return this.#run(task);
  }

  /** Reads the kernel's neighbours. */
  neighbours(task: NeighbourTask): Promise<NeighbourResult> {
    return this.#run(task);
  }

  /** Ends the threads; polls under way end as `failed`. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** Picks the thread with the fewest looks under way. Any thread will do, for a ledger is shared memory. */
  #run<T extends Task>(task: T): Promise<ResultOf<T>> {
    return this.#threads.reduce((a, b) => (b.underWay < a.underWay ? b : a)).run(task);
  }
}

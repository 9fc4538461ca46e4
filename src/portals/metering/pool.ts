import { Piscina } from 'piscina';
import type { PollResult, PollTask } from '../../../workers/contract.js';
import { Meter, type MeterOptions } from './meter.js';

export interface PoolOptions {
  /** The worker's file: `poll.js` of the same build. */
  readonly worker: URL | string;
  /** Threads; each takes about 9 MB. One serves several portals, for it waits on sockets most of the time. */
  readonly threads: number;
}

/** Portals that one thread waits on at the same time. */
const portalsPerThread = 8;
/** A worker that has said nothing for this long after the portal's own time-out hangs: its thread is ended. */
const graceMs = 10_000;

/** The worker threads, shared by the meters of all portals. */
export class MeterPool {
  readonly #piscina: Piscina<PollTask, PollResult>;

  constructor(options: PoolOptions) {
    this.#piscina = new Piscina({
      filename: String(options.worker),
      minThreads: 1,
      maxThreads: options.threads,
      concurrentTasksPerWorker: portalsPerThread,
      idleTimeout: Number.POSITIVE_INFINITY,
      // Without these a waiting thread sleeps in its event loop and costs nothing.
      atomics: 'disabled',
    });
    // A thread that dies is replaced, and its task says so; the event is of no further use.
    this.#piscina.on('error', () => {});
  }

  /** A meter for one portal. */
  meter(options: MeterOptions): Meter {
    return new Meter(options, (task) => this.#run(task));
  }

  /** Ends the threads; polls under way end as `failed`. */
  async close(): Promise<void> {
    await this.#piscina.destroy();
  }

  async #run(task: PollTask): Promise<PollResult> {
    const started = performance.now();
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), task.timeoutMs + graceMs);
    try {
      return await this.#piscina.run(task, { signal: abort.signal });
    } catch (cause) {
      const reason = abort.signal.aborted ? 'timeout' : 'failed';
      const detail = cause instanceof Error ? cause.message : String(cause);
      return { ok: false, reason, detail, tookMs: performance.now() - started };
    } finally {
      clearTimeout(timer);
    }
  }
}

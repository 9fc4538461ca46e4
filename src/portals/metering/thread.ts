import { setTimeout as pause } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { EndTask, ResultOf, Task } from '../../../workers/contract.js';

/** Looks in one thread at the same time: more than a router has portals, so that none waits for another. */
const mostAtOnce = 1_000;
/** The longest wait for the end of a thread, in ms. */
const endMs = 1_000;

interface Started {
  readonly piscina: Piscina<Task | EndTask, ResultOf<Task> | undefined>;
  /** Why the thread can no longer be used. */
  fault: string | undefined;
  ended: Promise<void> | undefined;
}

/**
 * One worker thread. It starts with the first look, and a new thread replaces it when it hangs, dies or fails
 * to start.
 *
 * Looks are given no signal: Piscina runs one task at a time in a thread whose task may be aborted, and ends
 * the thread to abort it. So each look ends by the worker's own clock, and a thread with a look that does not
 * end is ended as a whole.
 */
export class PollThread {
  readonly #worker: string;
  readonly #graceMs: number;
  #started: Started | undefined;
  #underWay = 0;
  #closed = false;

  /**
   * `worker`: the worker's file. `graceMs`: a look that takes this much longer than its limit hangs, in ms.
   */
  constructor(worker: string, graceMs: number) {
    this.#worker = worker;
    this.#graceMs = graceMs;
  }

  /** Looks that have not ended. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Has the worker look at a portal, or at the kernel. Never rejects. */
  async run<T extends Task>(task: T): Promise<ResultOf<T>> {
    const began = performance.now();
    const failed = (reason: 'failed' | 'timeout', detail: string) => {
      return { ok: false, reason, detail, tookMs: performance.now() - began } as ResultOf<T>;
    };
    if (this.#closed) return failed('failed', 'shutting down');
    this.#started ??= this.#start();
    const started = this.#started;
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      this.#drop(started, 'its thread hung');
    }, task.limitMs + this.#graceMs);
    this.#underWay += 1;
    try {
      return (await started.piscina.run(task)) as ResultOf<T>;
    } catch (cause) {
      // The worker returns a result for every failure of a look, so a rejection here means that its thread
      // has ended.
      this.#drop(started, String((cause as Error).message));
      // Until the thread has ended it may write into the ledger, which the next turn may
      // give to another thread.
      await Promise.race([started.ended, pause(endMs, undefined, { ref: false })]);
      return failed(hangs ? 'timeout' : 'failed', `worker: ${started.fault}`);
    } finally {
      clearTimeout(timer);
      this.#underWay -= 1;
    }
  }

  /** Ends the thread; looks under way end as `failed`. */
  async close(): Promise<void> {
    this.#closed = true;
    const started = this.#started;
    this.#started = undefined;
    if (!started) return;
    const farewell = started.piscina.run({ ends: true }).catch(() => {});
    await Promise.race([farewell, pause(endMs, undefined, { ref: false })]);
    await this.#end(started);
  }

  #start(): Started {
    const piscina = new Piscina<Task | EndTask, ResultOf<Task> | undefined>({
      filename: this.#worker,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: mostAtOnce,
      idleTimeout: Number.POSITIVE_INFINITY,
      // Without these a waiting thread sleeps in its event loop and costs nothing.
      atomics: 'disabled',
    });
    const started: Started = { piscina, fault: undefined, ended: undefined };
    // A thread that ends with no look under way is noticed here.
    piscina.on('error', (cause: Error) => this.#drop(started, cause.message));
    return started;
  }

  /**
   * Ends a thread, once; the next look starts another. The shells of one that hangs stay among the dead until the daemon
   * ends: nobody else may collect them.
   */
  #drop(started: Started, fault: string): void {
    started.fault ??= fault;
    if (this.#started !== started) return;
    this.#started = undefined;
    void this.#end(started);
  }

  /** Once: in a second call Piscina would put a new thread in the place of the one that ends. */
  #end(started: Started): Promise<void> {
    started.ended ??= started.piscina.destroy();
    return started.ended;
  }
}

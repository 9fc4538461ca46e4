import type { ResultOf, Task } from '../../../workers/contract.js';
import { OwnThread } from './own-thread.js';
import type { PollThread } from './thread.js';

/** A pass over the connections that took this long is the last one that the daemon makes itself, in ms. */
const longPassMs = 10;

/**
 * Looks in the daemon's own thread while what they find is little, and in a thread of their own from then on: it takes
 * 8 MB, and is not even loaded before.
 */
export class OwnFirst {
  readonly #own: OwnThread;
  readonly #mostOwn: number;
  readonly #startThread: () => Promise<PollThread | OwnThread>;
  #thread: Promise<PollThread | OwnThread> | undefined;
  #underWay = 0;
  #closed = false;

  /**
   * @param worker the worker's file
   * @param mostOwn the most devices that a look in the daemon's thread may find; 0: none is taken there
   * @param graceMs see {@link PollThread}
   */
  constructor(worker: string, mostOwn: number, graceMs: number) {
    this.#own = new OwnThread(worker);
    this.#mostOwn = mostOwn;
    // An upgrade may have taken the file away that this daemon would load: it goes on looking by itself.
    this.#startThread = () =>
      import('./thread.js').then(
        ({ PollThread }) => new PollThread(worker, graceMs),
        () => this.#own,
      );
    if (mostOwn === 0) this.#thread = this.#startThread();
  }

  /** Looks that have not ended. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Looks at a portal, or at the kernel. Never rejects. */
  async run<T extends Task>(task: T): Promise<ResultOf<T>> {
    this.#underWay += 1;
    try {
      if (this.#thread) return await (await this.#thread).run(task);
      const result = await this.#own.run(task);
      if (!this.#closed && this.#isMuch(result)) this.#thread ??= this.#startThread();
      return result;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Ends the thread; looks under way in it end as `failed`. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#own.close();
    await (await this.#thread)?.close();
  }

  #isMuch(result: ResultOf<Task>): boolean {
    if (this.#mostOwn === Number.POSITIVE_INFINITY || !result.ok) return false;
    if ('clients' in result) return result.clients > this.#mostOwn;
    if ('found' in result) return result.found.length > this.#mostOwn;
    if ('seen' in result) {
      return result.seen / 2 > this.#mostOwn || (result.baseline?.tookMs ?? 0) > longPassMs;
    }
    return result.tookMs > longPassMs;
  }
}

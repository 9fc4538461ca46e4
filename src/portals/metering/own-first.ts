import type { ResultOf, Task } from '../../../workers/contract.js';
import { OwnThread } from './own-thread.js';
import type { PollThread } from './thread.js';

/** A pass over the connections that took this long is the last one that the daemon makes itself, in ms. */
const longPassMs = 10;

/** A scan that holds calls up for this long is for a thread, on a slow processor with few devices too, in ms. */
const longScanMs = 5;

/** So many scans in a row must be long: the first ones are while the scanner is not compiled yet. */
const longEnough = 3;

/** The thread ends after so many looks in a row that found less than half of what it was started for. */
const littleEnough = 1_000;

/**
 * Looks in the daemon's own thread while what they find is little, and in a thread of their own while it is much: that
 * takes 8 to 16 MB, and is not even loaded before.
 */
export class OwnFirst {
  readonly #own: OwnThread;
  readonly #mostOwn: number;
  readonly #startThread: () => Promise<PollThread | OwnThread>;
  #thread: Promise<PollThread | OwnThread> | undefined;
  #underWay = 0;
  /** Long scans in a row since the thread began or ended, for each list, by the memory that it is counted in. */
  #long = new WeakMap<SharedArrayBuffer, number>();
  /** Looks of the thread in a row that found little. */
  #little = 0;
  #closed = false;
  /** The end of the thread before. */
  #retired: Promise<unknown> | undefined;

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
      const thread = this.#thread;
      const result = await ((await thread) ?? this.#own).run(task);
      if (thread) this.#retire(thread, task, result);
      else if (!this.#closed && (this.#isSlow(task, result) || this.#isMuch(result))) this.#begin();
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
    await this.#retired;
  }

  #begin(): void {
    this.#thread ??= this.#startThread();
    this.#long = new WeakMap();
  }

  /** Gives back what the thread takes, when no look is under way in it. A look that failed may be one that hangs. */
  #retire(thread: Promise<PollThread | OwnThread>, task: Task, result: ResultOf<Task>): void {
    const isSlow = this.#isSlow(task, result, 0.5);
    const isLittle = result.ok && !isSlow && !this.#isMuch(result, 0.5);
    this.#little = this.#mostOwn > 0 && isLittle ? this.#little + 1 : 0;
    if (this.#little < littleEnough || this.#underWay > 1 || this.#thread !== thread) return;
    this.#little = 0;
    this.#long = new WeakMap();
    this.#thread = undefined;
    this.#retired = thread.then((one) => (one === this.#own ? undefined : one.close())).catch(() => {});
  }

  /** @param share of the most that a look of the daemon may find or take */
  #isMuch(result: ResultOf<Task>, share = 1): boolean {
    const [most, mostMs] = [share * this.#mostOwn, share * longPassMs];
    if (most === Number.POSITIVE_INFINITY || !result.ok) return false;
    if ('clients' in result) return result.clients > most;
    if ('found' in result) return result.found.length > most;
    if ('seen' in result) return result.seen / 2 > most || (result.baseline?.tookMs ?? 0) > mostMs;
    return result.tookMs > mostMs;
  }

  /**
   * Whether the scans of this task's list take the daemon too long, however few devices it has.
   * @param share of the longest that a scan of the daemon may take
   */
  #isSlow(task: Task, result: ResultOf<Task>, share = 1): boolean {
    const list = 'told' in task ? task.told : 'buffer' in task ? task.buffer : undefined;
    if (!list || this.#mostOwn === Number.POSITIVE_INFINITY) return false;
    const isLong = 'busyMs' in result && result.busyMs > share * longScanMs;
    const long = isLong ? (this.#long.get(list) ?? 0) + 1 : 0;
    this.#long.set(list, long);
    return long >= longEnough;
  }
}

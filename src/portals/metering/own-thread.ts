import type { ResultOf, Task } from '../../../workers/contract.js';

/** What a worker's file exports. */
type Look = <T extends Task>(task: T) => Promise<ResultOf<T>>;

/**
 * Looks in the daemon's own thread: it takes no memory for another one. Calls wait while a reply is scanned, and a look
 * that hangs cannot be ended, so each ends by its own clock.
 */
export class OwnThread {
  readonly #worker: string;
  #look: Promise<Look> | undefined;
  #underWay = 0;
  #closed = false;

  /** @param worker the worker's file */
  constructor(worker: string) {
    this.#worker = worker;
  }

  /** Looks that have not ended. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Looks at a portal, or at the kernel. Never rejects. */
  async run<T extends Task>(task: T): Promise<ResultOf<T>> {
    const began = performance.now();
    const failed = (detail: string) => {
      return { ok: false, reason: 'failed', detail, tookMs: performance.now() - began } as ResultOf<T>;
    };
    if (this.#closed) return failed('shutting down');
    this.#underWay += 1;
    try {
      this.#look ??= import(this.#worker).then((module: { readonly default: Look }) => module.default);
      return await (await this.#look)(task);
    } catch (cause) {
      return failed(String((cause as Error).message));
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Looks under way end by themselves; there are no others. */
  async close(): Promise<void> {
    this.#closed = true;
  }
}

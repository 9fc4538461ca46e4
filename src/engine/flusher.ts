import type { Clock } from '../ports/clock.js';
import type { Notice } from '../ports/notice.js';
import type { Accounts } from './accounts.js';

/** Writes usage down at an interval, and tells of it. */
export class Flusher {
  readonly #accounts: Accounts;
  readonly #clock: Clock;
  readonly #notify: (notice: Notice) => void;
  readonly #review: () => void;
  #cancel: (() => void) | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `review` ends what is over, each time before it is written. */
  constructor(accounts: Accounts, clock: Clock, notify: (notice: Notice) => void, review = () => {}) {
    this.#review = review;
    this.#accounts = accounts;
    this.#clock = clock;
    this.#notify = notify;
  }

  /** Begins the interval anew, of `interval()` milliseconds. */
  schedule(interval: () => number): void {
    this.#cancel?.();
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(interval(), () => {
      this.#flushing = this.#flush();
      this.schedule(interval);
    });
  }

  /** Writes all usage for the last time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#flushing;
    await this.#accounts.flush();
  }

  async #flush(): Promise<void> {
    this.#review();
    const sessions = await this.#accounts.flush();
    if (sessions.length > 0) this.#notify({ type: 'session.usage', sessions });
  }
}

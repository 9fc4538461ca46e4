import type { Clock } from '../ports/clock.js';

interface Work {
  running: boolean;
  /** Another step was asked for while this one was under way. */
  again: boolean;
  cancel: () => void;
  /** Called between two steps. */
  readonly waiting: Set<() => void>;
}

/**
 * Takes one step after the other for each key: one at a time, when the step before said, or at once when asked for.
 * A step gives the milliseconds to the next one, 0 for now, or undefined when there is none.
 */
export class Drive {
  readonly #clock: Clock;
  readonly #step: (key: string) => Promise<number | undefined>;
  readonly #work = new Map<string, Work>();
  #stopped = false;

  /** `step` must not reject. */
  constructor(clock: Clock, step: (key: string) => Promise<number | undefined>) {
    this.#clock = clock;
    this.#step = step;
  }

  /** Takes a step now, or when the one under way is over. */
  now(key: string): void {
    const work = this.#workOf(key);
    work.again = true;
    if (!work.running && !this.#stopped) void this.#run(key, work);
  }

  /** Resolves when `is` holds and no step is under way, or after `ms`. */
  until(key: string, ms: number, is: () => boolean): Promise<void> {
    const work = this.#workOf(key);
    if (this.#stopped || (!work.running && is())) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        work.waiting.delete(look);
        resolve();
      };
      const look = () => {
        if (is() || this.#stopped) end();
      };
      const cancel = this.#clock.after(ms, end);
      work.waiting.add(look);
    });
  }

  /** Takes no more steps. */
  stop(): void {
    this.#stopped = true;
    for (const { cancel, waiting } of this.#work.values()) {
      cancel();
      for (const wake of waiting) wake();
    }
  }

  #workOf(key: string): Work {
    let work = this.#work.get(key);
    if (!work) {
      work = { running: false, again: false, cancel: () => {}, waiting: new Set() };
      this.#work.set(key, work);
    }
    return work;
  }

  async #run(key: string, work: Work): Promise<void> {
    work.running = true;
    work.cancel();
    let wait: number | undefined = 0;
    while (!this.#stopped && (wait === 0 || work.again)) {
      work.again = false;
      wait = await this.#step(key);
      for (const wake of work.waiting) wake();
    }
    work.running = false;
    if (this.#stopped) return;
    if (wait !== undefined) work.cancel = this.#clock.after(wait, () => this.now(key));
    else if (work.waiting.size === 0) this.#work.delete(key);
  }
}

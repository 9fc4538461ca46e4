// Time that passes when a test says so.
import type { Clock, ClockState } from '../../src/ports/clock.js';

/** Everything that waits for nothing but its turn has had it. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs something for which each look at the clock is 20 ms after the one before. @returns whether others had a turn meanwhile */
export async function slowly(work: () => Promise<unknown>): Promise<boolean> {
  let [at, hadTurn] = [0, false];
  const { now } = performance;
  performance.now = () => (at += 20);
  try {
    setImmediate(() => {
      hadTurn = true;
    });
    await work();
  } finally {
    performance.now = now;
  }
  return hadTurn;
}

export class TestClock implements Clock {
  now: number;
  /** Somebody set the clock: by how much, in ms. */
  setBy = 0;
  state: ClockState = 'set';
  #timers: { readonly at: number; readonly task: () => void }[] = [];

  readonly #settled: () => Promise<void>;

  /**
   * @param now of the monotonic clock, in ms
   * @param atRest resolves when what a timer set off has had its turns
   */
  constructor(now = 1_000_000, atRest: () => Promise<void> = settled) {
    this.now = now;
    this.#settled = atRest;
  }

  mono(): number {
    return this.now;
  }

  wall(): number {
    return 1_790_000_000_000 + this.now + this.setBy;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.now + Math.max(0, ms), task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Lets time pass, timer by timer, each one's work to its end before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await this.#settled();
    for (let next = this.#due(end); next; next = this.#due(end)) {
      const timer = next;
      this.#timers = this.#timers.filter((one) => one !== timer);
      this.now = Math.max(this.now, timer.at);
      timer.task();
      await this.#settled();
    }
    this.now = end;
  }

  /** The first timer that is due by then. */
  #due(end: number) {
    let first: { readonly at: number; readonly task: () => void } | undefined;
    for (const timer of this.#timers)
      if (timer.at <= end && timer.at < (first?.at ?? Infinity)) first = timer;
    return first;
  }
}

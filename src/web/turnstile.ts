/**
 * Lets one new request in for each turn of the event loop: however many come at once, a sale, a poll or a cap in between
 * waits for one of them at the most.
 */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];

  /** Calls `enter` when it is its turn; after those that came before. */
  pass(enter: () => void): void {
    this.#waiting.push(enter);
    if (this.#waiting.length === 1) setImmediate(() => this.#turn());
  }

  #turn(): void {
    // It stays in the queue meanwhile, so that nobody else begins a turn.
    try {
      this.#waiting[0]?.();
    } finally {
      this.#waiting.shift();
      if (this.#waiting.length > 0) setImmediate(() => this.#turn());
    }
  }
}

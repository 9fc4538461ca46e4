/** How long the first rest is, in ms; each further one is twice as long as the one before, up to so much. */
const firstMs = 50;
const mostMs = 8_000;

/** Keeps apart what is done again and again beside something that must get through, however long that takes. */
export class Rest {
  #ms = 0;
  #until = 0;
  #wake = () => {};

  /** Resolves when the rest is over; at once when there is none. */
  async over(): Promise<void> {
    const left = this.#until - performance.now();
    if (left <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** It was done: now it rests. */
  begin(): void {
    this.#ms = Math.min(mostMs, Math.max(firstMs, 2 * this.#ms));
    this.#until = performance.now() + this.#ms;
  }

  /** Nothing has to get through any more: no rest, and the next one is short again. */
  end(): void {
    this.#ms = 0;
    this.#until = 0;
    this.#wake();
  }
}

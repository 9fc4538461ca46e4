/** Waits between tries to connect, in ms: the first one, doubled up to the longest. */
const [first, longest] = [1_000, 60_000];
/** Wait after a refusal that only an operator can put right, in ms. */
const refusedFor = 300_000;

/** How long to wait before the next try, so that a fleet does not come back to a broker all at once. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  /** `random`: from 0 to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  reset(): void {
    this.#failures = 0;
  }

  next(): number {
    const most = Math.min(first * 2 ** this.#failures, longest);
    this.#failures += 1;
    return this.#spread(most);
  }

  long(): number {
    return this.#spread(refusedFor);
  }

  /** A random time from half of `most` to all of it, in ms. */
  #spread(most: number): number {
    return most * (0.5 + this.#random() / 2);
  }
}

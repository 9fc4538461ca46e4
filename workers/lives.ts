/** Present life, end of the last run, lives that began before our eyes. */
const doubles = 3;

/**
 * In which of its lives a portal speaks, in the shared memory of its ledger.
 *
 * A portal may come back with tokens and counters out of a file, and that may be an old one: nodogsplash writes it
 * when it is stopped, and reads it again after any later crash, too (state_file.c).
 */
export class Lives {
  static readonly bytes: number = doubles * 8;
  readonly #times: Float64Array;

  constructor(buffer: SharedArrayBuffer, at: number) {
    this.#times = new Float64Array(buffer, at, doubles);
  }

  /** Takes in when the portal that speaks was started, in ms; 0 where nobody knows. @returns whether that is news. */
  enter(life: number): boolean {
    const [present = 0, since = 0, begun = 0] = this.#times;
    if (life === 0 || life === present) return false;
    this.#times[0] = life;
    if (present === 0 && !(since > 0 && life > since)) return false;
    this.#times[2] = begun + 1;
    return true;
  }

  /** What is known at the start was true at that time: wall clock, in ms. */
  since(at: number): void {
    this.#times[1] = at;
  }

  /** Clients that nobody has seen before may be out of a file. */
  get hasBegun(): boolean {
    return this.#times[2]! > 0;
  }

  copy(from: Lives): void {
    this.#times.set(from.#times);
  }
}

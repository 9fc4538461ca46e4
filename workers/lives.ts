/**
 * Start of the present life, end of the last run, number of lives that began since all clients were last seen, and 1 for a
 * portal whose counters may come out of a file.
 */
const doubles = 4;

/**
 * Tells which life of a portal speaks, in the shared memory of its ledger. A life lasts from a start of the
 * portal to its end.
 *
 * A portal may come back with tokens and counters out of a file, and that may be an old one: nodogsplash writes it
 * when it is stopped, and reads it again after any later crash, too (state_file.c).
 */
export class Lives {
  static readonly bytes: number = doubles * 8;
  readonly #times: Float64Array;

  /** `remembers`: see {@link remembers}; it stays as it is in the memory when it is absent. */
  constructor(buffer: SharedArrayBuffer, at: number, remembers?: boolean) {
    this.#times = new Float64Array(buffer, at, doubles);
    if (remembers !== undefined) this.#times[3] = remembers ? 1 : 0;
  }

  /**
   * Takes in when the portal was started, in ms; 0 where it is unknown. @returns whether a new life has begun
   */
  enter(life: number): boolean {
    const [present = 0, since = 0, begun = 0] = this.#times;
    if (life === 0 || life === present) return false;
    this.#times[0] = life;
    if (present === 0 && !(since > 0 && life > since)) return false;
    this.#times[2] = begun + 1;
    return true;
  }

  /** Notes the wall clock, in ms, at which the restored counters were true. */
  since(at: number): void {
    this.#times[1] = at;
  }

  /**
   * All clients of the present life have been taken in: a portal reads its file before it makes its socket (main.c of
   * nodogsplash), so whoever appears from now on was let in during this life.
   */
  settle(): void {
    this.#times[2] = 0;
  }

  /** A life has begun of which nobody has seen all clients yet: those never seen before may be from a file. */
  get hasBegun(): boolean {
    return this.#times[2]! > 0;
  }

  /** A life may begin with counters out of a file; else all that it has counted passed in it, whoever opened the gate. */
  get remembers(): boolean {
    return this.#times[3] === 1;
  }

  copy(from: Lives): void {
    this.#times.set(from.#times);
  }
}

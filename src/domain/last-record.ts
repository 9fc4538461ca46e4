/** The time of the last record as the snapshot keeps it. */
export interface PlainLastRecord {
  /** Wall clock of the last record, ms since 1970. */
  readonly at: number;
  readonly doubted?: number;
}

/**
 * When the journal was last written, by a wall clock that may be wrong: it may run ahead until somebody sets
 * it, and on a router without a battery it is far behind from each start until the router hears the time.
 *
 * Within a run the newest time counts. When a run begins before the last record, there are two times, and
 * nobody knows yet which of them is wrong.
 */
export class LastRecord {
  #at: number;
  /** A time that lies after the start of a later run; kept until the clock reaches it. */
  #doubted: number | undefined;

  constructor(plain: PlainLastRecord = { at: 0 }) {
    this.#at = plain.at;
    this.#doubted = plain.doubted;
  }

  /** Wall clock of the last record, ms since 1970; 0 before the first. */
  get at(): number {
    return this.#at;
  }

  /** Takes in the wall clock of the next record. `isStart`: it is the first one of a run. */
  note(at: number, isStart: boolean): void {
    if (isStart && at < this.#at) this.#doubted = Math.max(this.#at, this.#doubted ?? 0);
    if (this.#doubted !== undefined && at >= this.#doubted) this.#doubted = undefined;
    this.#at = at;
  }

  /** When the last record was written, as far as a clock that shows `now` can tell. */
  asOf(now: number): number {
    // A clock that has come up to the later time shows that the earlier one was wrong.
    return this.#doubted !== undefined && now >= this.#doubted ? this.#doubted : this.#at;
  }

  toPlain(): PlainLastRecord {
    return { at: this.#at, ...(this.#doubted !== undefined && { doubted: this.#doubted }) };
  }
}

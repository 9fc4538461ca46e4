/** A record as it is kept for the sinks: still encoded. */
export interface Entry {
  readonly seq: number;
  readonly payload: Buffer;
}

/** The last records, in memory, so that a sink that keeps up never reads the disk. */
export class Tail {
  readonly #limit: number;
  #entries: Entry[] = [];
  #bytes = 0;

  /** Holds about `limit` bytes of payload. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(seq: number, payload: Buffer): void {
    this.#entries.push({ seq, payload });
    this.#bytes += payload.length;
    // Half is let go at once: taking them one by one off the front would move the rest each time.
    if (this.#bytes > this.#limit) this.#shrink(this.#limit / 2);
  }

  /** The records after `after`, the next one first; undefined when the next one is not here. */
  after(after: number): readonly Entry[] | undefined {
    const first = this.#entries[0]?.seq;
    if (first === undefined || after + 1 < first) return undefined;
    return this.#entries.slice(after + 1 - first);
  }

  #shrink(bytes: number): void {
    let gone = 0;
    while (this.#bytes > bytes) this.#bytes -= this.#entries[gone++]!.payload.length;
    this.#entries = this.#entries.slice(gone);
  }
}

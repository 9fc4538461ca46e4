import type { Archive, Chapter } from './archive.js';
import type { Cursors } from './cursors.js';
import type { Journal } from './journal.js';
import { decodePayload } from './payload.js';
import type { StoredRecord } from './recovery.js';
import type { Entry, Tail } from './tail.js';

/**
 * The records that one sink has yet to send on, in order.
 *
 * Only records that are on the disk are shown, so that no server hears of a record that a power cut then
 * undoes. After a crash, records that were acknowledged shortly before come again. They come unchanged if the
 * sink keeps two rules: it has no more records under way than the store's option `repeated` says, and it
 * acknowledges what it knows to have arrived before it reads for the first time.
 */
export class Outbox {
  readonly sink: string;
  readonly #cursors: Cursors;
  readonly #journal: Journal;
  readonly #tail: Tail;
  readonly #archive: Archive;
  #chapter: Chapter | undefined;
  #listener: (() => void) | undefined;

  /** Made by the store. */
  constructor(sink: string, cursors: Cursors, journal: Journal, tail: Tail, archive: Archive) {
    this.sink = sink;
    this.#cursors = cursors;
    this.#journal = journal;
    this.#tail = tail;
    this.#archive = archive;
  }

  /** The last record that was acknowledged. */
  get cursor(): number {
    return this.#cursors.of(this.sink) ?? this.#journal.lastSeq;
  }

  /** Records after the cursor, those not yet on the disk and those that were left out since included. */
  get backlog(): number {
    return Math.max(0, this.#journal.lastSeq - this.cursor);
  }

  /**
   * The next records, `limit` at the most. They stay until they are acknowledged; a sink that has some under way reads
   * on behind them with `after`.
   * @throws {@link StoreError} when a sink that has fallen behind reads from the disk, and may ask again.
   */
  read(limit: number, after: number = this.cursor): StoredRecord[] {
    this.#cursors.begun(this.sink);
    const found: StoredRecord[] = [];
    let at = Math.max(after, this.cursor);
    try {
      while (found.length < limit && at < this.#journal.durableSeq) at = this.#readOn(found, limit, at);
    } catch (cause) {
      // Records that were found before the fault need not wait.
      if (found.length === 0) throw cause;
    }
    // Records that are lost for good must not count as backlog for ever.
    if (found.length === 0 && after <= this.cursor) this.ack(at);
    return found;
  }

  /**
   * Acknowledges this record and all before it. A record that was acknowledged before, or is not here yet,
   * changes nothing.
   */
  ack(seq: number): void {
    if (seq > this.cursor && seq <= this.#journal.durableSeq) this.#cursors.set(this.sink, seq);
  }

  /** `listener` runs soon after new records can be read. There is one at the most; undefined takes it away. */
  onAppend(listener: (() => void) | undefined): void {
    this.#listener = listener;
  }

  /** Called by the store after each sync. */
  wake(): void {
    if (this.#listener) queueMicrotask(this.#listener);
  }

  /** Adds records after `at`. @returns up to where there are no others */
  #readOn(found: StoredRecord[], limit: number, at: number): number {
    const { entries, upTo } = this.#next(at);
    const taken = entries.slice(0, limit - found.length);
    found.push(...taken.flatMap((entry) => this.#decoded(entry)));
    return taken.length < entries.length ? taken.at(-1)!.seq : upTo;
  }

  /** A whole payload that is not MessagePack was written that way, and must not hold up later records. */
  #decoded({ seq, payload }: Entry): StoredRecord[] {
    try {
      return [{ seq, data: decodePayload(payload) }];
    } catch {
      this.#archive.reportUndecodable(seq);
      return [];
    }
  }

  #next(after: number): Chapter {
    const last = this.#journal.durableSeq;
    const fresh = this.#tail.after(after);
    if (fresh) {
      this.#chapter = undefined;
      return { after, entries: fresh.filter(({ seq }) => seq <= last), upTo: last };
    }
    const known = this.#chapter;
    const chapter =
      known && known.after <= after && after < known.upTo ? known : this.#archive.read(after, last);
    this.#chapter = chapter;
    return { after, entries: chapter.entries.filter(({ seq }) => seq > after), upTo: chapter.upTo };
  }
}

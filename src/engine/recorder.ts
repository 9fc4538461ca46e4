import type { Book } from '../domain/book.js';
import type { JournalRecord } from '../domain/record.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { Log } from '../ports/log.js';

/** Takes records into the journal and the book, in this order where it may still be refused, and anyhow where not. */
export class Recorder {
  readonly #book: Book;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Records that could not be written, in order: the sinks are owed them. */
  readonly #missed: JournalRecord[] = [];
  /** Something could not be written or synced: only a snapshot makes the journal whole again. */
  #incomplete = false;

  constructor(book: Book, journal: Journal, clock: Clock, log: Log) {
    this.#book = book;
    this.#journal = journal;
    this.#clock = clock;
    this.#log = log;
  }

  /** The journal lacks something that happened. */
  get incomplete(): boolean {
    return this.#incomplete;
  }

  /** A snapshot is due. */
  get wantsSnapshot(): boolean {
    return this.#incomplete || this.#journal.wantsSnapshot;
  }

  /** What has happened already. The books go on when the journal cannot be written. */
  post(record: JournalRecord): void {
    try {
      this.#appendAnyhow(record);
    } catch (cause) {
      this.#lost(cause);
      // Usage is in the sessions too; what is left counts a session's life, which is short of records.
      if (record.t !== 'usage') this.#missed.push(record);
    }
    this.#book.apply(record);
  }

  /**
   * Writes what is to happen, and takes it into the books at once; it is durable after {@link demandSync}.
   * @throws the journal's error with `code` `storage_full` or `storage_failed`; then nothing was written.
   */
  append(record: JournalRecord): void {
    this.#journal.append(record);
    this.#book.apply(record);
  }

  /**
   * Makes a record durable, and only then part of the books.
   * @throws the journal's error with `code` `storage_full` or `storage_failed`; then the books are as they were. On
   * the disk the record may be all the same.
   */
  async commit(record: JournalRecord): Promise<void> {
    if (this.#incomplete) await this.heal();
    this.#journal.append(record);
    await this.demandSync();
    this.#book.apply(record);
  }

  /** Waits until everything said so far is on the disk. @throws the journal's error */
  async demandSync(): Promise<void> {
    try {
      await this.#journal.sync();
    } catch (cause) {
      this.#lost(cause);
      throw cause;
    }
  }

  /** Waits until everything said so far is on the disk; says so in the log when it cannot be. */
  async sync(): Promise<void> {
    await this.demandSync().catch(() => {});
  }

  /** Sums the journal up; says so in the log when it cannot. */
  async snapshot(): Promise<void> {
    await this.heal().catch((cause: unknown) => this.#lost(cause));
  }

  /** Makes the journal whole again. @throws the journal's error */
  async heal(): Promise<void> {
    const wasIncomplete = this.#incomplete;
    while (this.#missed.length > 0) {
      this.#journal.append(this.#missed[0]!);
      this.#missed.shift();
    }
    await this.#journal.snapshot(this.#book.toPlain(this.#clock.wall()));
    this.#incomplete = false;
    if (wasIncomplete) this.#log('info', 'journal: whole again');
  }

  /** Appends what has happened already; on a full disk in the room that is kept for that. */
  #appendAnyhow(record: JournalRecord): void {
    try {
      this.#journal.append(record);
    } catch (cause) {
      const full = (cause as { code?: unknown }).code === 'storage_full';
      if (!full || record.t === 'usage' || !this.#journal.giveRoom()) throw cause;
      // No sale may take what is left of that room.
      this.#lost(cause);
      this.#journal.append(record);
    }
  }

  #lost(cause: unknown): void {
    if (!this.#incomplete) {
      const text = cause instanceof Error ? cause.message : String(cause);
      this.#log('error', `journal: ${text}: serving on, selling nothing`);
    }
    this.#incomplete = true;
  }
}

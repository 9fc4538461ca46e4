import type { Book } from '../domain/book.js';
import type { Decision, JournalRecord } from '../domain/record.js';
import { takeBackOf } from '../domain/take-back.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { Log } from '../ports/log.js';

/**
 * Takes records into the journal and the books.
 *
 * A record comes into both in one turn, so that each snapshot has just what the journal has up to there. What has
 * happened already stays in the books when the journal cannot be written, and is written when it can be. What could not
 * be made durable in time is refused: it is taken back in the books, and by a record of its own.
 */
export class Recorder {
  readonly #book: Book;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Records that could not be written, in order: the sinks are owed them. */
  readonly #missed: JournalRecord[] = [];
  /** Something could not be written or synced: only a snapshot makes the journal whole again. */
  #incomplete = false;
  readonly #underWay = new Set<string>();

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
   * Makes durable what is to happen: it may be acted on when this resolves. `decide` is called at the last moment; it may
   * think better of it, and then nothing is written.
   * @throws the journal's error with `code` `storage_full` or `storage_failed`; then the books are without it, and a
   * restart finds it taken back, unless the power fails before the disk takes anything again.
   */
  async commit(decide: () => Decision | undefined): Promise<void> {
    if (this.#incomplete) await this.heal();
    const decision = decide();
    if (!decision) return;
    const takeBack = takeBackOf(this.#book, decision);
    this.#journal.append(decision);
    this.#book.apply(decision);
    const key = keyOf(decision);
    if (key !== undefined) this.#underWay.add(key);
    try {
      await this.demandSync();
    } catch (cause) {
      this.post(takeBack(this.#clock.wall()));
      await this.sync();
      throw cause;
    } finally {
      if (key !== undefined) this.#underWay.delete(key);
    }
  }

  /** What was decided under this key is in the books and not known to be on the disk: nobody may act on it. */
  isUnderWay(key: string): boolean {
    return this.#underWay.has(key);
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

/** The idempotency key of what is decided; vouchers are made void without one. */
function keyOf(decision: Decision): string | undefined {
  if (decision.t === 'voided') return undefined;
  return decision.t === 'escrow' ? decision.escrow.sale.key : decision.key;
}

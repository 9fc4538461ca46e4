import type { Book } from '../domain/book.js';
import type { Decision, JournalRecord } from '../domain/record.js';
import { takeBackOf } from '../domain/take-back.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { Log } from '../ports/log.js';

/**
 * Keeps the books and their journal, which hold the same records in the same order.
 *
 * A record enters both in one turn, so each snapshot holds exactly what the records before it say. An event
 * that happened while the journal could not be written is in the books, and its record waits: no newer record
 * is written before it, and nothing is decided meanwhile. A decision that could not be made durable is taken
 * out of the books before it is refused, and a record that takes it back follows.
 */
export class Recorder {
  readonly #book: Book;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Records that could not be written, in order: the sinks are owed them. */
  readonly #waiting: JournalRecord[] = [];
  /** Times that a write or a sync failed, and how many of these failures a snapshot has made good. */
  #faults = 0;
  #healed = 0;
  readonly #underWay = new Set<string>();

  constructor(book: Book, journal: Journal, clock: Clock, log: Log) {
    this.#book = book;
    this.#journal = journal;
    this.#clock = clock;
    this.#log = log;
  }

  /** The journal lacks a record of something that happened: only a snapshot makes it whole again. */
  get incomplete(): boolean {
    return this.#healed < this.#faults;
  }

  /** A snapshot is due. */
  get wantsSnapshot(): boolean {
    return this.incomplete || this.#journal.wantsSnapshot;
  }

  /** Records something that has happened already. The books go on when the journal cannot be written. */
  post(record: JournalRecord): void {
    this.#waiting.push(record);
    this.#book.apply(record);
    try {
      this.#catchUp();
    } catch (cause) {
      this.#lost(cause);
      // A later usage record has these totals too, so this one need not wait. Other records wait: each
      // session has few.
      if (record.t === 'usage') this.#waiting.pop();
    }
  }

  /**
   * Makes a decision durable: the caller may act on it when this resolves. `decide` is called at the last
   * moment; if it decides nothing, nothing is written.
   * @throws the journal's error with `code` `storage_full` or `storage_failed`; then the books are without it, and a
   * restart finds it taken back, unless the power fails before the disk takes anything again.
   */
  async commit(decide: () => Decision | undefined): Promise<void> {
    while (this.incomplete) await this.#heal();
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

  /** The decision under this key is in the books but not known to be on the disk: nobody may act on it. */
  isUnderWay(key: string): boolean {
    return this.#underWay.has(key);
  }

  /** Waits until every record so far is on the disk. @throws the journal's error */
  async demandSync(): Promise<void> {
    try {
      await this.#journal.sync();
    } catch (cause) {
      this.#lost(cause);
      throw cause;
    }
  }

  /** Waits until every record so far is on the disk; logs an error when the disk fails. */
  async sync(): Promise<void> {
    await this.demandSync().catch(() => {});
  }

  /** Writes a snapshot, which makes the journal whole; logs an error when that fails. */
  async snapshot(): Promise<void> {
    await this.#heal().catch((cause: unknown) => this.#lost(cause));
  }

  /** The same where the disk has no room for the reserve: for what must go from files. */
  async rewrite(): Promise<void> {
    await this.#writeAnew().catch((cause: unknown) => this.#lost(cause));
  }

  /** @throws the journal's error */
  async #heal(): Promise<void> {
    this.#catchUp();
    await this.#journal.demandRoom();
    await this.#writeAnew();
  }

  /** @throws the journal's error */
  async #writeAnew(): Promise<void> {
    const wasIncomplete = this.incomplete;
    // The snapshot has what happened meanwhile.
    this.#catchUp();
    const faults = this.#faults;
    await this.#journal.snapshot(this.#book.draft(this.#clock.wall()));
    // Failures since then are for the next snapshot.
    this.#healed = Math.max(this.#healed, faults);
    if (wasIncomplete && !this.incomplete) this.#log('info', 'journal: whole again');
  }

  /** Appends what waits, the oldest first. @throws the journal's error; then the rest waits on */
  #catchUp(): void {
    while (this.#waiting.length > 0) {
      this.#appendAnyhow(this.#waiting[0]!);
      this.#waiting.shift();
    }
  }

  /**
   * Appends a record of something that has happened already; on a full disk, in the room that is reserved for
   * it.
   */
  #appendAnyhow(record: JournalRecord): void {
    try {
      this.#journal.append(record);
    } catch (cause) {
      const full = (cause as { code?: unknown }).code === 'storage_full';
      if (!full || record.t === 'usage' || !this.#journal.giveRoom()) throw cause;
      // No sale may take what is left of the reserve.
      this.#lost(cause);
      this.#journal.append(record);
    }
  }

  #lost(cause: unknown): void {
    if (!this.incomplete) {
      const text = cause instanceof Error ? cause.message : String(cause);
      this.#log('error', `journal: ${text}: serving on, selling nothing`);
    }
    this.#faults += 1;
  }
}

/** The idempotency key of what is decided; vouchers are made void without one. */
function keyOf(decision: Decision): string | undefined {
  if (decision.t === 'voided') return undefined;
  return decision.t === 'escrow' ? decision.escrow.sale.key : decision.key;
}

import type { Book } from '../domain/book.js';
import type { Decision, JournalRecord } from '../domain/record.js';
import { takeBackOf } from '../domain/take-back.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { Log } from '../ports/log.js';

/**
 * The books and their journal, which say the same in the same order.
 *
 * What is recorded comes into both in one turn, so that each snapshot has just what the records before it say, and what
 * was answered is in every one that follows. What happened although the journal could not be written is in the books, and
 * waits: nothing newer is written before it, and nothing is decided. What was decided and could not be made durable is out
 * of the books before it is refused, and a record that takes it back follows it.
 */
export class Recorder {
  readonly #book: Book;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Records that could not be written, in order: the sinks are owed them. */
  readonly #waiting: JournalRecord[] = [];
  /** Times that something could not be written or synced, and how many of them a snapshot has made good. */
  #faults = 0;
  #healed = 0;
  readonly #underWay = new Set<string>();

  constructor(book: Book, journal: Journal, clock: Clock, log: Log) {
    this.#book = book;
    this.#journal = journal;
    this.#clock = clock;
    this.#log = log;
  }

  /** The journal lacks something that happened: only a snapshot makes it whole again. */
  get incomplete(): boolean {
    return this.#healed < this.#faults;
  }

  /** A snapshot is due. */
  get wantsSnapshot(): boolean {
    return this.incomplete || this.#journal.wantsSnapshot;
  }

  /** What has happened already. The books go on when the journal cannot be written. */
  post(record: JournalRecord): void {
    this.#waiting.push(record);
    this.#book.apply(record);
    try {
      this.#catchUp();
    } catch (cause) {
      this.#lost(cause);
      // Usage is in the sessions too; what is left counts a session's life, which is short of records.
      if (record.t === 'usage') this.#waiting.pop();
    }
  }

  /**
   * Makes durable what is to happen: it may be acted on when this resolves. `decide` is called at the last moment; it may
   * think better of it, and then nothing is written.
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

  /** Sums the journal up, and makes it whole; says so in the log when it cannot. */
  async snapshot(): Promise<void> {
    await this.#heal().catch((cause: unknown) => this.#lost(cause));
  }

  /** @throws the journal's error */
  async #heal(): Promise<void> {
    const wasIncomplete = this.incomplete;
    this.#catchUp();
    const faults = this.#faults;
    await this.#journal.snapshot(this.#book.toPlain(this.#clock.wall()));
    // What failed since is for the next one.
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

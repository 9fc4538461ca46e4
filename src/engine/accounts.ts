import type { Book } from '../domain/book.js';
import { type JournalRecord, type SessionChange, toPlain } from '../domain/record.js';
import { isDone, type Session, type SessionEvent, step } from '../domain/session.js';
import { millis } from '../domain/units.js';
import { type UsageRow, usageRow } from '../domain/usage-row.js';
import type { Clock, Journal, Log } from './ports.js';

/** A session as it is to be after a sale. */
export interface Sale {
  readonly session: Session;
}

/**
 * The sessions, their time and their way into the journal.
 *
 * Every change of a session goes through here: in memory alone for usage ({@link update}, written in batches by
 * {@link flush}), or with a record of its own ({@link change}, {@link sell}).
 */
export class Accounts {
  readonly book: Book;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Monotonic time up to which each session's time has been counted. */
  readonly #countedTo = new Map<string, number>();
  readonly #unwritten = new Set<string>();
  /** Records that could not be written, in order: the sinks are owed them. */
  readonly #missed: JournalRecord[] = [];
  /** Something could not be written or synced: only a snapshot makes the journal whole again. */
  #incomplete = false;

  readonly #changed: (session: Session) => void;

  /** `changed` is told of every new state that got a record of its own, with its time counted up to now. */
  constructor(
    book: Book,
    journal: Journal,
    clock: Clock,
    log: Log,
    changed: (session: Session) => void = () => {},
  ) {
    this.#changed = changed;
    this.book = book;
    this.#journal = journal;
    this.#clock = clock;
    this.#log = log;
    for (const session of book.live()) this.#countedTo.set(session.id, clock.mono());
  }

  /** Notes the start of a run, and sums up what the runs before it left: nothing is in doubt from then on. */
  async begin(run: { boot: string; machine: string; rebooted: boolean }): Promise<void> {
    this.#post({ t: 'boot', at: this.#clock.wall(), ...run });
    await this.#snapshot();
  }

  /** Takes in a session that a server has been asked for. It is in no record until it is sold. */
  expect(session: Session): void {
    this.book.replace(session);
  }

  /** Forgets a session that no server authorised. */
  dismiss(session: Session): void {
    this.book.remove(session);
    this.#countedTo.delete(session.id);
  }

  /** The journal lacks something that happened. */
  get incomplete(): boolean {
    return this.#incomplete;
  }

  /** The session with its time counted up to now; undefined when there is none of this id. */
  settle(id: string): Session | undefined {
    const session = this.book.get(id);
    if (!session || isDone(session)) return session;
    const now = this.#clock.mono();
    const from = this.#countedTo.get(id) ?? now;
    const span = millis(now - from);
    // A fraction of a millisecond stays for the next time, or frequent looks would lose it.
    this.#countedTo.set(id, from + span);
    return span === 0 ? session : this.update(session, { type: 'elapsed', millis: span });
  }

  /** Applies an event that the next usage record will make durable. */
  update(session: Session, event: SessionEvent): Session {
    const next = step(session, event);
    if (next !== session) {
      this.book.replace(next);
      this.#unwritten.add(next.id);
    }
    return next;
  }

  /**
   * Applies an event and writes the session whole. The books go on when the journal cannot be written, for
   * a gate must close on a full disk too.
   * @returns the new state, or undefined when the event changed nothing.
   */
  change(id: string, event: SessionEvent, what: SessionChange): Session | undefined {
    const before = this.settle(id);
    if (!before) return undefined;
    const next = step(before, event);
    if (next === before) return undefined;
    this.#post({ t: 'session', at: this.#clock.wall(), what, session: toPlain(next) });
    this.#unwritten.delete(id);
    if (isDone(next)) this.#countedTo.delete(id);
    this.#changed(next);
    return next;
  }

  /**
   * Makes a sale durable before anything is done for it. `draft` gives the session with its new lot; it is called
   * at the last moment, for bytes may have been counted since the sale was thought of.
   * @throws the journal's error with `code` `storage_full` or `storage_failed`; then nothing was sold.
   */
  async sell<R>(draft: () => Sale | R, key: string, digest: string): Promise<Sale | R> {
    if (this.#incomplete) await this.#heal();
    const sale = draft();
    if (!isSale(sale)) return sale;
    const { session } = sale;
    const plain = toPlain(session);
    const record = { t: 'sold', at: this.#clock.wall(), key, digest, session: plain } as const;
    this.#journal.append(record);
    this.book.apply(record);
    if (!this.#countedTo.has(session.id)) this.#countedTo.set(session.id, this.#clock.mono());
    try {
      await this.#journal.sync();
    } catch (cause) {
      // Nobody knows whether the record is on the disk. Should it be, this one takes it back; should power fail
      // before, the caller's repeated key finds the sale done.
      this.#post({ t: 'revoked', at: this.#clock.wall(), key, id: session.id });
      this.#lost(cause);
      throw cause;
    }
    this.#changed(this.settle(session.id)!);
    return sale;
  }

  /**
   * Makes a record durable, and only then part of the books.
   * @throws the journal's error with `code` `storage_full` or `storage_failed`; then the books are as they were. On
   * the disk the record may be all the same.
   */
  async commit(record: JournalRecord): Promise<void> {
    if (this.#incomplete) await this.#heal();
    this.#journal.append(record);
    try {
      await this.#journal.sync();
    } catch (cause) {
      this.#lost(cause);
      throw cause;
    }
    this.book.apply(record);
  }

  /** Remembers a log-out under its key. */
  noteLogout(key: string, digest: string, sessions: readonly string[]): void {
    this.#post({ t: 'logout', at: this.#clock.wall(), key, digest, sessions });
  }

  /** Waits until everything said so far is on the disk; says so in the log when it cannot be. */
  async sync(): Promise<void> {
    try {
      await this.#journal.sync();
    } catch (cause) {
      this.#lost(cause);
    }
  }

  /**
   * Writes the usage of every session that changed since the last time, and a snapshot when it is due.
   * @returns the sessions written.
   */
  async flush(): Promise<Session[]> {
    const rows: UsageRow[] = [];
    const written: Session[] = [];
    for (const { id } of this.book.live()) {
      const session = this.settle(id)!;
      if (!this.#unwritten.has(id)) continue;
      rows.push(usageRow(session));
      written.push(session);
    }
    this.#unwritten.clear();
    if (rows.length > 0) this.#post({ t: 'usage', at: this.#clock.wall(), rows });
    await this.sync();
    if (this.#incomplete || this.#journal.wantsSnapshot) await this.#snapshot();
    return written;
  }

  #post(record: JournalRecord): void {
    try {
      this.#appendAnyhow(record);
    } catch (cause) {
      this.#lost(cause);
      // Usage is in the sessions too; what is left counts a session's life, which is short of records.
      if (record.t !== 'usage') this.#missed.push(record);
    }
    this.book.apply(record);
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
    if (!this.#incomplete) this.#log('error', `journal: ${messageOf(cause)}: serving on, selling nothing`);
    this.#incomplete = true;
  }

  async #snapshot(): Promise<void> {
    try {
      await this.#heal();
    } catch (cause) {
      this.#lost(cause);
    }
  }

  async #heal(): Promise<void> {
    const wasIncomplete = this.#incomplete;
    while (this.#missed.length > 0) {
      this.#journal.append(this.#missed[0]!);
      this.#missed.shift();
    }
    await this.#journal.snapshot(this.book.toPlain(this.#clock.wall()));
    this.#incomplete = false;
    if (wasIncomplete) this.#log('info', 'journal: whole again');
  }
}

function isSale(draft: unknown): draft is Sale {
  return typeof draft === 'object' && draft !== null && 'session' in draft;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

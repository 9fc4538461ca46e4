import type { Book } from '../domain/book.js';
import type { Carry } from '../domain/carries.js';
import type { Deposit } from '../domain/deposit.js';
import type { Mac } from '../domain/mac.js';
import { toPlainDeposit } from '../domain/plain-deposit.js';
import type { Baseline } from '../domain/reading.js';
import type { Decision, SessionChange } from '../domain/record.js';
import { type Cause, isDone, type Session, type SessionEvent, step } from '../domain/session.js';
import { foldSpent, toRecord } from '../domain/short-session.js';
import { baselinesAt } from '../domain/traffic.js';
import { millis } from '../domain/units.js';
import { type UsageRow, usageRow } from '../domain/usage-row.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { Log } from '../ports/log.js';
import type { Refusal } from '../ports/result.js';
import { Recorder } from './recorder.js';
import { Resumed } from './resumed.js';
import { type AccountsDuties, isSale, type Sale } from './sale.js';

/**
 * The sessions, their time and their way into the journal.
 *
 * Every change of a session goes through here: in memory alone for usage ({@link update}, written in batches by
 * {@link flush}), or with a record of its own ({@link change}, {@link sell}).
 */
export class Accounts {
  readonly book: Book;
  /** When the last run wrote its last record: wall clock, in ms. */
  readonly lastRun: number;
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  /** Monotonic time up to which each session's time has been counted. */
  readonly #countedTo = new Map<string, number>();
  readonly #unwritten = new Set<string>();
  readonly #resumed = new Resumed();
  readonly #duties: AccountsDuties;

  constructor(book: Book, journal: Journal, clock: Clock, log: Log, duties: AccountsDuties) {
    this.#duties = duties;
    this.book = book;
    this.lastRun = book.writtenAt(clock.wall());
    this.#recorder = new Recorder(book, journal, clock, log);
    this.#clock = clock;
    for (const session of book.running()) this.#countedTo.set(session.id, clock.mono());
  }

  /**
   * Notes the start of a run and writes a snapshot of what earlier runs left, which is known from then on. `then` carries
   * out what is overdue, behind the note: a clock that begins in the past is known by that.
   */
  async begin(run: { boot: string; machine: string; rebooted: boolean }, then = () => {}): Promise<void> {
    this.#recorder.post({ t: 'boot', at: this.#clock.wall(), ...run });
    then();
    await this.#recorder.snapshot();
  }

  /** Forgets the voucher codes that are kept, on the disk too: the journal keeps two snapshots, and both are written anew. */
  async forgetCodes(): Promise<void> {
    if (!this.book.vouchers.forgetCodes()) return;
    for (let kept = 2; kept > 0; kept -= 1) await this.#recorder.rewrite();
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

  /** Where each portal's counters stood for customers who have paid. */
  baselines(gateway: string): Baseline[] {
    return [...this.book.running()].flatMap((session) => baselinesAt(session, gateway));
  }

  /** The journal lacks something that happened. */
  get incomplete(): boolean {
    return this.#recorder.incomplete;
  }

  /** The session with its time counted up to now; undefined when there is none of this id. */
  upToDate(id: string): Session | undefined {
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
    if (next !== session) this.#replace(next);
    return next;
  }

  /** A session that the last run left waits for its portal's word. */
  wait(session: Session): void {
    this.#resumed.wait(session.id);
    this.update(session, { type: 'away' });
  }

  /**
   * Applies an event and writes the session whole. The books go on when the journal cannot be written, for
   * a gate must close on a full disk too.
   * @returns the new state, or undefined when the event changed nothing.
   */
  change(id: string, event: SessionEvent, what: SessionChange): Session | undefined {
    const before = this.upToDate(id);
    if (!before) return undefined;
    const next = step(before, event);
    if (next === before) return undefined;
    if (what === 'resumed' && this.#resumed.comesBack(id)) this.#replace(next);
    else this.#record(next, what);
    if (isDone(next)) this.#countedTo.delete(id);
    this.#duties.changed(next);
    return next;
  }

  /**
   * Makes a sale durable before anything is done for it, and ends its rivals. `draft` gives the session with
   * its new lot. It is called at the last moment, for bytes may have been counted since the sale was first
   * drafted.
   * @throws the journal's error with `code` `storage_full` or `storage_failed`; then nothing was sold.
   */
  async sell(draft: () => Sale | Refusal, key: string, digest: string): Promise<Sale | Refusal> {
    let sale: Sale | Refusal | undefined;
    try {
      await this.#recorder.commit(() => {
        sale = draft();
        return isSale(sale) ? this.#sold(sale, key, digest) : undefined;
      });
    } catch (cause) {
      if (isSale(sale)) this.#revoked(sale);
      throw cause;
    }
    if (!isSale(sale)) return sale!;
    this.carryOutEnds(key);
    this.#duties.changed(this.upToDate(sale.session.id) ?? sale.session);
    return sale;
  }

  /**
   * Ends the sessions that a sale or a log-out under `key` decided to end; without a key, all that an earlier
   * run left.
   */
  carryOutEnds(key?: string): void {
    for (const { id, cause } of this.book.ends.of(key)) this.change(id, { type: 'ended', cause }, 'closing');
  }

  /** Something that was sold to the session is known to be on the disk. */
  isDurable({ lots }: Session): boolean {
    return lots.some(({ key }) => !this.#recorder.isUnderWay(key));
  }

  /** Notes what has become of a deposit; it is durable after {@link sync}. */
  noteDeposit(deposit: Deposit): void {
    this.#recorder.post({ t: 'escrow', at: this.#clock.wall(), escrow: toPlainDeposit(deposit) });
  }

  /**
   * Makes a decision durable.
   * @throws the journal's error with `code` `storage_full` or `storage_failed`; then nothing was decided.
   */
  commit(decision: Decision): Promise<void> {
    return this.#recorder.commit(() => decision);
  }

  /** The decision under this key is not known to be on the disk: nobody may act on it. */
  isUnderWay(key: string): boolean {
    return this.#recorder.isUnderWay(key);
  }

  /** Remembers a log-out under its key. */
  noteLogout(key: string, digest: string, sessions: readonly string[], cause: Cause = 'pc-logout'): void {
    const why = cause === 'pc-logout' ? {} : { cause };
    this.#recorder.post({ t: 'logout', at: this.#clock.wall(), key, digest, sessions, ...why });
  }

  /** Notes that a device's session goes from a portal whose gate may be open, or that this gate has been seen shut. */
  noteLeft(gateway: string, mac: Mac, isShut: boolean): void {
    this.#recorder.post({ t: 'left', at: this.#clock.wall(), gateway, mac, ...(isShut && { shut: true }) });
  }

  /** Notes a code by which a session can be carried; it is durable after {@link sync}. */
  noteCarry(carry: Carry): void {
    this.#recorder.post({ t: 'carry', at: this.#clock.wall(), carry });
  }

  /** Waits until every record so far is on the disk; logs an error when the disk fails. */
  sync(): Promise<void> {
    return this.#recorder.sync();
  }

  /**
   * Writes the usage of every session that changed since the last time, and a snapshot when it is due.
   * @returns the sessions whose usage is on the disk; what is not is written again the next time.
   */
  async flush(): Promise<Session[]> {
    const rows: UsageRow[] = [];
    const resumed: UsageRow[] = [];
    const written: Session[] = [];
    for (const { id } of this.book.running()) {
      const session = this.upToDate(id)!;
      if (!this.#unwritten.has(id)) continue;
      (this.#resumed.isBack(id) ? resumed : rows).push(usageRow(session));
      written.push(session);
    }
    this.#unwritten.clear();
    this.#resumed.allTold();
    const at = this.#clock.wall();
    if (resumed.length > 0) this.#recorder.post({ t: 'usage', at, rows: resumed, resumed: true });
    if (rows.length > 0) this.#recorder.post({ t: 'usage', at, rows });
    await this.sync();
    if (this.#recorder.wantsSnapshot) await this.#recorder.snapshot();
    if (!this.incomplete) return written;
    for (const { id } of written) this.#unwritten.add(id);
    return [];
  }

  #replace(session: Session): void {
    this.book.replace(session);
    this.#unwritten.add(session.id);
  }

  #record(session: Session, what: SessionChange): void {
    this.#recorder.post({ t: 'session', at: this.#clock.wall(), what, session: toRecord(session) });
    this.#unwritten.delete(session.id);
    this.#resumed.told(session.id);
  }

  #revoked(sale: Sale): void {
    if (!this.book.get(sale.session.id)) this.#countedTo.delete(sale.session.id);
    this.#duties.revoked(sale);
  }

  #sold({ session, deposit, rivals }: Sale, key: string, digest: string): Decision {
    const escrow = deposit && { escrow: toPlainDeposit(deposit) };
    const rest = { ...escrow, ...(rivals.length > 0 && { rivals }) };
    const folded = foldSpent(session, this.book.deposits, (of) => this.#recorder.isUnderWay(of));
    return { t: 'sold', at: this.#clock.wall(), key, digest, session: toRecord(folded), ...rest };
  }
}

import { Carries } from './carries.js';
import { Deposits } from './deposits.js';
import { Ends } from './ends.js';
import { FreeUses } from './free-uses.js';
import { Keys } from './keys.js';
import { LastRecord } from './last-record.js';
import { LeftGates } from './left-gates.js';
import type { Mac } from './mac.js';
import { negative } from './money.js';
import { type DraftBook, type PlainBook, plainOf } from './plain-book.js';
import { fromPlainDeposit, toPlainDeposit } from './plain-deposit.js';
import { fromPlain, type JournalRecord, type Revocation } from './record.js';
import { chargedOf, lostBy, withoutLot } from './refunds.js';
import { type Cause, isAsked, isDone, isUsable, type Session } from './session.js';
import { Sessions } from './sessions.js';
import { changedBy, grownBy } from './short-session.js';
import { Stats } from './stats.js';
import { type Usage, unused } from './usage.js';
import { namedRow } from './usage-row.js';
import { Vouchers } from './vouchers.js';

/**
 * All sessions with their indices, the idempotency keys and the business figures.
 *
 * Changed in two ways only: {@link apply} with a journal record, the same at run time and at replay, and
 * {@link replace} for usage that the next usage record will make durable.
 */
export class Book {
  readonly #sessions = new Sessions((id) => this.deposits.isOwed(id));
  readonly keys: Keys;
  readonly stats: Stats;
  readonly vouchers: Vouchers;
  readonly deposits: Deposits;
  /** Ends that are decided but have not happened yet. */
  readonly ends: Ends;
  readonly left: LeftGates;
  readonly carries: Carries;
  /** How often free plans were taken. */
  readonly free: FreeUses;
  /** Bytes of each session that the figures already contain. */
  readonly #counted = new Map<string, Usage>();
  readonly #last: LastRecord;
  #machine: string | undefined;

  constructor(plain?: PlainBook) {
    this.keys = new Keys(plain?.keys ?? []);
    this.stats = new Stats(plain);
    this.vouchers = new Vouchers(plain?.vouchers);
    this.deposits = new Deposits((plain?.escrows ?? []).map(fromPlainDeposit));
    this.ends = new Ends(plain?.ends);
    this.left = new LeftGates(plain?.left);
    this.carries = new Carries(plain?.carries);
    this.free = new FreeUses(plain?.free);
    this.#last = new LastRecord(plain);
    this.#machine = plain?.machine;
    for (const one of plain?.sessions ?? []) {
      const session = fromPlain(one);
      this.replace(session);
      if (!isDone(session)) this.#counted.set(session.id, session.usage);
    }
  }

  /** Wall clock of the newest record, ms since 1970; 0 before the first. */
  get at(): number {
    return this.#last.at;
  }

  /** Wall clock of the newest record, as far as a clock that shows `now` can tell: see {@link LastRecord}. */
  writtenAt(now: number): number {
    return this.#last.asOf(now);
  }

  /** The run of the router in which the books were last begun. */
  get machine(): string | undefined {
    return this.#machine;
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** All sessions, in the order in which they were begun. */
  all(): IterableIterator<Session> {
    return this.#sessions.all();
  }

  /** Sessions of a device that have not ended, oldest first. */
  runningOfMac(mac: Mac): Session[] {
    return this.#sessions.runningOfMac(mac);
  }

  /** Sessions of a user that have not ended, oldest first. */
  runningOfUser(user: string): Session[] {
    return this.#sessions.runningOfUser(user);
  }

  /** How many sessions have not ended. */
  get runningCount(): number {
    return this.#sessions.runningCount;
  }

  /** Every session that has not ended. */
  running(): IterableIterator<Session> {
    return this.#sessions.running();
  }

  /** Takes a journal record into the books. */
  apply(record: JournalRecord): void {
    this.#last.note(record.at, record.t === 'boot');
    if (record.t === 'boot') this.#machine = record.machine;
    else if (record.t === 'sold') this.#sold(record);
    else if (record.t === 'revoked') this.#revoked(record);
    else if (record.t === 'session') this.#changed(record);
    else if (record.t === 'usage') this.#used(record);
    else if (record.t === 'logout') this.#loggedOut(record);
    else if (record.t === 'vouchers') this.#issued(record);
    else if (record.t === 'escrow') this.deposits.replace(fromPlainDeposit(record.escrow), record.at);
    else if (record.t === 'left') this.left.note(record.gateway, record.mac, record.shut ?? false);
    else if (record.t === 'carry') this.carries.issue(record.carry, record.at);
    else if (record.t === 'voided') this.vouchers.cancel(record.batch, record.number);
  }

  /** Puts a newer state of a session in the place of the old one. */
  replace(session: Session): void {
    this.#sessions.replace(session);
  }

  /** Takes out a session that came to nothing. */
  remove(session: Session): void {
    this.#sessions.remove(session);
    this.#counted.delete(session.id);
    this.ends.came(session.id);
  }

  /** The whole book as plain data. */
  toPlain(at: number): PlainBook {
    return plainOf(this.draft(at));
  }

  /** The same for a snapshot, as it is now. */
  draft(at: number): DraftBook {
    for (const session of this.running()) this.#count(session, at);
    return {
      ...{ sessions: this.#sessions.toPlain(), keys: this.keys.toPlain() },
      ...this.stats.toPlain(),
      ...{ vouchers: this.vouchers.toPlain(), ends: this.ends.toPlain() },
      escrows: [...this.deposits.all()].map(toPlainDeposit),
      ...this.left.toPlain(),
      ...this.free.toPlain(),
      ...this.carries.toPlain(),
      ...(this.#machine !== undefined && { machine: this.#machine }),
      ...this.#last.toPlain(),
    };
  }

  #sold(record: JournalRecord & { t: 'sold' }): void {
    const known = this.get(record.session.id);
    const { session, folded } = grownBy(record.session, known, this.deposits);
    this.replace(session);
    this.keys.add(record.key, record.digest, [session.id], record.at);
    if (record.rivals) this.#end(record.key, 'conflict', record.rivals);
    const bought = session.lots[session.lots.length - 1]!;
    const { paid } = bought.funding;
    if (paid) this.stats.addMoney(record.at, paid, { plan: bought.plan, method: bought.funding.method });
    this.free.sold(bought, session.mac);
    this.vouchers.redeemed(session);
    for (const [lot, left] of folded) this.vouchers.returned(session.id, lot, left);
    if (record.escrow) this.deposits.replace(fromPlainDeposit(record.escrow), record.at);
    this.#count(session, record.at);
  }

  #revoked(record: Revocation): void {
    if ('id' in record) this.#unsold(record);
    else if ('numbers' in record) this.vouchers.restore(record.batch, record.numbers);
    else if ('deposit' in record) this.deposits.remove(record.deposit);
    else {
      this.vouchers.withdraw(record.batch);
      this.keys.remove(record.key);
    }
  }

  #unsold({ id, key, at, escrow }: Extract<Revocation, { readonly id: string }>): void {
    if (escrow) this.deposits.replace(fromPlainDeposit(escrow), at);
    this.keys.remove(key);
    this.ends.takeBack(key);
    const session = this.#sessions.get(id);
    const lot = session?.lots.findLast((one) => one.key === key);
    if (!session || !lot) return;
    const left = withoutLot(session, key);
    const { paid, method } = lot.funding;
    if (paid) this.stats.addMoney(at, negative(paid), { plan: lot.plan, method });
    for (const { money, ...trade } of lostBy(session)) this.stats.addMoney(at, money, trade);
    for (const { money, ...trade } of lostBy(left)) this.stats.addMoney(at, negative(money), trade);
    this.vouchers.released(id, lot);
    this.free.takenBack(lot, session.mac);
    if (isAsked(left)) this.remove(session);
    else this.replace(left);
  }

  #changed(record: JournalRecord & { t: 'session' }): void {
    const session = changedBy(record.session, record.what, this.get(record.session.id));
    this.replace(session);
    if (!isUsable(session)) this.ends.came(session.id);
    if (record.what === 'carried') this.carries.used(session.id, session.mac);
    this.#count(session, record.at);
    if (record.what === 'opened') this.stats.addSession(record.at);
    if (record.what !== 'closed') return;
    for (const { money, ...trade } of lostBy(session)) this.stats.addMoney(record.at, negative(money), trade);
    for (const { money, ...trade } of chargedOf(session, this.deposits))
      this.stats.addMoney(record.at, money, trade);
    this.vouchers.closed(session);
    this.carries.forget(session.id);
    this.#counted.delete(session.id);
  }

  #loggedOut({ key, digest, sessions, at, cause = 'pc-logout' }: JournalRecord & { t: 'logout' }): void {
    this.keys.add(key, digest, sessions, at);
    this.#end(key, cause, sessions);
  }

  #end(key: string, cause: Cause, ids: readonly string[]): void {
    const ending = ids.flatMap((id) => this.get(id) ?? []).filter(isUsable);
    const named = ending.map(({ id }) => id);
    this.ends.decide(key, cause, named);
  }

  #issued({ batch, hashes, sealed, key, digest, at }: JournalRecord & { t: 'vouchers' }): void {
    this.vouchers.issue(batch, hashes, sealed);
    this.keys.add(key, digest, [batch.id], at);
  }

  #used(record: JournalRecord & { t: 'usage' }): void {
    for (const row of record.rows) {
      const { id, usage, baselines } = namedRow(row, (of) => this.#sessions.get(of)?.mac);
      const session = this.#sessions.get(id);
      if (!session || isDone(session)) continue;
      const isBack = record.resumed && session.state === 'suspended';
      const next: Session = { ...session, usage, baselines, ...(isBack && { state: 'active' }) };
      this.replace(next);
      this.#count(next, record.at);
    }
  }

  #count({ id, usage }: Session, at: number): void {
    const last = this.#counted.get(id) ?? unused;
    this.stats.addBytes(at, usage.up - last.up, usage.down - last.down);
    this.#counted.set(id, usage);
  }
}

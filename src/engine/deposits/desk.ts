import { type Deposit, isActive, servable, stepDeposit } from '../../domain/deposit.js';
import type { PaymentOrder, SignedUnits } from '../../domain/deposit-scheme.js';
import { toPlainDeposit } from '../../domain/plain-deposit.js';
import { fromPlainLot, toPlainLot } from '../../domain/plain-lot.js';
import { refuse } from '../../domain/refuse.js';
import { isUsable, type Session } from '../../domain/session.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import type { PaymentMethod } from '../../ports/payment-method.js';
import type { Refusal, Result } from '../../ports/result.js';
import type { Engine } from '../engine.js';
import type { Draft, Target, Till } from '../till.js';
import { unwritten } from '../till.js';
import { extended, type Ordered, unitsLot, waresOf } from './lots.js';
import type { DepositRounds } from './rounds.js';

/** A purchase that is paid with a deposit. */
export interface DepositPurchase extends Target {
  readonly payment: Readonly<Record<string, unknown>>;
  readonly key: string;
}

/**
 * How long a purchase waits for the chain, in ms; the deposit goes on after that. LuCI hangs up after 20 s.
 */
const patienceMs = 15_000;
/** Deposits of one session that a further signature may be for; the newest ones. */
const mostUnsigned = 8;
const tooMany = refuse('too_many_deposits', 'too many payments are on their way: try again in some minutes');

/**
 * Takes deposits. The customer is served what they have paid in and signed for, and gets back what they did
 * not use.
 *
 * A unit is one step of a plan. A session never holds more of a deposit than was signed, so its caps keep the
 * seller from serving what cannot be charged.
 */
export class DepositDesk {
  readonly #engine: Engine;
  readonly #till: Till;
  readonly #rounds: DepositRounds;
  /** The keys of purchases that are not in the books yet, by their orders: no other purchase may take these. */
  readonly #beginning = new Map<string, string>();

  constructor(engine: Engine, till: Till, rounds: DepositRounds) {
    this.#engine = engine;
    this.#till = till;
    this.#rounds = rounds;
  }

  /** The scheme of this payment method, if it takes deposits. */
  backend(method: string): DepositScheme | undefined {
    return this.#rounds.backends.get(method);
  }

  /** The deposits as ways to pay. */
  get methods(): PaymentMethod[] {
    return [...this.#rounds.backends.values()].map((backend) => ({
      name: backend.name,
      currencies: new Map([[backend.currency, backend.decimals]]),
      get isReady() {
        return backend.isReady ?? true;
      },
      requirements: (wares) => backend.requirements(wares),
    }));
  }

  /** Whether this very purchase was begun before. */
  hasBegun(key: string, digest: string): boolean {
    return this.#deposits.ofSale(key, digest) !== undefined;
  }

  /**
   * The answer to a purchase that was begun before; undefined for any other. The purchase was read and priced
   * when it first came, so it goes on even if its signature is out of date, its plan is gone or its scheme is
   * not there yet. The deposit takes its next step at once, because the customer waits.
   */
  again(key: string, digest: string): Promise<Result<Session>> | undefined {
    const before = this.#deposits.ofSale(key, digest);
    if (!before) return undefined;
    this.#rounds.drive(before.id);
    return this.#answer(before.id);
  }

  /** Has the deposit taken and sells what is signed; the same payment again has the same answer. */
  async buy(purchase: DepositPurchase, ordered: Ordered, digest: string): Promise<Result<Session>> {
    const backend = this.backend(String(purchase.payment.method))!;
    const read = await backend.read(purchase.payment, waresOf(ordered));
    if (!read.ok) return read;
    const { order, signed } = read.value;
    const known = this.#deposits.get(order.id);
    const key = known?.sale.key ?? this.#beginning.get(order.id);
    if (key !== undefined && key !== purchase.key) {
      return refuse('payment_used', 'this payment was used for another purchase');
    }
    const begun = known ? undefined : await this.#begin(purchase, ordered, backend, order, signed, digest);
    return begun ?? this.#answer(order.id);
  }

  /** Takes a further signature for the session's deposit, and adds what it is for. */
  async sign(
    session: Session,
    given: Readonly<Record<string, unknown>>,
    key: string,
  ): Promise<Result<Draft>> {
    const active = this.#deposits.ofSession(session.id).filter(isActive).reverse();
    const unsigned = active.filter((deposit) => servable(deposit) < BigInt(deposit.order.units));
    let refusal: Refusal | undefined;
    // The newest one is asked for its refusal where nothing is left to be signed.
    for (const deposit of unsigned.length > 0 ? unsigned.slice(0, mostUnsigned) : active.slice(0, 1)) {
      const read = await this.#readSignature(deposit, given);
      if (read.ok) return { ok: true, value: () => this.#extension(deposit.id, read.value, key) };
      if (!refusal || (isOfAnother(refusal) && !isOfAnother(read))) refusal = read;
    }
    return refusal ?? refuse('unknown_deposit', 'the session has no deposit that is open');
  }

  #readSignature(
    { method, order, opened, signed }: Deposit,
    given: Readonly<Record<string, unknown>>,
  ): Promise<Result<SignedUnits>> {
    const unready = refuse('escrow_unready', `${method} is not ready: ask again`);
    return this.backend(method)?.readSignature(order, opened!, given, signed) ?? Promise.resolve(unready);
  }

  get #deposits() {
    return this.#engine.accounts.book.deposits;
  }

  async #begin(
    purchase: DepositPurchase,
    ordered: Ordered,
    backend: DepositScheme,
    order: PaymentOrder,
    signed: SignedUnits,
    digest: string,
  ): Promise<Refusal | undefined> {
    const { mac, user, key } = purchase;
    const at = this.#engine.clock.wall();
    const units = servable({ order, signed } as Deposit);
    const lot = unitsLot(ordered.plan, ordered.price, Number(units), {
      backend,
      order,
      at,
      key,
      steps: ordered.steps,
    });
    // Every obstacle to the sale is looked for before money is taken.
    const possible = this.#till.draft(purchase, lot, true);
    if (!('session' in possible)) return possible;
    if (this.#deposits.isFull) return tooMany;
    // A restart finds the customer at this portal before the portal has been asked who is there.
    const { gateway } = possible.session;
    const sale = { mac, gateway, key, digest, lot: toPlainLot(lot), ...(user !== undefined && { user }) };
    const deposit: Deposit = {
      id: order.id,
      method: backend.name,
      state: 'opening',
      order,
      sale,
      signed,
      final: false,
      consumed: '0',
      note: '',
      at,
    };
    this.#beginning.set(order.id, key);
    try {
      await this.#engine.accounts.commit({ t: 'escrow', at, escrow: toPlainDeposit(deposit) });
    } catch (cause) {
      return unwritten(cause);
    } finally {
      this.#beginning.delete(order.id);
    }
    this.#rounds.drive(order.id);
    return undefined;
  }

  async #answer(id: string): Promise<Result<Session>> {
    const deposit = await this.#rounds.decided(id, patienceMs);
    const session =
      deposit?.session === undefined ? undefined : this.#engine.accounts.upToDate(deposit.session);
    if (session) {
      await this.#engine.atRest(session, patienceMs);
      return { ok: true, value: this.#engine.accounts.upToDate(session.id)! };
    }
    if (deposit?.state === 'rejected') return refuse('payment_rejected', deposit.note);
    if (deposit?.state === 'closed')
      return refuse('payment_returned', 'it could not be served, and went back');
    return refuse('payment_pending', 'the payment is on its way: ask again with the same key');
  }

  /** Drafted at the last moment: another signature may have come first, or the session may have ended. */
  #extension(id: string, signed: SignedUnits, key: string): ReturnType<Draft> {
    const deposit = this.#deposits.get(id);
    const session =
      deposit?.session === undefined ? undefined : this.#engine.accounts.upToDate(deposit.session);
    const next = deposit && stepDeposit(deposit, { type: 'signed', signed });
    if (!session || !isUsable(session) || !deposit || !next || next === deposit) {
      return refuse('stale_signature', 'the session is over, or as much is signed already');
    }
    const more = Number(servable(next) - servable(deposit));
    if (more === 0) return refuse('stale_signature', 'all that was paid in is signed already');
    const lot = extended(fromPlainLot(deposit.sale.lot), more, { at: this.#engine.clock.wall(), key });
    const sold = this.#till.draft(session, lot, true);
    return 'session' in sold ? { ...sold, deposit: next } : sold;
  }
}

/** The signature may be for another deposit of the session. */
function isOfAnother({ code }: Refusal): boolean {
  return code === 'bad_signature' || code === 'bad_payment';
}

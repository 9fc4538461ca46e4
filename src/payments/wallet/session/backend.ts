import type {
  ChainState,
  Closed,
  Opened,
  Outcome,
  PaymentOrder,
  SignedUnits,
  Wares,
} from '../../../domain/deposit-scheme.js';
import type { DepositScheme } from '../../../ports/deposit-scheme.js';
import type { Result } from '../../../ports/result.js';
import type { Facilitators } from '../facilitators.js';
import { MismatchError } from '../place.js';
import { readDomain, type TokenDomain, tokenSeparator } from '../token.js';
import type { Hex } from '../typed-data.js';
import { Fields, PaymentError } from './fields.js';
import { refused, troubleOf, unfinished, unopened } from './outcomes.js';
import { type Offer, readDeposit, readTotal, type Separators } from './payment.js';
import { requirementsOf } from './requirements.js';
import { Seller } from './seller.js';
import { look, type Sight, type Watch } from './sight.js';

type Closing = Extract<Sight, { readonly is: 'closed' }>;

/** The parts of the deposit scheme. */
export interface SessionParts {
  readonly offer: Offer;
  readonly currency: string;
  readonly decimals: number;
  /** Of the seller. It never leaves this process, and is in no message. */
  readonly key: Hex;
  /** What is configured of the token's EIP-712 domain. */
  readonly token: Partial<TokenDomain>;
  readonly facilitators: Facilitators;
  readonly watch: Watch;
}

/**
 * Sessions in our own escrow contract: buyers pay in, sign running totals ahead of use, and are charged for what they
 * used.
 *
 * A facilitator is asked to send transactions; only the chain says whether they took effect.
 */
export class SessionBackend implements DepositScheme {
  readonly name = 'x402r-session';
  readonly currency: string;
  readonly decimals: number;
  readonly finality: number;
  readonly #parts: SessionParts;
  readonly #seller: Seller;
  #domain: TokenDomain | undefined;
  #trouble = '';

  /** @throws Error when the key is not that of the seller: nothing could be charged */
  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#seller = new Seller(parts.key, parts.offer, parts.watch.chain.separator);
    this.currency = parts.currency;
    this.decimals = parts.decimals;
    this.finality = parts.watch.finality;
  }

  /** What is asked of the sessions that it serves. */
  get offer(): Offer {
    return this.#parts.offer;
  }

  /** What was wrong with node, escrow or token when they were asked last; empty when nothing was. */
  get trouble(): string {
    return this.#trouble;
  }

  /**
   * Makes sure that node, escrow and token are as configured, and learns how the token's signatures are made.
   * @returns what is wrong, see {@link trouble}
   */
  async verify(): Promise<string> {
    const { chain } = this.#parts.watch;
    await this.#known(async () => {
      await chain.checkAgain();
      await this.#prepare();
      return unfinished({ is: 'done' });
    });
    return this.#trouble;
  }

  requirements(wares: Wares): object {
    return requirementsOf(wares, this.#parts.offer, this.#domain);
  }

  async read(payment: Readonly<Record<string, unknown>>, wares: Wares) {
    return this.#checked(async () => {
      const separators = await this.#separators();
      const given = new Fields(payment, 'payment');
      const now = BigInt(Math.floor(this.#parts.watch.wall() / 1000));
      const deposit = await readDeposit(given.inner('payload'), wares, this.#parts.offer, separators, now);
      const signed = await readTotal(given.inner('consume'), deposit, wares.units, separators);
      const { sessionId: id, buyer, request: payload } = deposit;
      const order: PaymentOrder = {
        id,
        buyer,
        units: `${wares.units}`,
        unitPrice: `${wares.unitPrice}`,
        payload,
      };
      return { order, signed };
    });
  }

  async readSignature(
    { id, buyer, units }: PaymentOrder,
    _opened: Opened,
    given: Readonly<Record<string, unknown>>,
    before: SignedUnits,
  ): Promise<Result<SignedUnits>> {
    return this.#checked(async () => {
      const session = { sessionId: id as Hex, buyer: buyer as Hex };
      const fields = new Fields(given, 'payment').inner('consume');
      const separators = { escrow: this.#parts.watch.chain.separator };
      const signed = await readTotal(fields, session, BigInt(units), separators);
      if (BigInt(signed.units) > BigInt(before.units)) return signed;
      throw new PaymentError('stale_signature', `${before.units} units are signed already`);
    });
  }

  open(order: PaymentOrder): Promise<Outcome<Opened>> {
    return this.#known<Opened>(async () => {
      const said = await this.#parts.facilitators.ask('/session/create', order.payload as object);
      const sight = await look(this.#parts.watch, order, true);
      if (sight.is === 'open') return { kind: 'confirmed', value: sight.opened };
      if (sight.is === 'closed' && this.#isFinal(sight))
        return refused('session_closed', 'the deposit went back to the buyer');
      if (sight.is === 'closed') return this.#unconfirmed(sight);
      return unopened(said, sight);
    });
  }

  consume(
    order: PaymentOrder,
    _opened: Opened,
    signed: SignedUnits,
    units: string,
  ): Promise<Outcome<string>> {
    return this.#known<string>(async () => {
      const { facilitators, watch } = this.#parts;
      const request = await this.#seller.charge(order, signed, BigInt(units));
      const said = await facilitators.ask('/session/consume', request);
      const sight = await look(watch, order);
      if (sight.is === 'closed') return refused('session_closed', 'the session is closed');
      if (sight.is === 'open' && sight.consumed >= BigInt(units))
        return { kind: 'confirmed', value: `${sight.consumed}` };
      return unfinished(said);
    });
  }

  close(order: PaymentOrder, _opened: Opened, signed: SignedUnits, units: string): Promise<Outcome<Closed>> {
    return this.#known<Closed>(async () => {
      const { facilitators, watch } = this.#parts;
      const before = await look(watch, order);
      if (before.is === 'closed') return this.#closed(before, order, units);
      if (before.is === 'gone') return this.#openAgain(order);
      const request = await this.#seller.close(order, signed, BigInt(units), before.consumed);
      const said = await facilitators.ask('/session/close', request);
      const sight = await look(watch, order);
      // A session that is on the chain can still be closed: a facilitator's refusal is never the end of it.
      return sight.is === 'closed' ? this.#closed(sight, order, units) : unfinished(said);
    });
  }

  look(order: PaymentOrder): Promise<Outcome<ChainState>> {
    return this.#known<ChainState>(async () => {
      const sight = await look(this.#parts.watch, order);
      const { is } = sight;
      if (is === 'gone') return { kind: 'confirmed', value: { is } };
      if (is === 'closed') return { kind: 'confirmed', value: sight };
      return { kind: 'confirmed', value: { ...sight, consumed: `${sight.consumed}` } };
    });
  }

  #isFinal({ confirmations }: Closing): boolean {
    return confirmations >= this.finality;
  }

  #unconfirmed({ confirmations }: Closing): Outcome<never> {
    return { kind: 'pending', detail: `${confirmations} of ${this.finality} blocks on top of the close` };
  }

  /** A close counts when no reorganisation undoes it any more: nobody looks at the deposit again. */
  #closed(sight: Closing, { unitPrice }: PaymentOrder, units: string): Outcome<Closed> {
    if (!this.#isFinal(sight)) return this.#unconfirmed(sight);
    const due = BigInt(units) * BigInt(unitPrice);
    if (BigInt(sight.closed.sellerAmount) < due)
      return refused('session_closed', 'it was closed before all was charged');
    return { kind: 'confirmed', value: sight.closed };
  }

  /** A reorganisation removed the session after it was served: open it again before it can be closed. */
  async #openAgain(order: PaymentOrder): Promise<Outcome<Closed>> {
    const again = await this.open(order);
    return again.kind === 'confirmed' ? { kind: 'pending', detail: 'the deposit was sent again' } : again;
  }

  async #separators(): Promise<Separators> {
    const { chain } = this.#parts.watch;
    const domain = await this.#prepare();
    const token = tokenSeparator({ ...domain, address: this.#parts.offer.token }, chain.chainId);
    return { escrow: chain.separator, token };
  }

  /** Checks node and contract, and reads the token's domain; the answers are kept. */
  async #prepare(): Promise<TokenDomain> {
    const { watch, offer, token } = this.#parts;
    await watch.chain.check();
    if (!this.#domain) await watch.chain.findWidth(offer.escrow);
    this.#domain ??= await readDomain(watch.chain, offer.token, token);
    return this.#domain;
  }

  /** Where the chain cannot be read, the outcome is unknown. */
  async #known<T>(act: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    try {
      const outcome = await act();
      this.#trouble = '';
      return outcome;
    } catch (cause) {
      this.#trouble = troubleOf(cause);
      return { kind: 'unknown', detail: this.#trouble };
    }
  }

  async #checked<T>(act: () => Promise<T>): Promise<Result<T>> {
    try {
      return { ok: true, value: await act() };
    } catch (cause) {
      if (cause instanceof PaymentError) return { ok: false, code: cause.code, message: cause.message };
      this.#trouble = troubleOf(cause);
      if (cause instanceof MismatchError && cause.word === 'old_contract')
        return { ok: false, code: 'old_contract', message: this.#trouble };
      return { ok: false, code: 'escrow_unready', message: this.#trouble };
    }
  }
}

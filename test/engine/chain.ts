// A chain and a facilitator that do what the test wants. The real ones have tests of their own, on anvil.
import type {
  ChainState,
  Closed,
  Opened,
  Outcome,
  PaymentOrder,
  SignedUnits,
  Wares,
} from '../../src/domain/deposit-scheme.js';
import type { DepositScheme } from '../../src/ports/deposit-scheme.js';
import type { Result } from '../../src/ports/result.js';

/** What becomes of a call: done and told, done and not told, or neither. */
export type Fate = 'ok' | 'lost-reply' | 'lost-request' | 'pending';

interface Deposit {
  units: bigint;
  unitPrice: bigint;
  consumed: bigint;
  closed: Closed | undefined;
}

/** The chain outlives crashes of the router; `fates` are those of the calls to come, then all is well. */
export class TestBackend implements DepositScheme {
  readonly name = 'x402r-session';
  readonly currency = 'USD';
  readonly decimals = 2;
  readonly finality = 3;
  readonly chain = new Map<string, Deposit>();
  fates: Fate[] = [];
  refuses: string | undefined;
  /** Whether nothing is charged before the close. */
  refusesCharges = false;
  /** Whether the payer takes back what is not charged yet, before the close. */
  withdraws = false;
  /** Whether what is signed is out of date by now. */
  expired = false;
  confirmations = 100;
  /** Blocks on top of a close that somebody else made. */
  closeConfirmations = 100;
  final = false;
  serveUntil: number | undefined;
  opens = 0;
  charges = 0;

  requirements(wares: Wares): object {
    return { scheme: 'test', amount: `${wares.units * wares.unitPrice}` };
  }

  async read(
    payment: Readonly<Record<string, unknown>>,
    wares: Wares,
  ): Promise<Result<{ order: PaymentOrder; signed: SignedUnits }>> {
    const { id, signed } = payment;
    if (typeof id !== 'string') return { ok: false, code: 'bad_payment', message: 'no id' };
    if (this.expired) return { ok: false, code: 'expired_authorization', message: 'too late' };
    const order = { id, buyer: '0xb', units: `${wares.units}`, unitPrice: `${wares.unitPrice}`, payload: {} };
    return { ok: true, value: { order, signed: { units: String(signed ?? wares.units), proof: {} } } };
  }

  async readSignature(
    { id }: PaymentOrder,
    _opened: Opened,
    { units, of = id }: Readonly<Record<string, unknown>>,
    before: SignedUnits,
  ): Promise<Result<SignedUnits>> {
    if (of !== id) return { ok: false, code: 'bad_signature', message: 'of another deposit' };
    if (BigInt(String(units)) > BigInt(before.units))
      return { ok: true, value: { units: String(units), proof: {} } };
    return { ok: false, code: 'stale_signature', message: 'no more than before' };
  }

  open(order: PaymentOrder): Promise<Outcome<Opened>> {
    this.opens += 1;
    return this.#call(() => {
      const known = this.chain.get(order.id);
      if (!known && this.refuses) return { kind: 'rejected', code: this.refuses, message: 'told to' };
      if (!known) {
        const [units, unitPrice] = [BigInt(order.units), BigInt(order.unitPrice)];
        this.chain.set(order.id, { units, unitPrice, consumed: 0n, closed: undefined });
      }
      return { kind: 'confirmed', value: this.#opened(order.id) };
    });
  }

  consume(
    { id }: PaymentOrder,
    _opened: Opened,
    signed: SignedUnits,
    units: string,
  ): Promise<Outcome<string>> {
    this.charges += 1;
    return this.#call(() => {
      const deposit = this.chain.get(id)!;
      if (BigInt(units) > BigInt(signed.units) || BigInt(units) > deposit.units)
        throw new Error('not signed');
      if (deposit.closed || this.refusesCharges)
        return { kind: 'rejected', code: 'session_closed', message: 'told to' };
      if (BigInt(units) > deposit.consumed) deposit.consumed = BigInt(units);
      return { kind: 'confirmed', value: `${deposit.consumed}` };
    });
  }

  close({ id }: PaymentOrder, _opened: Opened, signed: SignedUnits, units: string): Promise<Outcome<Closed>> {
    return this.#call(() => {
      const deposit = this.chain.get(id)!;
      if (deposit.closed && this.closeConfirmations < this.finality)
        return { kind: 'pending', detail: 'not deep enough' };
      if (BigInt(units) > BigInt(signed.units) || BigInt(units) > deposit.units)
        throw new Error('not signed');
      if (BigInt(units) < deposit.consumed) throw new Error('more is charged than was used');
      const charged = this.withdraws ? deposit.consumed : BigInt(units);
      deposit.consumed = deposit.closed ? deposit.consumed : charged;
      const earned = deposit.consumed * deposit.unitPrice;
      const rest = deposit.units * deposit.unitPrice - earned;
      deposit.closed ??= { transaction: '0xc', sellerAmount: `${earned}`, buyerRefund: `${rest}` };
      return this.withdraws && charged < BigInt(units)
        ? { kind: 'rejected', code: 'withdrawn_by_payer', message: 'told to' }
        : { kind: 'confirmed', value: deposit.closed };
    });
  }

  async look({ id }: PaymentOrder): Promise<Outcome<ChainState>> {
    const deposit = this.chain.get(id);
    if (!deposit) return { kind: 'confirmed', value: { is: 'gone' } };
    const { confirmations, closeConfirmations } = this;
    if (deposit.closed) {
      const value = { is: 'closed', closed: deposit.closed, confirmations: closeConfirmations } as const;
      return { kind: 'confirmed', value };
    }
    const consumed = `${deposit.consumed}`;
    return { kind: 'confirmed', value: { is: 'open', opened: this.#opened(id), consumed, confirmations } };
  }

  #opened(id: string): Opened {
    const until = this.serveUntil === undefined ? {} : { serveUntil: this.serveUntil };
    return { reference: `0x${id}`, transaction: '0xa', final: this.final, ...until };
  }

  async #call<T>(act: () => Outcome<T>): Promise<Outcome<T>> {
    const fate = this.fates.shift() ?? 'ok';
    if (fate === 'lost-request') return { kind: 'unknown', detail: 'nobody answers' };
    if (fate === 'pending') return { kind: 'pending', detail: 'not confirmed yet' };
    const outcome = act();
    return fate === 'lost-reply' ? { kind: 'unknown', detail: 'nobody answers' } : outcome;
  }
}

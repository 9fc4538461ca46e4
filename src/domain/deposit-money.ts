import { type Deposit, type DepositState, servable } from './deposit.js';

/** What has become of the money of a deposit, in the currency's smallest unit. */
export interface DepositMoney {
  /** What the customer pays in. */
  readonly paidIn: bigint;
  /** The part of it that the customer has signed for. */
  readonly signed: bigint;
  /** Charged on the chain so far; the seller has it when the deposit is closed. */
  readonly charged: bigint;
  /** To be charged in all, from the end of the session on. */
  readonly due?: bigint;
  /** The chain holds it for the customer and the seller. */
  readonly held: bigint;
  /** The seller has received it. */
  readonly earned: bigint;
  /** The customer has it back. */
  readonly returned: bigint;
}

/** In these states the deposit is on the chain, as far as is known. */
const isThere: readonly DepositState[] = ['active', 'draining', 'closing', 'close-unknown'];

/**
 * Adds up the money of a deposit. While the deposit is on the chain, and when it is closed, `held`, `earned`
 * and `returned` together are `paidIn`. Of a deposit that was refused or is disputed they are unknown, and so
 * 0.
 */
export function moneyOfDeposit(deposit: Deposit): DepositMoney {
  const { order, state, opened, closed, consumed, due } = deposit;
  const price = BigInt(order.unitPrice);
  const signed = servable(deposit) * price;
  if (closed) {
    const [earned, returned] = [BigInt(closed.sellerAmount), BigInt(closed.buyerRefund)];
    return { paidIn: earned + returned, signed, charged: earned, held: 0n, earned, returned };
  }
  const paidIn = BigInt(order.paidIn ?? BigInt(order.units) * price);
  const wanted = due !== undefined && { due: BigInt(due) * price };
  const open = { paidIn, signed, ...wanted, charged: BigInt(consumed) * price, returned: 0n };
  if (!isThere.includes(state)) return { ...open, held: 0n, earned: 0n };
  return opened?.final
    ? { ...open, charged: paidIn, held: 0n, earned: paidIn }
    : { ...open, held: paidIn, earned: 0n };
}

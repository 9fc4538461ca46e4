import type { Mac } from './mac.js';
import type { Money, PlainMoney } from './money.js';

/**
 * How far an order has come. `paid`: the money is there, and nothing is sold yet. `voucher`: the customer was gone, or
 * could not be served, and has a code in the place of access.
 */
export type OrderState = 'open' | 'paid' | 'sold' | 'voucher';

/** What a customer orders. */
export interface NewPayOrder {
  /** The provider that is to say that it is paid. */
  readonly hook: string;
  readonly mac: Mac;
  readonly plan: string;
  /** @default the least that the plan is sold in */
  readonly steps?: number;
  readonly gateway?: string;
}

/** What a customer wants to pay for elsewhere. Plain data: so it is kept. */
export interface PayOrder {
  readonly id: string;
  readonly hook: string;
  readonly state: OrderState;
  readonly mac: Mac;
  readonly gateway?: string;
  readonly plan: string;
  readonly steps: number;
  readonly price: PlainMoney;
  /** Wall clock, ms since 1970: when it was made, and until when it is shown as payable. */
  readonly at: number;
  readonly until: number;
  /** A window was opened for it. */
  readonly hasWindow: boolean;
  /** What the customer's app pays, as it reads it: a Lightning invoice. Absent where the id is enough. */
  readonly request?: string;
  /** What the provider is told in the place of the id: a hub reads from it which router has the order. */
  readonly number?: string;
  /** The provider's name of the payment. */
  readonly reference?: string;
  readonly session?: string;
  /** Of the voucher; its holder can redeem it. */
  readonly code?: string;
  /** Vouchers that were begun: a crash may have lost the code of one. */
  readonly vouchers: number;
}

/** The order is for this, at this price. */
export function isFor(
  order: PayOrder,
  wanted: Pick<PayOrder, 'hook' | 'plan' | 'steps'> & { readonly price: Money },
): boolean {
  const { amount, currency } = order.price;
  const isPrice = amount === wanted.price.amount.toString() && currency === wanted.price.currency;
  return order.hook === wanted.hook && order.plan === wanted.plan && order.steps === wanted.steps && isPrice;
}

// No caller's key has a space in it, so none is taken for these.

/** The idempotency key of an order's sale. */
export function saleKey({ id }: PayOrder): string {
  return `order ${id}`;
}

/** That of its window. */
export function windowKey({ id }: PayOrder): string {
  return `order ${id} window`;
}

/** That of the voucher that was begun last. */
export function voucherKey({ id, vouchers }: PayOrder): string {
  return `order ${id} voucher ${vouchers}`;
}

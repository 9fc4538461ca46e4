import type { Mac } from './mac.js';

/**
 * What became of a call to whoever holds the money. `pending`: sent, and not confirmed yet. `unknown`: nobody can say
 * whether it was done; the same call again finds out. Only `rejected` says that it was not done and will not be.
 */
export type Outcome<T> =
  | { readonly kind: 'confirmed'; readonly value: T }
  | { readonly kind: 'pending'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string };

/** What is for sale, in whole units: a unit is one step of a plan. Amounts are in the currency's smallest unit. */
export interface Wares {
  readonly units: bigint;
  readonly unitPrice: bigint;
  /** For people: what the customer gets. */
  readonly description: string;
  /** For whom. */
  readonly mac?: Mac;
}

/**
 * A payment that has been read and checked, as far as that can be done without asking anybody. Plain data: it is
 * journalled before anything is sent, and sent again as it is when nobody can say what became of it.
 */
export interface PaymentOrder {
  /** A hash of what was signed: the same payment is the same order. */
  readonly id: string;
  readonly buyer: string;
  /** Units that the deposit pays for, as a decimal string. */
  readonly units: string;
  readonly unitPrice: string;
  /** What is paid in, where that is more than these units cost: a decimal string, in the currency's smallest unit. */
  readonly paidIn?: string;
  /** What the backend sends: JSON, without bigints. */
  readonly payload: unknown;
}

/** Money that is really there, seen on the chain. */
export interface Opened {
  /** The name by which the chain knows it. */
  readonly reference: string;
  readonly transaction: string;
  /** Wall clock in ms since 1970 until which may be served, a margin before it expires; absent when it does not. */
  readonly serveUntil?: number;
  /** There is nothing to settle: the seller has the money already. */
  readonly final: boolean;
}

/** The buyer's word that so many units are used in all. */
export interface SignedUnits {
  /** A running total, as a decimal string. */
  readonly units: string;
  /** What proves it: JSON, without bigints. */
  readonly proof: unknown;
}

/** How an escrow was closed. Decimal strings, in the currency's smallest unit. */
export interface Closed {
  readonly transaction: string;
  readonly sellerAmount: string;
  readonly buyerRefund: string;
}

/** What the chain says. `gone`: there is no such deposit (any more). */
export type ChainState =
  | {
      readonly is: 'open';
      readonly opened: Opened;
      readonly consumed: string;
      readonly confirmations: number;
    }
  | { readonly is: 'closed'; readonly closed: Closed }
  | { readonly is: 'gone' };

/** A result, or a refusal with a stable code. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** One way to hold a customer's money while he uses what it pays for. Nothing here throws for what others do. */
export interface EscrowBackend {
  /** The payment method that it is. */
  readonly name: string;
  readonly currency: string;
  readonly decimals: number;
  /** Confirmations after which a deposit is not looked for any more. */
  readonly finality: number;
  /** What a wallet needs to pay: x402 v2 payment requirements. */
  requirements(wares: Wares): object;
  /** Reads `payment` of a purchase. `signed`: what may be served of it from the beginning. Codes: `bad_payment`, ... */
  read(
    payment: Readonly<Record<string, unknown>>,
    wares: Wares,
  ): Promise<Checked<{ readonly order: PaymentOrder; readonly signed: SignedUnits }>>;
  /** Reads a further signature of the same buyer; it must be for more than `before`. */
  readSignature(
    order: PaymentOrder,
    opened: Opened,
    given: Readonly<Record<string, unknown>>,
    before: SignedUnits,
  ): Promise<Checked<SignedUnits>>;
  /** Takes the deposit. Confirmed when it has been read on the chain and is what was ordered. */
  open(order: PaymentOrder): Promise<Outcome<Opened>>;
  /** Charges `units` in all, no more than were signed, and goes on; confirmed with the units charged in all. */
  consume(order: PaymentOrder, opened: Opened, signed: SignedUnits, units: string): Promise<Outcome<string>>;
  /** Charges `units`, which are no more than were signed, gives the rest back and ends. */
  close(order: PaymentOrder, opened: Opened, signed: SignedUnits, units: string): Promise<Outcome<Closed>>;
  /** Looks on the chain what has become of an order, opened or not. */
  reconcile(order: PaymentOrder): Promise<Outcome<ChainState>>;
}

import type { Mac } from './mac.js';

/**
 * The outcome of a call to the scheme that holds the money. `pending`: sent, and not confirmed yet.
 * `unknown`: nobody can say whether it was done; the same call again finds out. Only `rejected` says that it
 * was not done and will not be.
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
  /** For which device. */
  readonly mac?: Mac;
}

/**
 * A payment that has been read and checked, as far as that can be done without asking a server. Plain data:
 * it is journalled before anything is sent, and sent again unchanged when the outcome is unknown.
 */
export interface PaymentOrder {
  /** A hash of what was signed: the same payment is the same order. */
  readonly id: string;
  readonly buyer: string;
  /** Units that the deposit pays for, as a decimal string. */
  readonly units: string;
  readonly unitPrice: string;
  /**
   * The amount paid in, where it is more than these units cost: a decimal string, in the currency's smallest
   * unit.
   */
  readonly paidIn?: string;
  /**
   * Wall clock, ms since 1970: the payment could be presented once more until then, and is remembered. Absent in
   * orders of earlier versions.
   */
  readonly until?: number;
  /** What the scheme sends: JSON, without bigints. */
  readonly payload: unknown;
}

/** Money that has been seen on the chain. */
export interface Opened {
  /** The name by which the chain knows it. */
  readonly reference: string;
  readonly transaction: string;
  /**
   * Wall clock in ms since 1970 until which the deposit may be served, a margin before it expires; absent
   * when it does not expire.
   */
  readonly serveUntil?: number;
  /** The seller has the money already, so there is nothing left to charge. */
  readonly final: boolean;
}

/** The customer's signature that this many units are used in all. */
export interface SignedUnits {
  /** A running total, as a decimal string. */
  readonly units: string;
  /** The proof of it: JSON, without bigints. */
  readonly proof: unknown;
}

/** How a deposit was closed. Amounts are decimal strings, in the currency's smallest unit. */
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
      /** Blocks on top of the deposit. */
      readonly confirmations: number;
    }
  | {
      readonly is: 'closed';
      readonly closed: Closed;
      /** Blocks on top of the close, where they are known: a reorganisation can undo one that is not final. */
      readonly confirmations?: number;
    }
  | { readonly is: 'gone' };

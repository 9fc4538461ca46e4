import type { Code } from './codes.js';
import type { Address, Hex } from './typed-data.js';

/**
 * The session API as it goes over the wire. Units and amounts are decimal strings, amounts in the token's smallest unit;
 * times are Unix seconds; networks are CAIP-2 (`eip155:8453`). The facilitator reads other spellings too, see
 * docs/facilitator.md.
 */
export type Decimal = string;

/** What the buyer asks of the session; beside the x402r API: `salt`. */
export interface SessionExtension {
  /** `postpaid` is refused: nothing would hold the money. */
  readonly type: 'prepaid' | 'postpaid';
  readonly pricePerUnit: Decimal;
  /** Exactly `value / pricePerUnit`, rounded down. */
  readonly maxUnits: Decimal;
  /** Seconds. */
  readonly duration: Decimal;
  readonly seller: Address;
  /** 32 bytes that make the terms unique, see `SessionTerms`. */
  readonly salt: Hex;
  readonly description?: string;
}

/** `POST /session/create`. The authorization is a `ReceiveWithAuthorization` to the escrow, its nonce `termsHash`. */
export interface CreateRequest {
  readonly x402Version: 1 | 2;
  readonly paymentPayload: {
    readonly network: string;
    readonly authorization: {
      readonly from: Address;
      readonly to: Address;
      readonly value: Decimal;
      readonly validAfter: Decimal;
      readonly validBefore: Decimal;
      readonly nonce: Hex;
    };
    readonly signature: Hex;
    readonly extensions: { readonly session: SessionExtension };
  };
  readonly paymentRequirements: {
    readonly asset: Address;
    readonly amount: Decimal;
    readonly network: string;
  };
}

/**
 * `POST /session/consume`; beside the x402r API: `unitsUsedBefore` and `nonce`, which the buyer signs too, and
 * `consumedAmount` with `signature`, without which the contract charges nothing.
 */
export interface ConsumeRequest extends SignedTotal {
  readonly sessionId: Hex;
  readonly network: string;
  /** To be charged in all. */
  readonly consumedAmount: Decimal;
  /** Of the seller over `ChargeUnits`. */
  readonly signature: Hex;
}

/** A running total as the buyer signed it: `unitsUsedBefore + units`. */
export interface SignedTotal {
  readonly units: Decimal;
  readonly unitsUsedBefore: Decimal;
  readonly nonce: Hex;
  readonly buyerSignature: Hex;
}

/** `POST /session/close`; beside the x402r API: `consumedAmount`, `role` and `consume`. */
export interface CloseRequest {
  readonly sessionId: Hex;
  readonly network: string;
  /** Of the seller over `CloseSession`, or of the buyer over `RequestClose`; none where anybody may close. */
  readonly signature?: Hex;
  /** Whose signature it is. @default seller */
  readonly role?: 'seller' | 'buyer';
  /** What the seller signed. Left out: what is consumed on the chain. */
  readonly consumedAmount?: Decimal;
  /** With the seller's signature: the total within which `consumedAmount` is. It is charged and closed in one. */
  readonly consume?: SignedTotal;
}

/** By their number in the contract. */
export const statuses = ['active', 'completed', 'expired', 'disputed', 'pending'] as const;
/** `disputed`: the buyer has asked to close. `pending`: sent and not confirmed. */
export type SessionStatus = (typeof statuses)[number];

/** A session as the chain has it, read when the reply was made. */
export interface SessionView {
  readonly sessionId: Hex;
  readonly network: string;
  readonly buyer: Address;
  readonly seller: Address;
  readonly token: Address;
  readonly totalDeposit: Decimal;
  readonly pricePerUnit: Decimal;
  readonly consumedAmount: Decimal;
  readonly remainingAmount: Decimal;
  readonly unitsUsed: Decimal;
  readonly remainingUnits: Decimal;
  readonly expiresAt: number;
  /** From then on anybody may close. */
  readonly closableAt: number;
  /** `closableAt` less the margin: units that are used later may not be charged in time. */
  readonly serveUntil: number;
  readonly status: SessionStatus;
}

/** The reply to everything that did not succeed; `error` is for people. */
export interface Failure {
  readonly success: false;
  readonly code: Code;
  readonly error: string;
  readonly retryable: boolean;
  /** Of `settlement_pending`: the newest transaction that was sent. */
  readonly transaction?: Hex;
  /** Of `settlement_pending` at create: the id that the session will have. Do not serve it yet. */
  readonly sessionId?: Hex;
}

export interface CreateReply {
  readonly success: true;
  readonly sessionId: Hex;
  readonly transaction: Hex;
  readonly session: SessionView;
}

export interface ConsumeReply {
  readonly success: true;
  readonly transaction: Hex;
  /** Units that this transaction charged: fewer than were signed when a part had been charged before. */
  readonly unitsConsumed: Decimal;
  /** Amount charged in all, after it. */
  readonly totalConsumed: Decimal;
  /** Units charged in all, after it. */
  readonly unitsUsed: Decimal;
  /** Amount that is left, after it. */
  readonly remaining: Decimal;
}

export interface CloseReply {
  readonly success: true;
  readonly transaction: Hex;
  readonly sellerAmount: Decimal;
  readonly buyerRefund: Decimal;
}

/** The reply to the buyer's request to close. */
export interface CloseRequestedReply {
  readonly success: true;
  /** None where the session may be closed as soon anyway. */
  readonly transaction?: Hex;
  /** From then on anybody may close. */
  readonly closableAt: number;
}

export interface SessionReply {
  readonly success: true;
  readonly session: SessionView;
}

export interface SessionsReply {
  readonly success: true;
  readonly sessions: readonly ListedSession[];
  /** `after` of the next page; none behind the last one. */
  readonly next?: Hex;
}

/** A session as this server saw it last; `GET /session` has the rest. */
export interface ListedSession {
  readonly sessionId: Hex;
  readonly network: string;
  readonly buyer: Address;
  readonly seller: Address;
  readonly token: Address;
  readonly expiresAt: number;
  readonly closed: boolean;
}

/** `GET /sessions/stats`. */
export interface StatsReply {
  readonly total: number;
  readonly active: number;
  readonly completed: number;
  readonly expired: number;
}

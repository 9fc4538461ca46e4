import type { Address, Hex } from '../payments/wallet/typed-data.js';

export type Kind = 'create' | 'consume' | 'close' | 'request_close' | 'settle';

/** Something that a client wants to be true on the chain. */
export interface Request {
  /** Hash of the request: the same request is the same operation. */
  readonly id: string;
  readonly kind: Kind;
  readonly network: string;
  /** Of a settle, which has no session: what names the payment. */
  readonly sessionId: Hex;
  /** The request as JSON: what is done after a restart is made from it. */
  readonly request: string;
}

/** How far it is. */
export interface Operation extends Request {
  /** `open`: a transaction may be under way. `refused`: the operation ended without effect; a repeat starts it anew. */
  readonly state: 'open' | 'done' | 'refused';
  /** The reply, as JSON. */
  readonly result: string | null;
}

/** Whether an operation is under way, or has had its effect. */
export function isBegun(operation: Operation | undefined): boolean {
  return operation !== undefined && operation.state !== 'refused';
}

/** A signed transaction. Several share a nonce when one was replaced; one of them is mined at most. */
export interface Sent {
  readonly hash: Hex;
  readonly operation: string;
  readonly network: string;
  readonly signer: Address;
  readonly nonce: number;
  readonly raw: Hex;
}

/** Who a session belongs to: never changes. */
export interface Parties {
  readonly buyer: Address;
  readonly seller: Address;
  readonly token: Address;
}

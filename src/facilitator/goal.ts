import type { Block } from '../payments/wallet/node-replies.js';
import type { Address, Hex } from '../payments/wallet/typed-data.js';
import type { Network } from './network.js';
import type { Request } from './operation.js';

/** A goal that the chain has reached, and in which block. */
export interface Reached {
  readonly blockNumber: bigint;
  /** The body of the reply. */
  readonly reply: object;
}

/**
 * What an operation wants to be true on the chain. It can be looked at any number of times and by any process, so after
 * a crash, a lost reply or a reorganisation there is one thing to do: look, and send only what is missing.
 */
export interface Goal {
  readonly network: Network;
  readonly request: Request;
  /** For whom gas is paid. */
  readonly seller: Address;
  /** Whose code or money can make the call fail after it passed in advance. */
  readonly buyer?: Address;
  /** The call that reaches it. */
  readonly data: Hex;
  /** Whether an account's own code may decide in the call. */
  readonly runsCode?: boolean;
  /** Whether the call may be in one transaction with others: nobody's code decides in it. */
  readonly joins?: boolean;
  /** The contract that is called; the escrow where none is named. */
  readonly to?: Address;
  /**
   * Whether the block has it; undefined when it does not yet.
   * @throws `FacilitatorError` when it can never be reached; `RpcError`
   */
  look(block: Block): Promise<Reached | undefined>;
  /** Refuses what would fail, before anything is sent. @throws `FacilitatorError`, `RpcError` */
  admit(block: Block): Promise<void>;
}

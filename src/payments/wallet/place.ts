import { RpcError } from './rpc.js';
import type { Address } from './typed-data.js';

/** Where the escrow is, and what is expected there. */
export interface ChainPlace {
  readonly chainId: bigint;
  readonly rpcUrl: string;
  readonly rpcTimeoutMs: number;
  readonly escrow: Address;
  /** `decimals` must be what the token says. */
  readonly tokens: Readonly<Record<Address, { readonly decimals: number }>>;
  /** Blocks that the node searches for events in one call. */
  readonly logBlocks: number;
  /** Told that the node did not answer. @default nobody is */
  readonly silent?: () => void;
}

/** What is wrong, in a word for programs. `old_contract`: the escrow is of a version that is not served any more. */
export type MismatchWord = 'misconfigured' | 'old_contract';

/** Node, escrow or token are not what the configuration says. Nothing works until somebody has mended it. */
export class MismatchError extends RpcError {
  override readonly name = 'MismatchError';
  readonly word: MismatchWord;

  constructor(message: string, word: MismatchWord = 'misconfigured') {
    super('refused', message);
    this.word = word;
  }
}

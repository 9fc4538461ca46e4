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
}

/** Node, escrow or token are not what the configuration says. Nothing works until somebody has mended it. */
export class MismatchError extends RpcError {
  override readonly name = 'MismatchError';

  constructor(message: string) {
    super('refused', message);
  }
}

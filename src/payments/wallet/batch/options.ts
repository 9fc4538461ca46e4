import type { ChainReader } from '../chain-reader.js';
import type { FacilitatorClient } from '../facilitator-client.js';
import type { Token } from '../token.js';
import type { Address, Hex } from '../typed-data.js';
import { leastDelay, longestDelay } from './channel.js';

export interface BatchOptions {
  readonly chain: ChainReader;
  readonly facilitator: FacilitatorClient;
  readonly token: Token;
  /** The seller's account, in lower case. */
  readonly payTo: Address;
  /**
   * The key that signs claims and refunds: this router's alone, for two that share it would serve on the same vouchers.
   * Its account needs neither gas nor tokens.
   */
  readonly key: Hex;
  /** How long a payer waits who takes his money back by himself, in seconds: 900 to 2,592,000. */
  readonly withdrawDelaySeconds: number;
  /** Channels are settled so long before their payer could take his money back, in seconds. */
  readonly marginSeconds: number;
  /** How long a wallet's signature of a deposit is good, in seconds. @default 300 */
  readonly maxTimeoutSeconds?: number;
  /** Such a signature must be good for so long when it comes, in seconds. @default 30 */
  readonly signatureMarginSeconds?: number;
  /** Confirmations after which a deposit stays, and a channel is closed. */
  readonly finality: number;
  /** Wall clock in ms since 1970. */
  readonly now?: () => number;
}

/** @throws `RangeError` when the withdraw delay is none that the contract allows, or as short as the margin */
export function checkDelay({ withdrawDelaySeconds: delay, marginSeconds: margin }: BatchOptions): void {
  if (delay >= leastDelay && delay <= longestDelay && delay > margin) return;
  throw new RangeError(
    `withdraw delay ${delay} s: must be ${leastDelay} to ${longestDelay}, and above ${margin}`,
  );
}

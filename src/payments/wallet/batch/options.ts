import type { ChainReader } from '../chain-reader.js';
import type { FacilitatorClient } from '../facilitator-client.js';
import type { Ready } from '../readiness.js';
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
   * The key that signs claims and refunds. Only this router may have it: two routers with one key would both serve on
   * the same vouchers. Its account needs neither gas nor tokens.
   */
  readonly key: Hex;
  /** How long payers wait when they take their money back by themselves, in seconds: 900 to 2,592,000. */
  readonly withdrawDelaySeconds: number;
  /** How long before their payers could take the money back channels are charged and closed, in seconds. */
  readonly marginSeconds: number;
  /** How long a wallet's signature of a deposit is good, in seconds. @default 300 */
  readonly maxTimeoutSeconds?: number;
  /** How long a wallet's signature of a deposit must still be valid when it comes, in seconds. @default 30 */
  readonly signatureMarginSeconds?: number;
  /** Blocks on top of a deposit, or of the end of a channel, after which it is final. */
  readonly finality: number;
  /** Wall clock in ms since 1970. */
  readonly now?: () => number;
  /** Of facilitator and node. @default they are always thought to be there */
  readonly readiness?: Ready;
}

/** @throws `RangeError` when the contract does not allow the withdraw delay, or it is no longer than the margin */
export function checkDelay({ withdrawDelaySeconds: delay, marginSeconds: margin }: BatchOptions): void {
  if (delay >= leastDelay && delay <= longestDelay && delay > margin) return;
  throw new RangeError(
    `withdraw delay ${delay} s: must be ${leastDelay} to ${longestDelay}, and above ${margin}`,
  );
}

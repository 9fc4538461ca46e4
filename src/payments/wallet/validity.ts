import type { Result } from '../../ports/result.js';
import type { Block } from './node-replies.js';
import { refuse } from './payment.js';

/** How far the clocks of wallet, router and chain may differ, in seconds. */
export const skew = 600;
/** How old a block must be, in seconds, before it counts as not replaceable. */
export const reorgSeconds = 120;

/**
 * When something ends for the router, in ms since 1970 by its own clock. That may differ from the chain's: the earlier of
 * the two ends counts, so that there is time to charge.
 * @param ends Unix seconds, by the clock of the chain
 */
export function untilByBoth(ends: number, latest: Block, wall: number): number {
  return Math.min(ends * 1000, wall + (ends - Number(latest.timestamp)) * 1000);
}

/** How long a signature must be good to be taken, in seconds. */
export interface Validity {
  /** The least that the signature must still be valid, so that it can be mined. */
  readonly margin: number;
  /** The most that it may be valid: until it ends, the payment is remembered and not taken a second time. */
  readonly longest: number;
}

/**
 * Until when an authorization that ends at `validBefore`, in Unix seconds, is remembered: ms since 1970, by the router's
 * clock.
 */
export function untilOf(validBefore: bigint | string): number {
  return (Number(validBefore) + skew) * 1000;
}

/** Whether an authorization's times fit. All are Unix seconds. */
export function checkTimes(
  validAfter: bigint,
  validBefore: bigint,
  { margin, longest }: Validity,
  now: number,
): Result<never> | undefined {
  if (validAfter > BigInt(now)) return refuse('not_yet_valid', 'the authorization is not valid yet');
  if (validBefore < BigInt(now + margin)) {
    return refuse('expired_authorization', 'the authorization ends too soon');
  }
  if (validBefore <= BigInt(now + longest)) return undefined;
  return refuse('bad_terms', `the authorization must end within ${longest} s`);
}

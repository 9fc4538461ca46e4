import type { Result } from '../../ports/result.js';
import { refuse } from './payment.js';

/** What clocks of wallet, router and chain may differ by, in seconds. */
export const skew = 600;
/** Blocks of the last so many seconds may still be replaced by others that hold what these do not. */
export const reorgSeconds = 120;

/** How long a signature must be good to be taken, in seconds. */
export interface Validity {
  /** So long at least, so that it can be mined. */
  readonly margin: number;
  /** So long at most: until then a payment is remembered, and is not taken twice. */
  readonly longest: number;
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

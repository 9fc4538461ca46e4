import type { Plan } from './plan.js';
import { sameLimits } from './plan.js';
import { isAsked, isAuthorized, isUsable, type Session, timeRuns } from './session.js';
import { remainingOf } from './usage.js';

/**
 * When a session's time is up if it goes on as it does now: wall clock, ms since 1970. Undefined without a limit of time,
 * while its time stands still, and when it is over. `session` is counted up to `now`.
 */
export function endsAt(session: Session, now: number): number | undefined {
  if (!isUsable(session) || session.openedAt === undefined) return undefined;
  const { granted, usage } = session;
  const time = timeRuns(session) ? remainingOf(granted, usage, 'millis') : undefined;
  const validity = remainingOf(granted, usage, 'validity');
  const left = Math.min(time ?? Number.POSITIVE_INFINITY, validity ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(left) ? now + left : undefined;
}

/** A customer can add to this session by what is for sale. */
export function canExtend(session: Session, plans: Iterable<Plan>): boolean {
  if (!isUsable(session) || isAsked(session) || isAuthorized(session)) return false;
  for (const { prices, caps, metric } of plans) {
    const limited = { ...caps, ...(metric === 'bytes' ? { bytes: 1 } : { millis: 1 }) };
    if (prices.length > 0 && sameLimits(session.granted, limited as Plan['caps'])) return true;
  }
  return false;
}

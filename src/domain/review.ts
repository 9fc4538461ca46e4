import { limits } from './plan.js';
import { dueCause, policyOf, type Session } from './session.js';
import type { Bytes, Millis } from './units.js';
import { bytesLeft, usedOf } from './usage.js';

/** The owner's settings that end or flag sessions. */
export interface ReviewLimits {
  /** Share of the allotment, in percent, at which a session counts as low. */
  readonly lowPercent: number;
  /** A session that has been away for this long is lost; 0 for never. */
  readonly lostAfter: Millis;
}

/** What a look at a usable session finds: a cause to end it, or that it has become low. `sinceByte` in ms. */
export function review(
  session: Session,
  sinceByte: number,
  limits: ReviewLimits,
): 'data' | 'time' | 'idle' | 'lost' | 'low' | undefined {
  const due = dueCause(session);
  if (due) return due;
  const { idleTimeout } = policyOf(session);
  if (idleTimeout !== undefined && session.openedAt !== undefined && sinceByte >= idleTimeout) return 'idle';
  if (limits.lostAfter > 0 && session.usage.away >= limits.lostAfter) return 'lost';
  return !session.low && isLow(session, limits.lowPercent) ? 'low' : undefined;
}

function isLow({ granted, usage }: Session, percent: number): boolean {
  const share = percent / 100;
  return limits.some((limit) => {
    const cap = granted[limit];
    return cap !== undefined && usedOf(usage, limit) >= cap * share;
  });
}

/** An open session with a data cap: the cadence of polls is planned by how soon it may reach the cap. */
export interface Racing {
  readonly id: string;
  /** Bytes to the cap. */
  readonly left: Bytes;
  /** The fastest it may go, in bytes a second, where both directions are limited and the kernel keeps to that. */
  readonly maxRate?: number;
}

/**
 * The way of a session to its cap, or undefined without a data cap. `ratesHold`: the kernel keeps the plan's
 * rates.
 */
export function racing(session: Session, ratesHold: boolean): Racing | undefined {
  const left = bytesLeft(session.granted, session.usage);
  if (left === undefined) return undefined;
  const { upRate, downRate } = policyOf(session);
  if (!ratesHold || upRate === undefined || downRate === undefined) return { id: session.id, left };
  return { id: session.id, left, maxRate: (upRate + downRate) * 125 };
}

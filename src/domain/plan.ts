import type { Price } from './money.js';
import type { Bytes, Millis } from './units.js';

/** Limits of use: the first one reached ends the session. What is absent is not limited. */
export interface Allotment {
  readonly bytes?: Bytes;
  readonly upBytes?: Bytes;
  readonly downBytes?: Bytes;
  /** Time with the gate open (and away, unless the plan pauses). */
  readonly millis?: Millis;
  /** Time since the session opened, away or not. */
  readonly validity?: Millis;
}

/** What the owner sells: so many steps of data or of time, with optional caps beside them for each purchase. */
export interface Plan {
  readonly id: string;
  readonly title: string;
  readonly metric: 'bytes' | 'time';
  /** Bytes for a `bytes` plan, milliseconds for a `time` plan; above 0. */
  readonly stepSize: number;
  /** One price for each currency; empty for a plan that is only granted. */
  readonly prices: readonly Price[];
  /** At least 1. A fixed package is `minSteps` = `maxSteps` = 1. */
  readonly minSteps: number;
  readonly maxSteps: number;
  /** Caps beside the metric, for each purchase; a `bytes` plan has none for `bytes`, a `time` plan none for `millis`. */
  readonly caps: Allotment;
  /** kbit/s */
  readonly upRate?: number;
  /** kbit/s */
  readonly downRate?: number;
  /** Without a byte for this long the session ends. */
  readonly idleTimeout?: Millis;
  /** Devices of one user at the same time; the oldest session closes before one more opens. */
  readonly devices: number;
  /** Time does not run while the client is away or the portal is down. */
  readonly pauseAway: boolean;
  /** It costs nothing, and is to be had so often. */
  readonly free?: FreeLimit;
}

/** How often a free plan is to be had on one day of the router's calendar. */
export interface FreeLimit {
  /** By one device. */
  readonly perDay: number;
  /** By all devices together: whoever changes their MAC is a new device. */
  readonly total: number;
}

/** All limits. */
export const limits = ['bytes', 'upBytes', 'downBytes', 'millis', 'validity'] as const;

/** Names of the limits of an {@link Allotment}. */
export type Limit = (typeof limits)[number];

/** What `steps` steps of a plan allow: the metric times the steps, and the caps once. */
export function allotmentOf(plan: Plan, steps: number): Allotment {
  const metered = plan.stepSize * steps;
  return plan.metric === 'bytes'
    ? { ...plan.caps, bytes: metered as Bytes }
    : { ...plan.caps, millis: metered as Millis };
}

/** Adds limit by limit. Both must limit the same things: see {@link sameLimits}. */
export function addAllotments(a: Allotment, b: Allotment): Allotment {
  const sum: { -readonly [K in Limit]?: Allotment[K] } = {};
  for (const limit of limits) {
    if (a[limit] !== undefined || b[limit] !== undefined) {
      sum[limit] = ((a[limit] ?? 0) + (b[limit] ?? 0)) as Bytes & Millis;
    }
  }
  return sum;
}

/** True when the same limits are set: only then has a sum a meaning, for nothing can be added to "not limited". */
export function sameLimits(a: Allotment, b: Allotment): boolean {
  return limits.every((limit) => (a[limit] === undefined) === (b[limit] === undefined));
}

/** True when `a` limits nothing that `b` does not limit too: then `a` can be added to `b`. */
export function subsetLimits(a: Allotment, b: Allotment): boolean {
  return limits.every((limit) => a[limit] === undefined || b[limit] !== undefined);
}

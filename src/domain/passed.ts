import { isReturnable, type Lot, type Passed } from './lot.js';
import { type Allotment, addAllotments, limits } from './plan.js';
import type { Bytes, Millis } from './units.js';

/** No lot takes anything. */
export const nothing: Passed = { bytes: 0, millis: 0, granted: {} };

/** What one lot takes: see `inTurn`. */
export function passedBy({ metric, allotment, funding }: Lot): Passed {
  const comesBack = isReturnable(funding);
  return {
    bytes: metric === 'bytes' || !comesBack ? (allotment.bytes ?? 0) : 0,
    millis: metric === 'time' || !comesBack ? (allotment.millis ?? 0) : 0,
    granted: allotment,
  };
}

/** What both take together. */
export function addPassed(a: Passed, b: Passed): Passed {
  const granted = addAllotments(a.granted, b.granted);
  return { bytes: a.bytes + b.bytes, millis: a.millis + b.millis, granted };
}

/** What `all` take without `some` of them. */
export function lessPassed(all: Passed, some: Passed): Passed {
  const granted: { -readonly [L in keyof Allotment]: Allotment[L] } = { ...all.granted };
  for (const limit of limits) {
    const less = some.granted[limit];
    if (less !== undefined) granted[limit] = ((granted[limit] ?? 0) - less) as Bytes & Millis;
  }
  return { bytes: all.bytes - some.bytes, millis: all.millis - some.millis, granted };
}

/** Whether it is {@link nothing}. */
export function isNothing({ bytes, millis, granted }: Passed): boolean {
  return bytes === 0 && millis === 0 && Object.values(granted).every((size) => size === 0);
}

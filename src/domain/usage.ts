import type { Allotment, Limit } from './plan.js';
import type { Bytes, Millis } from './units.js';

/** What a session has used, counted up for ever and never reset: top-ups raise the allotment instead. */
export interface Usage {
  readonly up: Bytes;
  readonly down: Bytes;
  /** Time that counts against the allotment. */
  readonly millis: Millis;
  /** Time since the gate first opened. */
  readonly age: Millis;
  /** Time away since the client was last let through; 0 while it is here. */
  readonly away: Millis;
}

export const unused: Usage = {
  up: 0 as Bytes,
  down: 0 as Bytes,
  millis: 0 as Millis,
  age: 0 as Millis,
  away: 0 as Millis,
};

/** What of a limit has been used; above the limit when the gate closed late. */
export function usedOf(usage: Usage, limit: Limit): number {
  switch (limit) {
    case 'bytes':
      return usage.up + usage.down;
    case 'upBytes':
      return usage.up;
    case 'downBytes':
      return usage.down;
    case 'millis':
      return usage.millis;
    case 'validity':
      return usage.age;
  }
}

/** What is left of a limit, never negative; undefined where there is no such limit. */
export function remainingOf(granted: Allotment, usage: Usage, limit: Limit): number | undefined {
  const cap = granted[limit];
  return cap === undefined ? undefined : Math.max(0, cap - usedOf(usage, limit));
}

/** Bytes until the first data cap, the client's next bytes going the worse way; undefined without a data cap. */
export function bytesLeft(granted: Allotment, usage: Usage): Bytes | undefined {
  return least(granted, usage, ['bytes', 'upBytes', 'downBytes']) as Bytes | undefined;
}

/** Time until the first time cap if time runs from now on; undefined without one. */
export function millisLeft(granted: Allotment, usage: Usage): Millis | undefined {
  return least(granted, usage, ['millis', 'validity']) as Millis | undefined;
}

function least(granted: Allotment, usage: Usage, limits: readonly Limit[]): number | undefined {
  let left: number | undefined;
  for (const limit of limits) {
    const one = remainingOf(granted, usage, limit);
    if (one !== undefined && (left === undefined || one < left)) left = one;
  }
  return left;
}

/** The cap that has been reached, data before time when both are. */
export function exhausted(granted: Allotment, usage: Usage): 'data' | 'time' | undefined {
  if (bytesLeft(granted, usage) === 0) return 'data';
  if (millisLeft(granted, usage) === 0) return 'time';
  return undefined;
}

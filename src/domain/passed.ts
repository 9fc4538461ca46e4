import { isReturnable, type Lot, type Passed } from './lot.js';
import { type Allotment, addAllotments, limits } from './plan.js';
import type { Bytes, Millis } from './units.js';

/** No lot takes anything. */
export const nothing: Passed = { bytes: 0, millis: 0, granted: {} };

/** A sum of what lots take, made without an object for each of them. */
export class PassedSum implements Passed {
  bytes = 0;
  millis = 0;
  readonly granted: { -readonly [L in keyof Allotment]: Allotment[L] } = {};

  add({ bytes, millis, granted }: Passed): void {
    this.bytes += bytes;
    this.millis += millis;
    this.#grant(granted);
  }

  /** Adds what the lot takes: see `inTurn`. */
  addLot({ metric, allotment, funding }: Lot): void {
    const comesBack = isReturnable(funding);
    if (metric === 'bytes' || !comesBack) this.bytes += allotment.bytes ?? 0;
    if (metric === 'time' || !comesBack) this.millis += allotment.millis ?? 0;
    this.#grant(allotment);
  }

  toPlain(): Passed {
    return { bytes: this.bytes, millis: this.millis, granted: { ...this.granted } };
  }

  #grant(more: Allotment): void {
    const { granted } = this;
    for (const limit of limits) {
      const size = more[limit];
      if (size !== undefined) granted[limit] = ((granted[limit] ?? 0) + size) as Bytes & Millis;
    }
  }
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

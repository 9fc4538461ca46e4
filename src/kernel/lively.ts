import type { Cadence } from '../ports/portal.js';

/** While something moves, counters are read this often, in ms, within this share of the time. */
const everyMs = 1_000;
const share = 0.05;
/** The same for a session that has just begun: the sooner it is known, the less is lost with a table that is flushed. */
const firstMs = 250;
const firstShare = 0.25;

/**
 * The same looks, and more of them while something moves, and once for a session that is new: where somebody flushes the
 * ruleset, what was counted since the last one is known from connections alone, and of sessions that were there.
 */
export function lively(cadence: Cadence): Cadence {
  let hasMoved = false;
  let hasBegun = false;
  const known = new Set<string>();
  return {
    moved(id, up, down, now) {
      if (up + down > 0) hasMoved = true;
      else hasBegun ||= !known.has(id);
      known.add(id);
      cadence.moved(id, up, down, now);
    },
    forget(id) {
      known.delete(id);
      cadence.forget(id);
    },
    rates: (id, now) => cadence.rates(id, now),
    next(now, tookMs, sessions) {
      const wait = cadence.next(now, tookMs, sessions);
      const soon = hasMoved ? Math.max(everyMs, tookMs / share) : wait;
      const first = hasBegun ? Math.max(firstMs, tookMs / firstShare) : wait;
      hasMoved = false;
      hasBegun = false;
      return Math.min(wait, soon, first);
    },
  };
}

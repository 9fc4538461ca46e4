import type { Cadence } from '../ports/portal.js';

/** While something moves, counters are read this often, in ms, within this share of the time. */
const everyMs = 1_000;
const share = 0.05;

/**
 * The same looks, and more of them while something moves: what was counted since the last one is lost with the
 * counters when somebody flushes the ruleset.
 */
export function lively(cadence: Cadence): Cadence {
  let hasMoved = false;
  return {
    moved(id, up, down, now) {
      hasMoved ||= up + down > 0;
      cadence.moved(id, up, down, now);
    },
    forget: (id) => cadence.forget(id),
    rates: (id, now) => cadence.rates(id, now),
    next(now, tookMs, sessions) {
      const wait = cadence.next(now, tookMs, sessions);
      if (!hasMoved) return wait;
      hasMoved = false;
      return Math.min(wait, Math.max(everyMs, tookMs / share));
    },
  };
}

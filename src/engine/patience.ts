import type { Clock } from '../ports/clock.js';

/**
 * How long a caller waits for a gate, in ms, before they get the session as it stands. LuCI hangs up after 20
 * s.
 */
export const patienceMs = 3_000;

/** Resolves when `done` has, however it went, or after `ms`. */
export function within(clock: Clock, ms: number, done: Promise<unknown> | undefined): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    const over = () => {
      cancel();
      resolve();
    };
    Promise.resolve(done).then(over, over);
  });
}

import type { Clock } from './ports/clock.js';

/** Longest wait of a platform timer, in ms; more would fire at once. */
const longest = 0x7fff_ffff;

/** The router's clocks. Its timers run on the monotonic one and do not keep the process alive. */
export const systemClock: Clock = {
  mono: () => performance.now(),
  wall: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, Math.min(ms, longest));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

import type { Clock, ClockState } from '../ports/clock.js';

/** Who sets a clock moves it by more than this at once, in ms; who only corrects its pace, by less. */
const stepMs = 2_000;
/** Whether anybody has told the router the time is asked again after this long, in ms. */
const askMs = 10_000;
/** No router had turnpike before: 1 January 2026. */
const earliest = Date.UTC(2026, 0, 1);

interface ClockParts {
  /** The router's own. */
  readonly clock: Clock;
  /** Wall clock of the newest record, ms since 1970; 0 before the first. */
  readonly newest: number;
  /** Somebody who knows has told the router the time since it was switched on. */
  readonly isTold: () => boolean;
}

/**
 * The router's clock, as far as it can be believed. Many routers have no battery: their clock is behind from each start
 * until they hear the time. So no time before the newest record is believed, or vouchers that were over would be good
 * again, and time goes on from there. That ends when somebody sets the clock: it jumps, or the router was told.
 */
export class BelievedClock implements Clock {
  readonly #clock: Clock;
  readonly #isTold: () => boolean;
  readonly #newest: number;
  readonly #began: number;
  /** By how much the wall clock was ahead of the monotonic one when it was last looked at. */
  #ahead: number;
  #isSet = false;
  #askAt = Number.NEGATIVE_INFINITY;

  constructor({ clock, newest, isTold }: ClockParts) {
    this.#clock = clock;
    this.#newest = newest;
    this.#isTold = isTold;
    this.#began = clock.mono();
    this.#ahead = clock.wall() - this.#began;
  }

  get state(): ClockState {
    const believed = this.wall();
    if (!this.#isSet && this.#clock.wall() < believed) return 'behind';
    return believed < earliest ? 'unset' : 'set';
  }

  // Whoever needs the time alone is handed this alone.
  readonly wall = (): number => {
    const [wall, mono] = [this.#clock.wall(), this.#clock.mono()];
    const least = this.#newest + mono - this.#began;
    this.#isSet ||= Math.abs(wall - mono - this.#ahead) > stepMs || (wall < least && this.#told(mono));
    this.#ahead = wall - mono;
    return this.#isSet ? wall : Math.max(wall, least);
  };

  readonly mono = (): number => this.#clock.mono();

  readonly after = (ms: number, task: () => void): (() => void) => this.#clock.after(ms, task);

  #told(now: number): boolean {
    if (now < this.#askAt) return false;
    this.#askAt = now + askMs;
    return this.#isTold();
  }
}

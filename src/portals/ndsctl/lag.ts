import type { Backlog } from './proc.js';

/**
 * How long connections wait, with none accepted, before their event counts as lost, in ms: a portal that has one
 * accepts within a millisecond of having the processor.
 */
export const lostMs = 250;
/** The same where nothing shows that the portal had the processor meanwhile. */
const idleLostMs = 3_000;
/** The portal's backlog has room for six connections. */
const mostPushes = 6;

/**
 * Tells a portal that is busy from one that lags, while a request waits.
 *
 * Portals accept one connection for each event of their listening socket, and connections that come while one is
 * served are one event together (`EPOLLET` in ndsctl_thread.c). Those it was not told of wait until further ones come:
 * each of these has the oldest accepted. To a portal that is busy a further one does the same harm, so it is due only
 * when connections wait and none is accepted, and again only when the last one had that effect.
 */
export class Lag {
  #waiting = 0;
  /** Since when so many wait with none accepted, in ms. */
  #since: number;
  /** The portal accepted somebody while the request waited, so it runs. */
  #runs = false;
  #pushes = 0;
  /** Waiting before the last connection was made: one more now means that it had no effect. */
  #before: number | undefined;

  /** @param before what waited at rest when the request was made, at `now` in ms */
  constructor(before: number, now: number) {
    this.#before = before > 0 ? before : undefined;
    this.#since = now;
  }

  /** The last connection that was made had no effect: the portal accepts nobody. */
  get isStuck(): boolean {
    return this.#before !== undefined && !this.isBusy && this.#waiting > this.#before;
  }

  /** Waiting at the last look. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The portal seems to serve somebody, as far as anybody can see. */
  get isBusy(): boolean {
    return this.#waiting === 0 || this.#since === Number.POSITIVE_INFINITY;
  }

  /** Takes in a look. @returns whether a further connection is due: tell it with {@link pushed}. */
  look({ waiting, accepted }: Backlog, now: number): boolean {
    if (accepted > 0) {
      this.#runs = true;
      this.#since = Number.POSITIVE_INFINITY;
    } else if (this.#since === Number.POSITIVE_INFINITY || waiting !== this.#waiting) this.#since = now;
    this.#waiting = waiting;
    if (waiting === 0 || accepted > 0 || this.#pushes >= mostPushes) return false;
    if (this.#before !== undefined) return waiting <= this.#before;
    return now - this.#since >= (this.#runs ? lostMs : idleLostMs);
  }

  /** A further connection is being made. */
  pushed(): void {
    this.#pushes += 1;
    this.#before = this.#waiting;
  }
}

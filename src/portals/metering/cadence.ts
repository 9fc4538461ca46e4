import type { Bytes } from '../../domain/units.js';

/** An open session on its way to a data cap. */
interface Racing {
  readonly id: string;
  readonly left: Bytes;
  /** Bytes a second. */
  readonly maxRate?: number;
}

export interface CadenceOptions {
  /** Shortest wait as long as no cap is near, in ms. */
  readonly minMs: number;
  /** Longest wait, in ms. */
  readonly maxMs: number;
  /** Largest share of the portal's time that polls may take, 0 to 1. */
  readonly share: number;
}

/** What a session moved lately, in bytes a second. */
interface Pace {
  /** Means over the last seconds. */
  up: number;
  down: number;
  /** Between the last two readings. */
  last: number;
  /** The fastest it has been in the last minutes. */
  peak: number;
  /** It has been told of since it opened. */
  seen: boolean;
  /** When it was last told of, in ms. */
  at: number;
}

/** What a session may turn out to do before it was seen to move: 100 Mbit/s. */
const unseenRate = 12_500_000;
/** A mean counts for half after this long, in ms. */
const meanHalfLifeMs = 1_000;
/** A peak counts for half after this long, in ms: a pause does not make a client slow. */
const peakHalfLifeMs = 60_000;
/** Readings closer than this, in ms, are one: a rate over a millisecond says nothing. */
const shortestSpanMs = 10;
/** Late by a hair, for a poll just before the cap would need another one just after it. */
const hair = 1.01;
const hairMs = 4;

/**
 * When to look at a portal again: at half the time to the earliest data cap while that is far, exactly then when it is
 * near. So a steady client is caught at its cap whatever its speed, and a portal without haste is left alone.
 */
export class Cadence {
  readonly #options: CadenceOptions;
  readonly #paces = new Map<string, Pace>();

  constructor(options: CadenceOptions) {
    this.#options = options;
  }

  /** A session opened, or moved this many bytes since it was last told of. `now` in ms, monotonic. */
  moved(id: string, up: Bytes, down: Bytes, now: number): void {
    const pace = this.#paces.get(id);
    if (!pace) {
      this.#paces.set(id, { up: 0, down: 0, last: 0, peak: unseenRate, seen: false, at: now });
      return;
    }
    const span = now - pace.at;
    if (span < shortestSpanMs) return;
    const old = 0.5 ** (span / meanHalfLifeMs);
    pace.up = pace.up * old + ((up * 1000) / span) * (1 - old);
    pace.down = pace.down * old + ((down * 1000) / span) * (1 - old);
    pace.last = ((up + down) * 1000) / span;
    pace.peak = Math.max(pace.last, pace.peak * 0.5 ** (span / peakHalfLifeMs));
    pace.seen = true;
    pace.at = now;
  }

  forget(id: string): void {
    this.#paces.delete(id);
  }

  /** Means in bytes a second, fading while nothing is told. */
  rates(id: string, now: number): { readonly up: number; readonly down: number } {
    const pace = this.#paces.get(id);
    if (!pace) return { up: 0, down: 0 };
    const fade = 0.5 ** (Math.max(0, now - pace.at - this.#options.minMs) / meanHalfLifeMs);
    return { up: pace.up * fade, down: pace.down * fade };
  }

  /** Milliseconds to the next poll, after one that took `tookMs`. */
  next(now: number, tookMs: number, sessions: Iterable<Racing>): number {
    const { maxMs, share } = this.#options;
    let soonest = maxMs;
    for (const session of sessions) soonest = Math.min(soonest, this.#wait(session, now));
    return Math.max(soonest, tookMs * (1 / share - 1));
  }

  #wait({ id, left, maxRate = Number.POSITIVE_INFINITY }: Racing, now: number): number {
    const { minMs } = this.#options;
    const pace = this.#paces.get(id);
    const { up, down } = this.rates(id, now);
    // The mean of a client that has just begun lags behind: the last span tells its pace.
    const rate = Math.min(Math.max(up + down, pace?.last ?? 0), maxRate);
    const peak = Math.min(pace?.peak ?? unseenRate, maxRate);
    const likely = rate > 0 ? approach((left / rate) * 1000, minMs) : Number.POSITIVE_INFINITY;
    // A client at rest may begin again at its best pace; as that is only a guess, it is not chased any closer. One that
    // was just let in is: what it bought may be small, and it did not come to wait.
    const closest = pace?.seen ? 4 * minMs : minMs / 4;
    const possible = Math.max(closest, (left / peak) * 500);
    return Math.min(likely, possible);
  }
}

/** Half the time that is left while that is far; all of it, and a hair, when it is near. */
function approach(leftMs: number, minMs: number): number {
  return leftMs < 2 * minMs ? leftMs * hair + hairMs : leftMs / 2;
}

import type { Bytes } from '../../domain/units.js';

/** An open session on its way to a data cap. */
interface Racing {
  readonly id: string;
  readonly left: Bytes;
  /** The fastest that the kernel lets it go, in bytes a second. */
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
interface Rates {
  /** Means over the last seconds. */
  readonly up: number;
  readonly down: number;
  /** In the last span. */
  readonly last: number;
  /** The fastest rate of the last minutes. */
  readonly peak: number;
  /** The rate that it may reach, as long as nothing faster was measured. */
  readonly guess: number;
}

interface Pace {
  now: Rates;
  /** As they were when the span began. */
  before: Rates;
  /** The last span: from one reading to the next, in ms, and the bytes in it. */
  readonly span: { from: number; to: number; up: number; down: number };
}

/** The rate that a session may reach before its first traffic: 100 Mbit/s, in bytes a second. */
const unseenRate = 12_500_000;
/** A mean counts for half after this long, in ms. */
const meanHalfLifeMs = 1_000;
/** A peak counts for half after this long, in ms: a pause does not make a client slow. */
const peakHalfLifeMs = 60_000;
/** Readings closer together than this, in ms, count as one: a rate over a millisecond says nothing. */
const shortestSpanMs = 10;
const unseen: Rates = { up: 0, down: 0, last: 0, peak: 0, guess: unseenRate };
/**
 * A poll just before the cap would need another one just after it, so the poll comes late by this factor and
 * by this many ms.
 */
const hair = 1.01;
const hairMs = 4;

/**
 * Plans when to look at a portal again: at half the time to the earliest data cap while the cap is far, and
 * exactly at that time when it is near. So a steady client is caught at its cap whatever its speed, and a
 * portal without sessions near a cap is polled seldom.
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
      this.#paces.set(id, { now: unseen, before: unseen, span: { from: now, to: now, up: 0, down: 0 } });
      return;
    }
    extend(pace, now);
    pace.span.up += up;
    pace.span.down += down;
    if (isLong(pace)) pace.now = ratesAfter(pace);
  }

  forget(id: string): void {
    this.#paces.delete(id);
  }

  /**
   * Means in bytes a second, for people: what was measured last stands until the next reading is due, for a client is read
   * as seldom as every `maxMs`.
   */
  rates(id: string, now: number): { readonly up: number; readonly down: number } {
    return this.#faded(id, now - this.#options.maxMs);
  }

  /** Means in bytes a second, fading since a moment. */
  #faded(id: string, since: number): { readonly up: number; readonly down: number } {
    const pace = this.#paces.get(id);
    if (!pace) return { up: 0, down: 0 };
    const fade = 0.5 ** (Math.max(0, since - pace.span.to) / meanHalfLifeMs);
    return { up: pace.now.up * fade, down: pace.now.down * fade };
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
    const { last, peak: shown, guess } = pace?.now ?? unseen;
    const { up, down } = this.#faded(id, now - minMs);
    // The mean of a client that has just begun lags behind, so the rate of the last span counts too.
    const rate = Math.max(up + down, last);
    // A rate that was measured counts even where it exceeds `maxRate`.
    const peak = Math.max(shown, Math.min(guess, maxRate));
    const likely = rate > 0 ? approach((left / rate) * 1000, minMs) : Number.POSITIVE_INFINITY;
    // A client at rest may begin again at its best pace. That is a guess, so polls for it keep a distance. A
    // client that was just let in is polled more closely: its purchase may be small, and it is likely to use
    // it at once.
    const closest = pace && isLong(pace) ? 4 * minMs : minMs / 4;
    const possible = Math.max(closest, (left / peak) * 500);
    return Math.min(likely, possible);
  }
}

/** Takes a reading into the last span, or begins another with it. */
function extend(pace: Pace, now: number): void {
  const { span } = pace;
  if (!isLong(pace)) span.to = now;
  else if (now - span.to >= shortestSpanMs) {
    pace.before = pace.now;
    Object.assign(span, { from: span.to, to: now, up: 0, down: 0 });
  }
}

function isLong({ span }: Pace): boolean {
  return span.to - span.from >= shortestSpanMs;
}

function ratesAfter({ before, span }: Pace): Rates {
  const ms = span.to - span.from;
  const old = 0.5 ** (ms / meanHalfLifeMs);
  const fade = 0.5 ** (ms / peakHalfLifeMs);
  const mean = (earlier: number, bytes: number) => earlier * old + ((bytes * 1000) / ms) * (1 - old);
  const last = ((span.up + span.down) * 1000) / ms;
  return {
    up: mean(before.up, span.up),
    down: mean(before.down, span.down),
    last,
    peak: Math.max(last, before.peak * fade),
    guess: before.guess * fade,
  };
}

/** Half the time that is left while the cap is far; all of it, and a little more, when the cap is near. */
function approach(leftMs: number, minMs: number): number {
  return leftMs < 2 * minMs ? leftMs * hair + hairMs : leftMs / 2;
}

import { addMoney, type Money } from './money.js';
import type { Bytes } from './units.js';

/** What was earned and used in a span of time. */
export interface Bucket {
  /** Wall clock at its start, ms since 1970. */
  readonly at: number;
  /** Sold less given back, by currency. */
  readonly revenue: ReadonlyMap<string, Money>;
  readonly up: Bytes;
  readonly down: Bytes;
  /** Sessions whose gate opened for the first time. */
  readonly sessions: number;
}

/** What was sold, and how it was paid. */
export interface Trade {
  readonly plan: string;
  /** The payment method. */
  readonly method: string;
}

/** Money of one trade in one currency. */
export interface Takings extends Trade {
  readonly money: Money;
}

interface Mutable {
  revenue: Map<string, Money>;
  /** The revenue by plan, method and currency; that of earlier versions is not in it. */
  takings: Map<string, Takings>;
  up: number;
  down: number;
  sessions: number;
}

/** A bucket as the snapshot keeps it. */
export interface PlainBucket {
  readonly at: number;
  readonly revenue: readonly {
    readonly currency: string;
    readonly decimals: number;
    readonly amount: string;
  }[];
  readonly up: number;
  readonly down: number;
  readonly sessions: number;
  /** Absent where nothing was sold, and in books of earlier versions. */
  readonly takings?: readonly PlainTakings[];
}

/** There are some for each hour: without names they take a third of the room. */
type PlainTakings = readonly [
  plan: string,
  method: string,
  currency: string,
  decimals: number,
  amount: string,
];

export const hour = 3_600_000;
/** Midnight is at a quarter of an hour in every zone, as it is at half an hour in India: what UTC calls an hour has two days. */
const quarter = hour / 4;
const day = 24 * hour;
/** Quarters of an hour that are kept: 35 days, so that a month is told by anybody's days. */
const keptQuarters = 35 * 96;
/** Hours that are kept before them: 92 days with these. */
const keptHours = 57 * 24;
/** Days that are kept: five years. */
const keptDays = 5 * 366;

/** Figures as the snapshot keeps them; what has no bucket is absent. */
export interface PlainStats {
  readonly quarters?: readonly PlainBucket[];
  /** The hours before these quarters, and those of earlier versions. */
  readonly stats: readonly PlainBucket[];
  /** The days before these hours. */
  readonly days?: readonly PlainBucket[];
}

/** Buckets of one length. Where there are too many, the oldest is added up in `above`, or forgotten. */
class Tier {
  readonly buckets = new Map<number, Mutable>();
  readonly #span: number;
  readonly #most: number;
  readonly #above: Tier | undefined;

  /** `span` in ms. */
  constructor(span: number, most: number, above?: Tier) {
    this.#span = span;
    this.#most = most;
    this.#above = above;
  }

  /** The bucket in which a moment is. */
  at(at: number): Mutable {
    const start = Math.floor(at / this.#span) * this.#span;
    const known = this.buckets.get(start);
    if (known) return known;
    const bucket = empty();
    this.buckets.set(start, bucket);
    if (this.buckets.size > this.#most) this.#fold(oldestOf(this.buckets));
    // What is older than all that is kept here counts above at once.
    return this.buckets.get(start) ?? this.#above?.at(start) ?? bucket;
  }

  #fold(at: number): void {
    const bucket = this.buckets.get(at)!;
    this.buckets.delete(at);
    if (this.#above) add(this.#above.at(at), bucket);
  }
}

/**
 * Counts business by the quarter of an hour, from journal records alone, so that a replay gives the same figures. What is
 * older is added up by the hour, and then by the day (UTC).
 */
export class Stats {
  readonly #days = new Tier(day, keptDays);
  readonly #hours = new Tier(hour, keptHours, this.#days);
  readonly #quarters = new Tier(quarter, keptQuarters, this.#hours);

  constructor({ quarters, stats, days }: PlainStats = { stats: [] }) {
    restore(this.#quarters, quarters);
    restore(this.#hours, stats);
    restore(this.#days, days);
  }

  /** Adds a payment, or with a negative amount a refund, and to `trade` where that is known. */
  addMoney(at: number, money: Money, trade?: Trade): void {
    const bucket = this.#quarters.at(at);
    count(bucket.revenue, money);
    if (trade) take(bucket.takings, { ...trade, money });
  }

  addBytes(at: number, up: number, down: number): void {
    if (up === 0 && down === 0) return;
    const bucket = this.#quarters.at(at);
    bucket.up += up;
    bucket.down += down;
  }

  addSession(at: number): void {
    this.#quarters.at(at).sessions += 1;
  }

  /**
   * Sums in steps of `span` ms over `[from, to)`; steps with nothing in them are there with zeros. What is kept by the hour
   * or the day is in the step in which that begins.
   */
  series(from: number, to: number, span: number): Bucket[] {
    const sums: (Mutable & { at: number })[] = [];
    for (let at = from; at < to; at += span) sums.push({ at, ...empty() });
    for (const [at, bucket] of this.#all()) {
      const sum = at >= from && at < to ? sums[Math.floor((at - from) / span)] : undefined;
      if (sum) add(sum, bucket);
    }
    return sums.map(({ takings, ...s }) => ({ ...s, up: s.up as Bytes, down: s.down as Bytes }));
  }

  /** The revenue over `[from, to)` by plan, method and currency. */
  takings(from: number, to: number): Takings[] {
    const sums = new Map<string, Takings>();
    for (const [at, bucket] of this.#all()) {
      if (at >= from && at < to) for (const one of bucket.takings.values()) take(sums, one);
    }
    return [...sums.values()];
  }

  toPlain(): PlainStats {
    const [quarters, stats, days] = [this.#quarters, this.#hours, this.#days].map((tier) =>
      toPlain(tier.buckets),
    );
    return {
      stats: stats!,
      ...(quarters!.length > 0 && { quarters: quarters! }),
      ...(days!.length > 0 && { days: days! }),
    };
  }

  #all(): [number, Mutable][] {
    return [...this.#days.buckets, ...this.#hours.buckets, ...this.#quarters.buckets];
  }
}

function restore(tier: Tier, buckets: readonly PlainBucket[] = []): void {
  for (const [at, bucket] of buckets.map(fromPlain)) tier.buckets.set(at, bucket);
}

function oldestOf(buckets: ReadonlyMap<number, Mutable>): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const at of buckets.keys()) oldest = Math.min(oldest, at);
  return oldest;
}

function toPlain(buckets: ReadonlyMap<number, Mutable>): PlainBucket[] {
  return [...buckets].map(([at, { revenue, takings, ...sums }]) => ({
    at,
    ...sums,
    revenue: [...revenue.values()].map((m) => ({ ...m, amount: m.amount.toString() })),
    ...(takings.size > 0 && { takings: [...takings.values()].map(toPlainTakings) }),
  }));
}

function toPlainTakings({ plan, method, money }: Takings): PlainTakings {
  return [plan, method, money.currency, money.decimals, money.amount.toString()];
}

function fromPlain({ at, revenue, takings = [], ...sums }: PlainBucket): [number, Mutable] {
  const money = revenue.map((m) => [m.currency, { ...m, amount: BigInt(m.amount) }] as const);
  const bucket = { ...sums, revenue: new Map(money), takings: new Map<string, Takings>() };
  for (const [plan, method, currency, decimals, amount] of takings)
    take(bucket.takings, { plan, method, money: { currency, decimals, amount: BigInt(amount) } });
  return [at, bucket];
}

function empty(): Mutable {
  return { revenue: new Map(), takings: new Map(), up: 0, down: 0, sessions: 0 };
}

function add(sum: Mutable, bucket: Mutable): void {
  sum.up += bucket.up;
  sum.down += bucket.down;
  sum.sessions += bucket.sessions;
  for (const money of bucket.revenue.values()) count(sum.revenue, money);
  for (const one of bucket.takings.values()) take(sum.takings, one);
}

function take(takings: Map<string, Takings>, one: Takings): void {
  const key = `${one.plan} ${one.method} ${one.money.currency}`;
  const before = takings.get(key);
  takings.set(key, before ? { ...one, money: addMoney(before.money, one.money) } : one);
}

function count(revenue: Map<string, Money>, money: Money): void {
  const before = revenue.get(money.currency);
  revenue.set(money.currency, before ? addMoney(before, money) : money);
}

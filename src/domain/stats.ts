import { addMoney, type Money } from './money.js';
import type { Bytes } from './units.js';

/** One hour of business, or one day. */
export interface Bucket {
  /** Wall clock at the start of the hour or day, ms since 1970. */
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
const day = 24 * hour;
/** Hours that are kept: 92 days. */
const keptHours = 92 * 24;
/** Days that are kept: five years. */
const keptDays = 5 * 366;

/**
 * Counts business by the hour, from journal records alone, so that a replay gives the same figures. Hours that are no
 * longer kept are added up by the day (UTC).
 */
export class Stats {
  readonly #hours = new Map<number, Mutable>();
  readonly #days = new Map<number, Mutable>();

  /** Adds a payment, or with a negative amount a refund, and to `trade` where that is known. */
  addMoney(at: number, money: Money, trade?: Trade): void {
    const bucket = this.#at(at);
    count(bucket.revenue, money);
    if (trade) take(bucket.takings, { ...trade, money });
  }

  addBytes(at: number, up: number, down: number): void {
    if (up === 0 && down === 0) return;
    const bucket = this.#at(at);
    bucket.up += up;
    bucket.down += down;
  }

  addSession(at: number): void {
    this.#at(at).sessions += 1;
  }

  /**
   * Sums in steps of `span` (whole hours) over `[from, to)`; steps with nothing in them are there with zeros. What is kept
   * by the day is in the step in which its day begins.
   */
  series(from: number, to: number, span: number): Bucket[] {
    const sums: (Mutable & { at: number })[] = [];
    for (let at = from; at < to; at += span) sums.push({ at, ...empty() });
    for (const [at, bucket] of [...this.#days, ...this.#hours]) {
      const sum = at >= from && at < to ? sums[Math.floor((at - from) / span)] : undefined;
      if (sum) add(sum, bucket);
    }
    return sums.map(({ takings, ...s }) => ({ ...s, up: s.up as Bytes, down: s.down as Bytes }));
  }

  /** The revenue over `[from, to)` by plan, method and currency. */
  takings(from: number, to: number): Takings[] {
    const sums = new Map<string, Takings>();
    for (const [at, bucket] of [...this.#days, ...this.#hours]) {
      if (at >= from && at < to) for (const one of bucket.takings.values()) take(sums, one);
    }
    return [...sums.values()];
  }

  /** The hours. */
  toPlain(): PlainBucket[] {
    return toPlain(this.#hours);
  }

  /** The days before these hours. */
  daysToPlain(): PlainBucket[] {
    return toPlain(this.#days);
  }

  static fromPlain(hours: readonly PlainBucket[], days: readonly PlainBucket[] = []): Stats {
    const stats = new Stats();
    for (const [at, bucket] of hours.map(fromPlain)) stats.#hours.set(at, bucket);
    for (const [at, bucket] of days.map(fromPlain)) stats.#days.set(at, bucket);
    return stats;
  }

  #at(at: number): Mutable {
    const start = Math.floor(at / hour) * hour;
    const known = this.#hours.get(start);
    if (known) return known;
    const bucket = empty();
    this.#hours.set(start, bucket);
    if (this.#hours.size > keptHours) this.#fold(oldestOf(this.#hours));
    // What is older than every hour that is kept counts for its day at once.
    return this.#hours.get(start) ?? this.#dayOf(start);
  }

  /** Moves an hour to its day. */
  #fold(at: number): void {
    const bucket = this.#hours.get(at)!;
    this.#hours.delete(at);
    add(this.#dayOf(at), bucket);
  }

  #dayOf(at: number): Mutable {
    const start = Math.floor(at / day) * day;
    const bucket = this.#days.get(start) ?? empty();
    this.#days.set(start, bucket);
    if (this.#days.size > keptDays) this.#days.delete(oldestOf(this.#days));
    return bucket;
  }
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

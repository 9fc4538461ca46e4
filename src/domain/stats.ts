import { addMoney, type Money } from './money.js';
import type { Bytes } from './units.js';

/** One hour of business. */
export interface Bucket {
  /** Wall clock at the start of the hour, ms since 1970. */
  readonly at: number;
  /** Sold less given back, by currency. */
  readonly revenue: ReadonlyMap<string, Money>;
  readonly up: Bytes;
  readonly down: Bytes;
  /** Sessions whose gate opened for the first time. */
  readonly sessions: number;
}

interface Mutable {
  revenue: Map<string, Money>;
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
}

export const hour = 3_600_000;
/** Hours that are kept: 92 days. */
const kept = 92 * 24;

/** Counts business by the hour, from journal records alone, so that a replay gives the same figures. */
export class Stats {
  readonly #buckets = new Map<number, Mutable>();

  /** Adds a payment, or with a negative amount a refund. */
  addMoney(at: number, money: Money): void {
    count(this.#at(at).revenue, money);
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

  /** Sums in steps of `span` (whole hours) over `[from, to)`; steps with nothing in them are there with zeros. */
  series(from: number, to: number, span: number): Bucket[] {
    const sums: (Mutable & { at: number })[] = [];
    for (let at = from; at < to; at += span) sums.push({ at, ...empty() });
    for (const [at, bucket] of this.#buckets) {
      const sum = at >= from && at < to ? sums[Math.floor((at - from) / span)] : undefined;
      if (sum) add(sum, bucket);
    }
    return sums.map((s) => ({ ...s, up: s.up as Bytes, down: s.down as Bytes }));
  }

  toPlain(): PlainBucket[] {
    return [...this.#buckets].map(([at, { revenue, ...sums }]) => ({
      at,
      ...sums,
      revenue: [...revenue.values()].map((m) => ({ ...m, amount: m.amount.toString() })),
    }));
  }

  static fromPlain(plain: readonly PlainBucket[]): Stats {
    const stats = new Stats();
    for (const { at, revenue, ...sums } of plain) {
      const money = revenue.map((m) => [m.currency, { ...m, amount: BigInt(m.amount) }] as const);
      stats.#buckets.set(at, { ...sums, revenue: new Map(money) });
    }
    return stats;
  }

  #at(at: number): Mutable {
    const start = Math.floor(at / hour) * hour;
    let bucket = this.#buckets.get(start);
    if (!bucket) {
      bucket = empty();
      this.#buckets.set(start, bucket);
      if (this.#buckets.size > kept) this.#buckets.delete(Math.min(...this.#buckets.keys()));
    }
    return bucket;
  }
}

function empty(): Mutable {
  return { revenue: new Map(), up: 0, down: 0, sessions: 0 };
}

function add(sum: Mutable, bucket: Mutable): void {
  sum.up += bucket.up;
  sum.down += bucket.down;
  sum.sessions += bucket.sessions;
  for (const money of bucket.revenue.values()) count(sum.revenue, money);
}

function count(revenue: Map<string, Money>, money: Money): void {
  const before = revenue.get(money.currency);
  revenue.set(money.currency, before ? addMoney(before, money) : money);
}

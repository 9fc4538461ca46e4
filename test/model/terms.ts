// What is sold, and what of it is used up and given back: plain arithmetic, after docs/ubus-api.md ("Rules of a sale")
// and docs/configuration.md (`config plan`). Bytes and milliseconds are numbers, money is bigint in cents.

/** What a session may be limited by; `valid` is time since the gate first opened. */
export const limitNames = ['bytes', 'up', 'down', 'millis', 'valid'] as const;
export type Limit = (typeof limitNames)[number];
export type Limits = { readonly [L in Limit]?: number };

/** A plan as the owner configures it. */
export interface Plan {
  readonly id: string;
  readonly metric: 'bytes' | 'time';
  /** Bytes, or milliseconds. */
  readonly step: number;
  readonly min: number;
  readonly max: number;
  /** Cents for a step, by currency; without one it can only be granted, or given away on paper. */
  readonly prices: Readonly<Record<string, bigint>>;
  readonly caps: Limits;
  readonly devices: number;
  readonly pauses: boolean;
  /** A session without traffic for this long ends, in ms. */
  readonly idle?: number;
}

export interface Money {
  readonly currency: string;
  readonly cents: bigint;
}

/** One purchase, grant, voucher or login. */
export interface Lot {
  readonly plan: string;
  readonly method: string;
  readonly reference: string;
  readonly metric: 'bytes' | 'time';
  readonly step: number;
  readonly steps: number;
  readonly limits: Limits;
  readonly devices: number;
  readonly pauses: boolean;
  readonly idle?: number | undefined;
  readonly paid?: Money | undefined;
  readonly voucher?: string | undefined;
}

export interface Used {
  readonly up: number;
  readonly down: number;
  readonly millis: number;
  readonly age: number;
}

/** What `steps` steps of a plan allow: the metric for each step, the caps for each purchase. */
export function limitsOf({ metric, step, caps }: Plan, steps: number): Limits {
  return { ...caps, [metric === 'bytes' ? 'bytes' : 'millis']: step * steps };
}

/** A top-up adds, limit by limit. */
export function sumOf(all: readonly Limits[]): Limits {
  const sum: { [L in Limit]?: number } = {};
  for (const limits of all)
    for (const limit of limitNames) {
      const more = limits[limit];
      if (more !== undefined) sum[limit] = (sum[limit] ?? 0) + more;
    }
  return sum;
}

export function usedOf(used: Used, limit: Limit): number {
  return {
    bytes: used.up + used.down,
    up: used.up,
    down: used.down,
    millis: used.millis,
    valid: used.age,
  }[limit];
}

/** A session is over when the first of its limits is reached. */
export function reached(lots: readonly Lot[], used: Used): Limit[] {
  const granted = sumOf(lots.map((lot) => lot.limits));
  return limitNames.filter((limit) => granted[limit] !== undefined && usedOf(used, limit) >= granted[limit]);
}

/**
 * "What was paid less the steps that were begun, oldest purchase first; hours count for purchases of time, and data for
 * those of data." A voucher gives no money back, and a payment that failed neither.
 */
export function refundsOf(lots: readonly Lot[], used: Used, cause: string | undefined): Money[] {
  if (cause === 'payment-failed' || cause === 'payment-reversed') return [];
  const before = { bytes: 0, time: 0 };
  return lots.flatMap((lot) => {
    const { metric, step, steps, limits, paid, voucher } = lot;
    const all = metric === 'bytes' ? used.up + used.down : used.millis;
    const mine = Math.min(Math.max(0, all - before[metric]), step * steps);
    const left = steps - Math.ceil(mine / step);
    const comesBack = paid !== undefined && voucher === undefined;
    // What was bought of the other metric is given back by its own lots alone.
    if (metric === 'bytes' || !comesBack) before.bytes += limits.bytes ?? 0;
    if (metric === 'time' || !comesBack) before.time += limits.millis ?? 0;
    if (!comesBack || left === 0) return [];
    return [{ currency: paid.currency, cents: (paid.cents / BigInt(steps)) * BigInt(left) }];
  });
}

/** What of a session's lot is left, limit by limit, oldest lot first: a voucher keeps it. */
export function leftOf(lots: readonly Lot[], used: Used, index: number): Limits {
  const before = sumOf(lots.slice(0, index).map((lot) => lot.limits));
  const { limits } = lots[index]!;
  const left: { [L in Limit]?: number } = {};
  for (const limit of limitNames) {
    const size = limits[limit];
    if (size === undefined) continue;
    left[limit] = size - Math.min(Math.max(0, usedOf(used, limit) - (before[limit] ?? 0)), size);
  }
  return left;
}

/** What the seller has of a session: what was paid, less what was given back or taken back by others. */
export function earnedBy(
  lots: readonly Lot[],
  used: Used,
  cause: string | undefined,
  over: boolean,
): Money[] {
  const paid = lots.flatMap((lot) => lot.paid ?? []);
  if (!over) return paid;
  const isLost = cause === 'payment-failed' || cause === 'payment-reversed';
  const reversed = lots.flatMap((lot) => (isLost && lot.voucher === undefined ? (lot.paid ?? []) : []));
  const back = [...reversed, ...refundsOf(lots, used, cause)];
  return [...paid, ...back.map(({ currency, cents }) => ({ currency, cents: -cents }))];
}

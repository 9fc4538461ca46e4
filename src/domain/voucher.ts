import type { Refusal } from '../ports/result.js';
import type { Lot } from './lot.js';
import type { Money } from './money.js';
import { type Allotment, type Limit, limits } from './plan.js';
import { refuse } from './refuse.js';
import { exhausted, type Usage, unused, usedOf } from './usage.js';

/** What a voucher buys: a lot without its customer. */
export type Goods = Omit<Lot, 'funding' | 'at' | 'key'>;

/** Vouchers that were made together. */
export interface Batch {
  readonly id: string;
  /** Wall clock, ms since 1970. */
  readonly at: number;
  readonly goods: Goods;
  /** What one voucher is worth; counted as revenue when it is first redeemed. */
  readonly price?: Money;
  /** Wall clock in ms since 1970, up to which it can be redeemed; a session that runs by then goes on. */
  readonly validUntil?: number;
  /** What a session leaves unused stays on the voucher. Otherwise it is good for one session. */
  readonly reuse: boolean;
}

/** One voucher. Its code is known to its holder alone: here is a hash of it. */
export interface Voucher {
  readonly batch: Batch;
  /** Counts from 1 in its batch. */
  readonly number: number;
  readonly hash: string;
  /** What the voucher still buys; while a session uses it, what it bought. */
  readonly remaining: Allotment;
  readonly redeemed: number;
  /** The session that uses it. */
  readonly session?: string;
  readonly void: boolean;
}

export type VoucherState = 'unused' | 'in_use' | 'partly_used' | 'spent' | 'expired' | 'void';

/** How a voucher is named where its code must not be. */
export function voucherId({ batch, number }: Voucher): string {
  return `${batch.id}-${number}`;
}

/** The state of a voucher at `now`: wall clock, ms since 1970. */
export function voucherState(voucher: Voucher, now: number): VoucherState {
  const { batch, redeemed, remaining } = voucher;
  if (voucher.session !== undefined) return 'in_use';
  if (voucher.void) return 'void';
  if (exhausted(remaining, unused) || (redeemed > 0 && !batch.reuse)) return 'spent';
  if (batch.validUntil !== undefined && now >= batch.validUntil) return 'expired';
  return redeemed > 0 ? 'partly_used' : 'unused';
}

/** Why a voucher cannot be redeemed; undefined when it can. `now`: wall clock, ms since 1970. */
export function unusable(voucher: Voucher, now: number): Refusal | undefined {
  switch (voucherState(voucher, now)) {
    case 'unused':
    case 'partly_used':
      return undefined;
    case 'in_use':
      return refuse('voucher_in_use', 'this voucher is in use');
    case 'spent':
      return refuse('voucher_spent', 'this voucher is used up');
    case 'expired':
      return refuse('voucher_expired', 'this voucher is not valid any more');
    case 'void':
      return refuse('voucher_void', 'this voucher was made void');
  }
}

/** The voucher as it is when the session that uses it, with these lots and this usage, is over. */
export function freed(voucher: Voucher, { lots, usage }: { lots: readonly Lot[]; usage: Usage }): Voucher {
  const { session: _, ...free } = voucher;
  const index = lots.findIndex(({ funding }) => funding.voucher === voucherId(voucher));
  return { ...free, remaining: leftovers(lots, usage)[index] ?? voucher.remaining };
}

/** What was left of each lot, used up in the order in which they were bought. */
export function leftovers(lots: readonly Lot[], usage: Usage): Allotment[] {
  const start: { [L in Limit]?: number } = {};
  const pass = (limit: Limit, size: number) => {
    start[limit] = (start[limit] ?? 0) + size;
  };
  return lots.map(({ allotment, after }) => {
    const left: { [L in Limit]?: number } = {};
    for (const limit of limits) {
      pass(limit, after?.granted[limit] ?? 0);
      const size = allotment[limit];
      if (size === undefined) continue;
      left[limit] = size - Math.min(Math.max(0, usedOf(usage, limit) - start[limit]!), size);
      pass(limit, size);
    }
    return left as Allotment;
  });
}

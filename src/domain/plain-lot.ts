import type { Funding, Lot } from './lot.js';
import { moneyOf, type PlainMoney, plainMoney } from './money.js';

/** A {@link Lot} as plain data, without bigints: as the journal keeps it. */
export type PlainLot = Omit<Lot, 'funding'> & {
  readonly funding: Omit<Funding, 'paid'> & { readonly paid?: PlainMoney };
};

export function toPlainLot({ funding: { paid, ...funding }, ...lot }: Lot): PlainLot {
  return { ...lot, funding: { ...funding, ...(paid && { paid: plainMoney(paid) }) } };
}

/** The inverse of {@link toPlainLot}. */
export function fromPlainLot({ funding: { paid, ...funding }, ...lot }: PlainLot): Lot {
  return { ...lot, funding: { ...funding, ...(paid && { paid: moneyOf(paid) }) } };
}

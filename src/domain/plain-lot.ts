import type { Funding, Lot } from './lot.js';
import { moneyOf, type PlainMoney, plainMoney } from './money.js';

/**
 * A {@link Lot} as plain data, without bigints: as the journal keeps it. A deposit stands there as `escrow`, the word
 * of the journals of 0.1.0.
 */
export type PlainLot = Omit<Lot, 'funding'> & {
  readonly funding: Omit<Funding, 'paid' | 'deposit'> & {
    readonly paid?: PlainMoney;
    readonly escrow?: string;
  };
};

export function toPlainLot({ funding: { paid, deposit, ...funding }, ...lot }: Lot): PlainLot {
  const named = deposit !== undefined && { escrow: deposit };
  return { ...lot, funding: { ...funding, ...named, ...(paid && { paid: plainMoney(paid) }) } };
}

/** The inverse of {@link toPlainLot}. */
export function fromPlainLot(plain: PlainLot): Lot {
  return { ...plain, funding: fromPlainFunding(plain.funding) };
}

/** A start reads each lot, and a copy that leaves members out takes ten times as long as one that leaves out none. */
function fromPlainFunding(plain: PlainLot['funding']): Funding {
  const { paid, escrow } = plain;
  const others: Omit<PlainLot['funding'], 'paid' | 'escrow'> = plain;
  if (escrow === undefined) return paid ? { ...others, paid: moneyOf(paid) } : others;
  const { escrow: deposit, ...funding } = plain;
  return { ...funding, deposit, ...(paid && { paid: moneyOf(paid) }) } as Funding;
}

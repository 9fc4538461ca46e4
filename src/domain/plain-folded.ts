import type { Folded, LotSum } from './folded.js';
import { moneyOf, type PlainMoney, plainMoney } from './money.js';

type PlainSum = Omit<LotSum, 'paid' | 'deposit'> & {
  readonly paid?: PlainMoney;
  readonly escrow?: string;
};

/** {@link Folded} lots as plain data, in the words of the journal, in which a deposit is an `escrow`. */
export type PlainFolded = Omit<Folded, 'sums'> & { readonly sums: readonly PlainSum[] };

export function toPlainFolded(folded: Folded): PlainFolded {
  const sums = folded.sums.map(({ paid, deposit, ...sum }) => ({
    ...sum,
    ...(deposit !== undefined && { escrow: deposit }),
    ...(paid && { paid: plainMoney(paid) }),
  }));
  return { ...folded, sums };
}

/** The inverse of {@link toPlainFolded}. */
export function fromPlainFolded(folded: PlainFolded): Folded {
  const sums = folded.sums.map(({ paid, escrow, ...sum }) => ({
    ...sum,
    ...(escrow !== undefined && { deposit: escrow }),
    ...(paid && { paid: moneyOf(paid) }),
  }));
  return { ...folded, sums };
}

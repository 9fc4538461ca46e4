import type { Deposit } from './deposit.js';

/** A {@link Deposit} as the journal keeps it: in the words of 0.1.0, whose journals must stay readable. */
export type PlainDeposit = Omit<Deposit, 'final'> & { readonly settled: boolean };

export function toPlainDeposit({ final, ...deposit }: Deposit): PlainDeposit {
  return { ...deposit, settled: final };
}

/** The inverse of {@link toPlainDeposit}. */
export function fromPlainDeposit({ settled, ...deposit }: PlainDeposit): Deposit {
  return { ...deposit, final: settled };
}

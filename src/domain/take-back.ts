import type { Book } from './book.js';
import { type Deposit, unsold } from './deposit.js';
import { fromPlainDeposit, toPlainDeposit } from './plain-deposit.js';
import type { Decision, Revocation } from './record.js';

/**
 * Makes the record that takes a refused decision back. Call this before the decision is in the books, and the
 * function that it returns when the decision is refused. What happened in the meantime stays.
 */
export function takeBackOf(book: Book, decision: Decision): (at: number) => Revocation {
  switch (decision.t) {
    case 'sold': {
      const { key, session, escrow } = decision;
      const before = escrow && book.deposits.get(escrow.id);
      const deposit = () => before && withoutSale(book, before, fromPlainDeposit(escrow));
      return (at) => ({ t: 'revoked', at, key, id: session.id, ...deposit() });
    }
    case 'vouchers': {
      const { key, batch } = decision;
      return (at) => ({ t: 'revoked', at, key, batch: batch.id });
    }
    case 'voided': {
      const { batch, number: only } = decision;
      const named = book.vouchers.batch(batch).filter((v) => only === undefined || v.number === only);
      const numbers = named.filter((v) => !v.void).map((v) => v.number);
      return (at) => ({ t: 'revoked', at, batch, numbers });
    }
    case 'escrow': {
      const deposit = decision.escrow.id;
      return (at) => ({ t: 'revoked', at, deposit });
    }
  }
}

function withoutSale({ deposits }: Book, before: Deposit, after: Deposit) {
  const now = deposits.get(before.id);
  return now && { escrow: toPlainDeposit(unsold(now, before, after)) };
}

import type { Deposit } from '../domain/deposit.js';
import type { Session } from '../domain/session.js';
import type { Refusal } from '../ports/result.js';

/** A session as it is to be after a sale. */
export interface Sale {
  readonly session: Session;
  /** Sessions that must end before it opens. */
  readonly rivals: readonly string[];
  /** The deposit that pays for it, as it is to be then. */
  readonly deposit?: Deposit;
}

/** What the engine does when the sessions change. */
export interface AccountsDuties {
  /** A session has a new state with a record of its own, and its time counted up to now. */
  changed(session: Session): void;
  /** A sale was refused after all, and is out of the books. */
  revoked(sale: Sale): void;
}

/** The draft is a sale, and not why there is none. */
export function isSale(draft: Sale | Refusal | undefined): draft is Sale {
  return draft !== undefined && 'session' in draft;
}

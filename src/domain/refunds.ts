import { grantedBy, type Lot, type Refund, refundsOf } from './lot.js';
import type { Money } from './money.js';
import type { Session } from './session.js';

/** What the customer would get back if the session ended now: nothing of a payment that is not there any more. */
export function refundsDue(session: Session): Refund[] {
  return refundsOf(session.lots, session.usage, reversedLots(session));
}

/**
 * The lots whose payment the seller does not have, by the cause of the end. A lost deposit affects no other
 * payment, and a voucher was paid for when it was made.
 */
export function reversedLots({ lots, cause }: Session): Lot[] {
  if (cause !== 'payment-reversed' && cause !== 'payment-failed') return [];
  const deposits = lots.filter(({ funding }) => funding.deposit !== undefined);
  const payments = deposits.length > 0 ? deposits : lots;
  return payments.filter(({ funding }) => funding.paid !== undefined && funding.voucher === undefined);
}

/**
 * The session without the lot that was sold under this key; the refunds of a session that is over are
 * computed anew.
 */
export function withoutLot(session: Session, key: string): Session {
  const lots = session.lots.filter((lot) => lot.key !== key);
  const left = { ...session, lots, granted: grantedBy(lots) };
  return left.closedAt !== undefined ? { ...left, refunds: refundsDue(left) } : left;
}

/** What of the money for a session the seller has no more: given back, or taken back by others. */
export function lostBy(session: Session): Money[] {
  if (session.closedAt === undefined) return [];
  const back = session.refunds.map(({ money }) => money);
  return [...back, ...reversedLots(session).flatMap(({ funding }) => funding.paid ?? [])];
}

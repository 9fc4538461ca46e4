import type { Deposits } from './deposits.js';
import { grantedOf, type LotSum, newestLots } from './folded.js';
import { inTurn, type Lot, type Refund, refundOf, type Unused, unusedOf } from './lot.js';
import { addWhole, oldestWhole, type Whole } from './oldest-lots.js';
import { addPassed, nothing } from './passed.js';
import type { Session } from './session.js';
import type { Takings, Trade } from './stats.js';
import { type Usage, usedOf } from './usage.js';

/**
 * What the customer would get back if the session ended now: nothing of a payment that is not there any more.
 * The newest payments are listed; the older ones are added up by method and currency.
 */
export function refundsDue(session: Session): Refund[] {
  const fast = refundsOfWhole(session);
  if (fast) return fast;
  const older = unusedOf(session.lots, session.usage, reversalsOf(session));
  const newest = older.splice(-newestLots);
  return [...sumsOf(older), ...newest.map(refundOf)];
}

/**
 * The same at the cost of a few lots, however many there are; undefined where each has to be looked at: where payments
 * are gone or are of several kinds, or where more than the oldest lots are used.
 */
function refundsOfWhole(session: Session): Refund[] | undefined {
  const { lots, usage } = session;
  const newest = lots.slice(-newestLots);
  const whole = oldestWhole(lots, newestLots);
  if (!whole || whole.mixed || isReversed(session)) return undefined;
  const { metric, funding, money } = whole;
  if (newest.some((lot) => addWhole(undefined, lot)?.metric !== metric)) return undefined;
  const begun = begunLots(lots, usage, metric);
  if (begun > lots.length - newestLots || begun > mostBegun) return undefined;
  const front = lots.slice(0, begun);
  const left = unusedOf(front, usage);
  const gone = front.reduce<Whole | undefined>(addWhole, undefined);
  const behind = money.amount - (gone?.money.amount ?? 0n);
  const amount = left.reduce((sum, { money }) => sum + money.amount, behind);
  const count = whole.count - (gone?.count ?? 0) + left.length;
  const sum = sumOf({ funding, money: { ...money, amount } }, count);
  const single = newest.map(({ funding }) => refundOf({ funding, money: funding.paid! }));
  return count > 0 ? [sum, ...single] : single;
}

/** How many lots, the oldest, have been come to, as far as that matters: nothing of this metric is used behind them. */
function begunLots(lots: readonly Lot[], usage: Usage, metric: Lot['metric']): number {
  const limit = metric === 'bytes' ? 'bytes' : 'millis';
  let count = 0;
  for (const [, start] of inTurn(lots)) {
    if (usedOf(usage, limit) <= start[limit] || count > mostBegun) break;
    count += 1;
  }
  return count;
}

/** Sums by method and currency. Payments that are alike mostly follow each other. */
function sumsOf(all: readonly Unused[]): Refund[] {
  const sums = new Map<string, { first: Unused; amount: bigint; count: number }>();
  let sum: { first: Unused; amount: bigint; count: number } | undefined;
  for (const one of all) {
    if (!sum || !isAlike(sum.first, one)) {
      const kind = kindOf(one);
      sum = sums.get(kind) ?? { first: one, amount: 0n, count: 0 };
      sums.set(kind, sum);
    }
    sum.amount += one.money.amount;
    sum.count += 1;
  }
  return [...sums.values()].map(({ first: { funding, money }, amount, count }) =>
    sumOf({ funding, money: { ...money, amount } }, count),
  );
}

/** So many payments together. */
function sumOf({ funding, money }: Unused, count: number): Refund {
  const { method, deposit } = funding;
  return { method, reference: '', money, ...(deposit !== undefined && { deposit: '' }), count };
}

function kindOf({ funding: { method, deposit }, money }: Unused): string {
  return `${method} ${money.currency} ${money.decimals} ${deposit !== undefined}`;
}

function isAlike({ funding, money }: Unused, other: Unused): boolean {
  return (
    funding.method === other.funding.method &&
    (funding.deposit === undefined) === (other.funding.deposit === undefined) &&
    money.currency === other.money.currency &&
    money.decimals === other.money.decimals
  );
}

/** Payment methods that give back by themselves, as tokens. */
const byToken = ['cashu', 'lightning'];

/** The customer has a token of it: nobody else gives it back. */
export function isByToken({ method, deposit }: Refund): boolean {
  return deposit === undefined && byToken.includes(method);
}

/** Used lots are folded sooner or later, so that a session begins with a few of them at the most. */
const mostBegun = 64;
/** How a lot, or several, were paid. */
type Paid = Pick<LotSum, 'method' | 'paid' | 'deposit'> & {
  readonly voucher?: unknown;
  readonly reference?: string;
};

/**
 * Tells the payments that the seller does not have, by the end of the session. A lost deposit affects no other
 * payment, and a voucher was paid for when it was made.
 */
export function reversalsOf(session: Session): (paid: Paid) => boolean {
  const { lots, folded, reversed } = session;
  if (!isReversed(session)) return () => false;
  if (reversed) return ({ deposit }) => deposit !== undefined && reversed.includes(deposit);
  const isDeposit = ({ deposit }: Paid) => deposit !== undefined;
  const withDeposit = lots.some(({ funding }) => isDeposit(funding)) || (folded?.sums ?? []).some(isDeposit);
  return (one) => {
    if (one.paid === undefined || one.voucher !== undefined) return false;
    // A deposit without a name is over: its money is the seller's.
    return withDeposit ? isDeposit(one) && one.deposit !== '' : true;
  };
}

/** The seller does not have every payment for the session. */
function isReversed({ cause, reversed }: Session): boolean {
  return reversed !== undefined || cause === 'payment-reversed' || cause === 'payment-failed';
}

/** The payments for a session that the seller does not have; several may be of one deposit. */
export function reversedOf(session: Session): Paid[] {
  const { lots, folded } = session;
  return [...(folded?.sums ?? []), ...lots.map(({ funding }) => funding)].filter(reversalsOf(session));
}

/**
 * The session without the newest lot that was sold under this key, and without the name that came with it; the
 * refunds of a session that is over are computed anew.
 */
export function withoutLot(session: Session, key: string): Session {
  const at = session.lots.findLastIndex((lot) => lot.key === key);
  const [gone, next] = session.lots.slice(at);
  if (at < 0 || !gone) return session;
  const lots = next ? session.lots.toSpliced(at, 2, inPlaceOf(gone, next)) : session.lots.toSpliced(at, 1);
  const { user, ...rest } = session;
  const isNamed = user !== undefined && (!gone.named || next !== undefined);
  const left = { ...rest, ...(isNamed && { user }), lots, granted: grantedOf({ ...session, lots }) };
  return left.closedAt !== undefined ? { ...left, refunds: refundsDue(left) } : left;
}

/** The lot as it is without the one before it: what folded lots before both take is taken before it. */
function inPlaceOf(gone: Lot, next: Lot): Lot {
  const after = gone.after && { after: addPassed(gone.after, next.after ?? nothing) };
  return { ...next, ...after, ...(gone.named && { named: true }) };
}

/** What of the money for a session the seller has no more: given back, or taken back by others. */
export function lostBy(session: Session): Takings[] {
  if (session.closedAt === undefined) return [];
  const open = [...session.lots];
  // What is given back is of the newest purchases: several of one receipt are told apart from the end.
  const back = session.refunds.toReversed().map((refund) => {
    const at = open.findLastIndex(({ funding }) => isOf(funding, refund));
    const [lot] = at < 0 ? [] : open.splice(at, 1);
    return {
      ...(lot ? { plan: lot.plan, method: refund.method } : tradeOf(session, refund)),
      money: refund.money,
    };
  });
  const gone = reversedOf(session).flatMap((one) =>
    one.paid ? { ...tradeOf(session, one), money: one.paid } : [],
  );
  return [...back, ...gone];
}

/** What the seller got on the chain for a session from deposits that others closed. */
export function chargedOf(session: Session, deposits: Deposits): Takings[] {
  const paid = new Map(reversedOf(session).map((one) => [one.deposit ?? '', one]));
  return [...paid].flatMap(([id, one]) => {
    const amount = deposits.get(id)?.closed?.sellerAmount;
    if (amount === undefined) return [];
    return { ...tradeOf(session, one), money: { ...one.paid!, amount: BigInt(amount) } };
  });
}

/** What a payment bought. A sum of several does not say: it counts for the newest purchase that was paid in the same way. */
function tradeOf({ lots }: Session, payment: Payment): Trade {
  const lot =
    lots.findLast(({ funding }) => isOf(funding, payment)) ??
    lots.findLast(({ funding }) => funding.method === payment.method) ??
    lots.at(-1);
  return { plan: lot?.plan ?? '', method: payment.method };
}

/** How a payment is known. */
interface Payment {
  readonly method: string;
  readonly reference?: string;
}

function isOf(funding: Payment, { method, reference }: Payment): boolean {
  return funding.method === method && funding.reference === reference;
}

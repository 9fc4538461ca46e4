import type { Deposits } from './deposits.js';
import { foldLots, type LotTest, lotCount, newestLots, spentIn } from './folded.js';
import type { Lot } from './lot.js';
import { foldOldest } from './oldest-lots.js';
import type { Allotment } from './plan.js';
import { fromPlain, type PlainSession, type SessionChange, toPlain } from './record.js';
import { isAuthorized, type Session, step } from './session.js';
import { leftovers } from './voucher.js';

/**
 * Lots that have to come together for a search for spent ones. It looks at all lots, so it is the rarer the more of
 * them there are: a top-up costs the same however many are not spent yet.
 */
function scanEvery(lots: number): number {
  return Math.max(16, 2 ** Math.floor(Math.log2(lots / 8)));
}

/**
 * The session as a record keeps it: with its newest lots, however many there are. The older ones, which may
 * still be given back, are folded in the record alone and counted as `omitted`: the book has them from the
 * records before.
 */
export function toRecord(session: Session): PlainSession {
  const first = session.lots.length - newestLots;
  const short = isAuthorized(session)
    ? foldLots(session, ({ accounting }, index) => index < first && !accounting)
    : foldOldest(session, newestLots);
  const omitted = session.lots.length - short.lots.length;
  return omitted === 0 ? toPlain(session) : { ...toPlain(short), omitted };
}

/**
 * The session with its spent lots folded, as it is to be recorded. The newest lots stay, and those whose sale
 * may still be taken back, with the one before them.
 */
export function foldSpent(
  session: Session,
  deposits: Deposits,
  isUnderWay: (key: string) => boolean,
): Session {
  const { lots } = session;
  const every = scanEvery(lots.length);
  if (lots.length < newestLots + every || lots.length % every !== 0) return session;
  const undecided = lots.findIndex(({ key }) => isUnderWay(key));
  const end = Math.min(lots.length - newestLots, undecided < 0 ? lots.length : undecided - 1);
  const mayFold = mayFoldFor(session, deposits);
  return foldLots(session, (lot, index, start) => index < end && mayFold(lot, index, start));
}

/** A session that was sold a lot, and the lots that were folded then, with what vouchers have left of them. */
export interface Grown {
  readonly session: Session;
  readonly folded: readonly (readonly [lot: Lot, left: Allotment])[];
}

/**
 * The session with the lot that a record says was sold. As many lots are folded as were when the record was
 * written. Where the journal has lost records before it, the session is what this record says.
 *
 * @param known the session as the book has it
 */
export function grownBy(record: PlainSession, known: Session | undefined, deposits: Deposits): Grown {
  const said = fromPlain(record);
  if (!known || !said.folded) return { session: said, folded: [] };
  const grown = withLotsOf({ ...known, lots: [...known.lots, ...said.lots.slice(-1)] }, said);
  if (!grown) return { session: said, folded: [] };
  const most = grown.lots.length - said.lots.length - (record.omitted ?? 0);
  if (most === 0) return { session: grown, folded: [] };
  const gone: [Lot, Allotment][] = [];
  const left = leftovers(grown.lots, grown.usage);
  const mayFold = mayFoldFor(grown, deposits);
  const session = foldLots(grown, (lot, index, start) => {
    const isGone = gone.length < most && mayFold(lot, index, start);
    if (isGone) gone.push([lot, left[index]!]);
    return isGone;
  });
  return { session, folded: gone };
}

/** The session as a record of another change says, with all the lots that the book has of it. */
export function changedBy(record: PlainSession, what: SessionChange, known: Session | undefined): Session {
  const said = fromPlain(record);
  const whole = known && said.folded && withLotsOf(known, said);
  if (!whole) return said;
  const authorized = said.lots.find(({ accounting }) => accounting);
  if (what !== 'reauthorized' || !authorized?.accounting) return whole;
  const { allotment, policy, accounting } = authorized;
  const { lots } = step(known, { type: 'reauthorized', to: { allotment, policy, accounting } });
  return { ...whole, lots };
}

/** What `said` says, with the lots of `known`; undefined when that is not of the same purchases. */
function withLotsOf({ lots, folded }: Session, said: Session): Session | undefined {
  const { folded: _, ...rest } = said;
  const whole: Session = { ...rest, lots, ...(folded && { folded }) };
  return lotCount(whole) === lotCount(said) ? whole : undefined;
}

/** Spent lots; of payments that are final those that no reorganisation of the chain can take away any more. */
function mayFoldFor(session: Session, deposits: Deposits): LotTest {
  const isSpent = spentIn(session);
  return (lot, index, start) => {
    const { deposit = '', final = false } = lot.funding;
    const paidBy = final ? deposits.get(deposit) : undefined;
    return (!paidBy || paidBy.state === 'closed') && isSpent(lot, index, start);
  };
}

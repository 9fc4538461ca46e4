import { type LotSum, mergeSums, newestLots, type Purchases, sumsOf } from './folded.js';
import { type Funding, isReturnable, type Lot, type Passed } from './lot.js';
import type { Money } from './money.js';
import { isNothing, lessPassed, PassedSum } from './passed.js';

/** What comes back of lots as long as none of them is used. */
export interface Whole {
  /** By which their use is counted. */
  readonly metric: Lot['metric'];
  /** How the first of them was paid. */
  readonly funding: Funding;
  /** All of it together. */
  readonly money: Money;
  /** Payments in the sum. */
  readonly count: number;
  /** There are payments of several kinds, or lots of both metrics, so that the sum says nothing. */
  readonly mixed: boolean;
}

/** So many lots, the oldest of a session, as sums. */
interface Oldest {
  readonly count: number;
  /** The first of them: with `count` and the last one it tells them from others. */
  readonly first: Lot;
  /** What they take. */
  readonly taken: PassedSum;
  /** What lots take that were folded among them. */
  readonly between: PassedSum;
  readonly sums: readonly LotSum[];
  /** Undefined where nothing comes back. */
  readonly whole: Whole | undefined;
  /** A server authorised one of them. */
  readonly authorized: boolean;
}

/** By the last of them. A session's next record needs one lot more. */
const known = new WeakMap<Lot, Oldest>();

/**
 * Folds all lots but the newest `keep`, as `foldLots` does. It goes on from what it made for the purchase before, so
 * that a top-up costs the same however many came before it.
 *
 * @param keep at least 1
 */
export function foldOldest<T extends Purchases>(session: T, keep: number): T {
  const { lots, folded } = session;
  const count = lots.length - keep;
  if (count <= 0) return session;
  const { taken, between, sums } = oldestOf(lots, count);
  const [next, ...rest] = lots.slice(count);
  const before = sumOf(taken, between);
  if (next!.after) before.add(next!.after);
  const all = sumOf(folded, taken);
  return {
    ...session,
    lots: [{ ...next!, after: before.toPlain() }, ...rest],
    folded: { ...all.toPlain(), sums: mergeSums([...(folded?.sums ?? []), ...sums]) },
  };
}

/** How all lots but the newest `keep` were paid. @param keep at least 1 */
export function oldestSums(lots: readonly Lot[], keep: number): readonly LotSum[] {
  return lots.length > keep ? oldestOf(lots, lots.length - keep).sums : [];
}

/** What comes back of all lots but the newest `keep` as long as none is used; undefined where nothing does. */
export function oldestWhole(lots: readonly Lot[], keep: number): Whole | undefined {
  return lots.length > keep ? oldestOf(lots, lots.length - keep).whole : undefined;
}

/** What folded lots behind the last one that is kept take; undefined when there are none. */
export function takenBehind({ lots, folded }: Purchases): Passed | undefined {
  if (!folded) return undefined;
  const count = Math.max(0, lots.length - newestLots);
  const among = sumOf(count > 0 ? oldestOf(lots, count).between : undefined);
  for (let at = count; at < lots.length; at++) {
    const { after } = lots[at]!;
    if (after) among.add(after);
  }
  const rest = lessPassed(folded, among);
  if (isNothing(rest)) return undefined;
  const { bytes, millis, granted } = rest;
  return { bytes, millis, granted };
}

/** Whether a server authorised one of the lots, of which the newest `keep` are looked at one by one. */
export function hasAuthorized(lots: readonly Lot[], keep: number): boolean {
  const count = Math.max(0, lots.length - keep);
  for (let at = count; at < lots.length; at++) if (lots[at]!.accounting) return true;
  return count > 0 && oldestOf(lots, count).authorized;
}

/** The sum with one more lot, of which nothing is used. */
export function addWhole(sum: Whole | undefined, { funding, metric }: Lot): Whole | undefined {
  const { paid } = funding;
  if (paid === undefined || paid.amount <= 0n || !isReturnable(funding)) return sum;
  if (!sum) return { metric, funding, money: paid, count: 1, mixed: false };
  const mixed = sum.mixed || sum.metric !== metric || !isPaidTheSame(sum.funding, funding);
  const money = { ...sum.money, amount: sum.money.amount + paid.amount };
  return { ...sum, money, count: sum.count + 1, mixed };
}

function isPaidTheSame(a: Funding, b: Funding): boolean {
  return (
    a.method === b.method &&
    (a.deposit === undefined) === (b.deposit === undefined) &&
    a.paid?.currency === b.paid?.currency &&
    a.paid?.decimals === b.paid?.decimals
  );
}

function oldestOf(lots: readonly Lot[], count: number): Oldest {
  const last = lots[count - 1]!;
  const same = find(lots, count);
  if (same) return same;
  const before = find(lots, count - 1);
  const oldest = before ? withOne(before, last) : summed(lots.slice(0, count));
  // A sale is drafted before it is made: until then the session without it is asked about, too.
  if (count > 2) known.delete(lots[count - 3]!);
  known.set(last, oldest);
  return oldest;
}

function find(lots: readonly Lot[], count: number): Oldest | undefined {
  const found = count > 0 ? known.get(lots[count - 1]!) : undefined;
  return found?.count === count && found.first === lots[0] ? found : undefined;
}

function withOne({ count, first, taken, between, sums, whole, authorized }: Oldest, lot: Lot): Oldest {
  const next = { taken: sumOf(taken), between: sumOf(between) };
  take(next, lot);
  return {
    ...next,
    count: count + 1,
    first,
    sums: sumsOf(sums, [lot]),
    whole: addWhole(whole, lot),
    authorized: authorized || lot.accounting !== undefined,
  };
}

function summed(lots: readonly Lot[]): Oldest {
  const all = { taken: new PassedSum(), between: new PassedSum() };
  for (const lot of lots) take(all, lot);
  return {
    ...all,
    count: lots.length,
    first: lots[0]!,
    sums: sumsOf([], lots),
    whole: lots.reduce<Whole | undefined>(addWhole, undefined),
    authorized: lots.some(({ accounting }) => accounting !== undefined),
  };
}

function take({ taken, between }: Pick<Oldest, 'taken' | 'between'>, lot: Lot): void {
  if (lot.after) between.add(lot.after);
  taken.addLot(lot);
}

function sumOf(...parts: readonly (Passed | undefined)[]): PassedSum {
  const sum = new PassedSum();
  for (const part of parts) if (part) sum.add(part);
  return sum;
}

import { type LotSum, mergeSums, type Purchases, sumsOf } from './folded.js';
import type { Lot } from './lot.js';
import { PassedSum } from './passed.js';

/** So many lots, the oldest of a session, as sums. */
interface Oldest {
  readonly count: number;
  /** The first of them: with `count` and the last one it tells them from others. */
  readonly first: Lot;
  /** What they take. */
  readonly taken: PassedSum;
  /** The same with what lots take that were folded among them. */
  readonly passed: PassedSum;
  readonly sums: readonly LotSum[];
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
  const { taken, passed, sums } = oldestOf(lots, count);
  const [next, ...rest] = lots.slice(count);
  const between = sumOf(passed);
  if (next!.after) between.add(next!.after);
  const all = sumOf(folded);
  all.add(taken);
  return {
    ...session,
    lots: [{ ...next!, after: between.toPlain() }, ...rest],
    folded: { ...all.toPlain(), sums: mergeSums([...(folded?.sums ?? []), ...sums]) },
  };
}

/** How all lots but the newest `keep` were paid. @param keep at least 1 */
export function oldestSums(lots: readonly Lot[], keep: number): readonly LotSum[] {
  return lots.length > keep ? oldestOf(lots, lots.length - keep).sums : [];
}

function oldestOf(lots: readonly Lot[], count: number): Oldest {
  const last = lots[count - 1]!;
  const same = find(lots, count);
  if (same) return same;
  const before = find(lots, count - 1);
  const oldest = before ? withOne(before, last) : summed(lots.slice(0, count));
  if (before) known.delete(lots[count - 2]!);
  known.set(last, oldest);
  return oldest;
}

function find(lots: readonly Lot[], count: number): Oldest | undefined {
  const found = count > 0 ? known.get(lots[count - 1]!) : undefined;
  return found?.count === count && found.first === lots[0] ? found : undefined;
}

function withOne({ count, first, taken, passed, sums }: Oldest, lot: Lot): Oldest {
  const next = { taken: sumOf(taken), passed: sumOf(passed) };
  take(next, lot);
  return { ...next, count: count + 1, first, sums: sumsOf(sums, [lot]) };
}

function summed(lots: readonly Lot[]): Oldest {
  const all = { taken: new PassedSum(), passed: new PassedSum() };
  for (const lot of lots) take(all, lot);
  return { ...all, count: lots.length, first: lots[0]!, sums: sumsOf([], lots) };
}

function take({ taken, passed }: Pick<Oldest, 'taken' | 'passed'>, lot: Lot): void {
  if (lot.after) passed.add(lot.after);
  passed.addLot(lot);
  taken.addLot(lot);
}

function sumOf(passed: Parameters<PassedSum['add']>[0] | undefined): PassedSum {
  const sum = new PassedSum();
  if (passed) sum.add(passed);
  return sum;
}

import {
  begunSteps,
  inTurn,
  isReturnable,
  type Lot,
  Passage,
  type Passed,
  passedBy,
  unitsUsed,
} from './lot.js';
import { addMoney, type Money } from './money.js';
import { type Allotment, addAllotments } from './plan.js';
import { exhausted, type Usage, unused } from './usage.js';
import { leftover } from './voucher.js';

/** Lots that were paid in one way, as a sum. */
export interface LotSum {
  readonly method: string;
  /** How many lots. */
  readonly count: number;
  /** Their steps together; those of a deposit are units that were used. */
  readonly steps: number;
  /** What was paid for them, in one currency; absent for grants. */
  readonly paid?: Money;
  /** They came from vouchers. */
  readonly voucher?: true;
  /** The deposit that paid for them; empty for payments that nobody can take back any more. */
  readonly deposit?: string;
}

/** What is known of lots that are not kept one by one any more. */
export interface Folded extends Passed {
  readonly sums: readonly LotSum[];
}

/** A session's purchases, in the order of their use. */
export interface Purchases {
  readonly lots: readonly Lot[];
  readonly folded?: Folded;
}

/** Decides on a lot, which stands at `index` and whose use begins at `start`. */
export type LotTest = (lot: Lot, index: number, start: Passed) => boolean;

/** So many lots, the newest, are never folded, stand in each record of their session and are shown one by one. */
export const newestLots = 8;

/** How many lots were bought in all. */
export function lotCount({ lots, folded }: Purchases): number {
  return lots.length + foldedCount(folded);
}

/** How many lots are folded. */
export function foldedCount(folded: { readonly sums: readonly Pick<LotSum, 'count'>[] } | undefined): number {
  return folded ? folded.sums.reduce((all, { count }) => all + count, 0) : 0;
}

/** What all lots allow together. */
export function grantedOf({ lots, folded }: Purchases): Allotment {
  return lots.reduce<Allotment>((sum, { allotment }) => addAllotments(sum, allotment), folded?.granted ?? {});
}

/** Units of a deposit that were used. */
export function unitsOf(session: Purchases & { readonly usage: Usage }, deposit: string): bigint {
  const { lots, folded, usage } = session;
  const sums = folded?.sums.filter((sum) => sum.deposit === deposit) ?? [];
  return sums.reduce((units, { steps }) => units + BigInt(steps), unitsUsed(lots, usage, deposit));
}

/**
 * Folds lots into sums. That changes nothing of what the session grants, nor what is given back for the lots
 * that are kept: what a folded lot takes stands in the next one.
 *
 * @param isFolded asked for every lot but the last
 */
export function foldLots<T extends Purchases>(session: T, isFolded: LotTest): T {
  const { lots, folded } = session;
  const kept: Lot[] = [];
  const gone: Lot[] = [];
  let between = new Passage();
  let isChanged = false;
  let index = 0;
  for (const [lot, start] of inTurn(lots)) {
    if (lot.after) between.add(lot.after);
    const folds = index < lots.length - 1 && isFolded(lot, index, start);
    if (folds) {
      gone.push(lot);
      between.add(passedBy(lot));
    } else {
      kept.push(isChanged ? { ...lot, after: between.toPlain() } : lot);
      between = new Passage();
    }
    isChanged = folds;
    index += 1;
  }
  return gone.length === 0 ? session : { ...session, lots: kept, folded: withLots(folded, gone) };
}

/**
 * Nothing of this lot comes back to anybody any more, whatever happens, so it need not be known by itself. A
 * lot that a server authorised is never spent, for the server may change it.
 */
export function isSpent(lot: Lot, usage: Usage, start: Passed): boolean {
  const { allotment, funding, accounting } = lot;
  if (accounting) return false;
  // A voucher buys nothing more as soon as one of its limits is used up.
  if (funding.voucher !== undefined) {
    return exhausted(leftover(allotment, start.granted, usage), unused) !== undefined;
  }
  return !isReturnable(funding) || begunSteps(lot, usage, start) === lot.steps;
}

/** What folded lots behind the last one that is kept take; undefined when there are none. */
export function takenBehind({ lots, folded }: Purchases): Passed | undefined {
  if (!folded) return undefined;
  const rest = new Passage();
  rest.add(folded);
  for (const { after } of lots) if (after) rest.subtract(after);
  return isNothing(rest) ? undefined : rest.toPlain();
}

/** Adds up sums of one kind. @param kindOf what makes the kind, beside method and currency */
export function mergeSums(
  sums: Iterable<LotSum>,
  kindOf: (sum: LotSum) => string = ({ voucher, deposit }) => `${voucher} ${deposit ?? '-'}`,
): LotSum[] {
  const kinds = new Map<string, LotSum>();
  for (const sum of sums) {
    const { method, paid, count, steps } = sum;
    const kind = `${method} ${paid?.currency} ${paid?.decimals} ${kindOf(sum)}`;
    const before = kinds.get(kind);
    const money = before?.paid && paid && { paid: addMoney(before.paid, paid) };
    kinds.set(
      kind,
      before ? { ...before, count: before.count + count, steps: before.steps + steps, ...money } : sum,
    );
  }
  return [...kinds.values()];
}

/** A lot as a sum of one. */
export function sumOf({ steps, funding: { method, paid, voucher, deposit, final } }: Lot): LotSum {
  return {
    method,
    count: 1,
    steps,
    ...(paid && { paid }),
    ...(voucher !== undefined && { voucher: true }),
    ...(deposit !== undefined && { deposit: final ? '' : deposit }),
  };
}

function withLots(folded: Folded | undefined, lots: readonly Lot[]): Folded {
  const all = new Passage();
  if (folded) all.add(folded);
  for (const lot of lots) all.add(passedBy(lot));
  return { ...all.toPlain(), sums: mergeSums([...(folded?.sums ?? []), ...lots.map(sumOf)]) };
}

function isNothing({ bytes, millis, granted }: Passed): boolean {
  return bytes === 0 && millis === 0 && Object.values(granted).every((size) => size === 0);
}

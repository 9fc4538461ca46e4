import {
  begunSteps,
  type Funding,
  inTurn,
  isReturnable,
  type Lot,
  type Passed,
  type Start,
  unitsUsed,
} from './lot.js';
import { addMoney, type Money } from './money.js';
import { PassedSum } from './passed.js';
import { type Allotment, addAllotments } from './plan.js';
import { exhausted, type Usage, unused } from './usage.js';
import { leftovers } from './voucher.js';

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

/** Decides on the lot that stands at `index`, and whose use begins at `start`. */
export type LotTest = (lot: Lot, index: number, start: Start) => boolean;

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
  // What lots take that are folded since the last one that was kept.
  let between: PassedSum | undefined;
  for (const [lot, start] of inTurn(lots)) {
    const index = kept.length + gone.length;
    const isGone = index < lots.length - 1 && isFolded(lot, index, start);
    if (isGone) between ??= new PassedSum();
    if (lot.after) between?.add(lot.after);
    if (isGone) {
      gone.push(lot);
      between?.addLot(lot);
    } else {
      kept.push(between ? { ...lot, after: between.toPlain() } : lot);
      between = undefined;
    }
  }
  return gone.length === 0 ? session : { ...session, lots: kept, folded: withLots(folded, gone) };
}

/**
 * Tells the lots of which nothing comes back to anybody any more, whatever happens, so that they need not be
 * known one by one. A lot that a server authorised is never spent, for the server may change it.
 */
export function spentIn({ lots, usage }: Purchases & { readonly usage: Usage }): LotTest {
  const isVoucher = ({ funding }: Lot) => funding.voucher !== undefined;
  const left = lots.some(isVoucher) ? leftovers(lots, usage) : [];
  return (lot, index, start) => {
    if (lot.accounting) return false;
    // A voucher buys nothing more as soon as one of its limits is used up.
    if (isVoucher(lot)) return exhausted(left[index]!, unused) !== undefined;
    return !isReturnable(lot.funding) || begunSteps(lot, usage, start) === lot.steps;
  };
}

/** Adds up sums of one kind. @param kindOf what makes the kind, beside method and currency */
export function mergeSums(sums: Iterable<LotSum>, kindOf: (sum: LotSum) => unknown = ofOneKind): LotSum[] {
  const merged: LotSum[] = [];
  for (const sum of sums) {
    const at = merged.findIndex((one) => isAlike(one, sum) && kindOf(one) === kindOf(sum));
    if (at < 0) merged.push(sum);
    else merged[at] = addSums(merged[at]!, sum);
  }
  return merged;
}

const ofOneKind = ({ voucher, deposit }: LotSum) => deposit ?? voucher;

function isAlike(a: LotSum, b: LotSum): boolean {
  return (
    a.method === b.method && a.paid?.currency === b.paid?.currency && a.paid?.decimals === b.paid?.decimals
  );
}

function addSums(a: LotSum, b: LotSum): LotSum {
  const paid = a.paid && b.paid && { paid: addMoney(a.paid, b.paid) };
  return { ...a, count: a.count + b.count, steps: a.steps + b.steps, ...paid };
}

/** One lot as a sum. */
function sumOf(steps: number, { method, paid, voucher, deposit, final }: Funding): LotSum {
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
  const all = new PassedSum();
  if (folded) all.add(folded);
  for (const lot of lots) all.addLot(lot);
  return { ...all.toPlain(), sums: sumsOf(folded?.sums ?? [], lots) };
}

/** The sums with these lots in them. Lots that are alike mostly follow each other. */
export function sumsOf(sums: readonly LotSum[], lots: readonly Lot[]): LotSum[] {
  const runs: LotSum[] = [...sums];
  let last: { funding: Funding; run: { count: number; steps: number; amount: bigint } } | undefined;
  const end = () => {
    if (!last) return;
    const { run, funding } = last;
    const { paid } = funding;
    const sum = sumOf(run.steps, { ...funding, ...(paid && { paid: { ...paid, amount: run.amount } }) });
    runs.push({ ...sum, count: run.count });
  };
  for (const { steps, funding } of lots) {
    if (!last || !isPaidAlike(last.funding, funding)) {
      end();
      last = { funding, run: { count: 0, steps: 0, amount: 0n } };
    }
    last.run.count += 1;
    last.run.steps += steps;
    if (funding.paid) last.run.amount += funding.paid.amount;
  }
  end();
  return mergeSums(runs);
}

function isPaidAlike(a: Funding, b: Funding): boolean {
  return (
    a.method === b.method &&
    a.deposit === b.deposit &&
    a.final === b.final &&
    (a.voucher === undefined) === (b.voucher === undefined) &&
    a.paid?.currency === b.paid?.currency &&
    a.paid?.decimals === b.paid?.decimals
  );
}

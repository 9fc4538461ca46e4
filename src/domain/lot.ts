import type { Money } from './money.js';
import { type Allotment, allotmentOf, type Plan } from './plan.js';
import type { Bytes, Millis } from './units.js';
import { type Usage, usedOf } from './usage.js';

/** How a session behaves beside its allotment: taken from what was bought last. */
export interface Policy {
  /** kbit/s */
  readonly upRate?: number;
  /** kbit/s */
  readonly downRate?: number;
  readonly idleTimeout?: Millis;
  readonly devices: number;
  readonly pauseAway: boolean;
}

/** Where the money came from. A grant is free and has a reason instead of a price. */
export interface Funding {
  /** The payment method, or `grant`. */
  readonly method: string;
  /** The operator's reference of the payment, or the reason of the grant. */
  readonly reference: string;
  /** What was paid in all; absent for a grant. */
  readonly paid?: Money;
  /** The voucher that the lot came from: unused units go back to the voucher, and no money does. */
  readonly voucher?: string;
  /** The deposit that pays for it: unused units stay in the deposit. */
  readonly deposit?: string;
  /** The payment is final for the seller: nothing unused goes back. */
  readonly final?: boolean;
}

/** One purchase or grant: a session is the sum of its lots, used up in the order in which they were bought. */
export interface Lot {
  readonly plan: string;
  readonly steps: number;
  readonly metric: 'bytes' | 'time';
  /** In the unit of the metric, as in {@link Plan}. */
  readonly stepSize: number;
  readonly allotment: Allotment;
  readonly policy: Policy;
  readonly funding: Funding;
  /** Wall clock, ms since 1970; for people only. */
  readonly at: number;
  /** The idempotency key of the sale. */
  readonly key: string;
  /** The session got the name of its user with this sale. */
  readonly named?: true;
  /** Present when a server authorised this lot: it decides what is in it, and hears of its use. */
  readonly accounting?: Accounting;
  /** The lots between the one before it and this one: they are folded (`folded.ts`) and used up in their turn. */
  readonly after?: Passed;
}

/** What lots take of a session's use before the use of the next lot begins. */
export interface Passed {
  /** By which refunds and deposits go, in bytes and ms: a lot whose unused steps come back moves one of the two. */
  readonly bytes: number;
  readonly millis: number;
  /** By which the rest of a voucher goes: every limit of every lot. */
  readonly granted: Allotment;
}

/** What a server that authorised a session wants with the reports on its use. */
export interface Accounting {
  /** To be sent back as they came, each as base64. */
  readonly classes: readonly string[];
  /** The customer as the server's bills know them (RFC 4372), to be sent back as it came, as base64. */
  readonly chargeable?: string;
  /** How often the server wants to hear, in ms; absent when it did not say. */
  readonly interim?: Millis;
  /** By which this router knows the password again (`engine/proofs.ts`); absent in sessions of 0.1.0. */
  readonly proof?: string;
}

/** What a server allows a user, in the place of a plan. */
export interface Authorization {
  /** The name by which the server knows them. */
  readonly user: string;
  readonly allotment: Allotment;
  readonly policy: Policy;
  readonly accounting: Accounting;
}

/** When and under which key a lot was sold. */
export type Sold = Pick<Lot, 'at' | 'key'>;

/** Name of the plan in a lot that was granted by bytes or seconds. */
export const grantedPlan = 'grant';

/** What a plan sells for `steps` steps. */
export function lotOf(plan: Plan, steps: number, funding: Funding, sale: Sold): Lot {
  const { upRate, downRate, idleTimeout, devices, pauseAway } = plan;
  return {
    plan: plan.id,
    steps,
    metric: plan.metric,
    stepSize: plan.stepSize,
    allotment: allotmentOf(plan, steps),
    policy: {
      devices,
      pauseAway,
      ...(upRate !== undefined && { upRate }),
      ...(downRate !== undefined && { downRate }),
      ...(idleTimeout !== undefined && { idleTimeout }),
    },
    funding,
    ...sale,
  };
}

/** A grant by bytes, by time or both; `policy` is that of the session it is added to, if there is one. */
export function grantLot(
  allotment: { readonly bytes?: Bytes; readonly millis?: Millis },
  policy: Policy | undefined,
  reason: string,
  sale: Sold,
): Lot {
  const metric = allotment.bytes === undefined ? 'time' : 'bytes';
  return {
    plan: grantedPlan,
    steps: 1,
    metric,
    stepSize: allotment.bytes ?? allotment.millis ?? 0,
    allotment,
    policy: policy ?? { devices: 1, pauseAway: false },
    funding: { method: 'grant', reference: reason },
    ...sale,
  };
}

/** What a server authorised through the method `method`. */
export function authorizedLot(method: string, given: Authorization, sale: Sold): Lot {
  const { user, allotment, policy, accounting } = given;
  const metric = allotment.bytes === undefined ? 'time' : 'bytes';
  const stepSize = allotment.bytes ?? allotment.millis ?? 0;
  const funding = { method, reference: user };
  return { plan: method, steps: 1, metric, stepSize, allotment, policy, funding, accounting, ...sale };
}

/** The refund of a lot: its price less its begun steps, never negative. Undefined when nothing was paid. */
export interface Refund {
  readonly method: string;
  /** Of the payment; empty in a sum of several. */
  readonly reference: string;
  readonly money: Money;
  /** The lot's deposit, which gives back by itself what is not charged; empty in a sum of several. */
  readonly deposit?: string;
  /** How many payments are in the sum; absent for one. */
  readonly count?: number;
}

/** What is not used of a payment. */
export interface Unused {
  readonly funding: Funding;
  readonly money: Money;
}

/** Where the use of a lot begins: see {@link Passed}. */
export type Start = Pick<Passed, 'bytes' | 'millis'>;

/**
 * The lots in the order of their use, each with what was taken before its use begins. That is valid until the
 * next lot is asked for.
 *
 * A lot that comes back in money takes its own metric alone: its refund goes by that metric, and hours that
 * come with paid data must not cover hours of another lot. Otherwise both lots would give back the same use.
 */
export function* inTurn(lots: readonly Lot[]): Generator<readonly [lot: Lot, start: Start]> {
  const start = { bytes: 0, millis: 0 };
  for (const lot of lots) {
    const { after, metric, allotment, funding } = lot;
    if (after) {
      start.bytes += after.bytes;
      start.millis += after.millis;
    }
    yield [lot, start];
    const comesBack = isReturnable(funding);
    if (metric === 'bytes' || !comesBack) start.bytes += allotment.bytes ?? 0;
    if (metric === 'time' || !comesBack) start.millis += allotment.millis ?? 0;
  }
}

/** The customer gets unused steps of this lot back in money. */
export function isReturnable({ paid, voucher, final = false }: Funding): boolean {
  return paid !== undefined && voucher === undefined && !final;
}

/** Units of a deposit that were used of these lots: begun steps of those that it pays for. */
export function unitsUsed(lots: readonly Lot[], usage: Usage, deposit: string): bigint {
  let units = 0n;
  for (const [lot, start] of inTurn(lots)) {
    if (lot.funding.deposit === deposit) units += BigInt(begunSteps(lot, usage, start));
  }
  return units;
}

/**
 * What is not used of each payment, if the session ended with this usage; lots with nothing to give back are left out.
 *
 * @param isUnpaid the seller does not have the payment of this lot
 */
export function unusedOf(
  lots: readonly Lot[],
  usage: Usage,
  isUnpaid: (funding: Funding) => boolean = () => false,
): Unused[] {
  const unused: Unused[] = [];
  for (const [lot, start] of inTurn(lots)) {
    const { funding } = lot;
    const money = unusedValue(lot, usage, start);
    if (money !== undefined && money.amount > 0n && !isUnpaid(funding)) unused.push({ funding, money });
  }
  return unused;
}

/** The refunds that would be due: see {@link unusedOf}; one for each payment. */
export function refundsOf(...args: Parameters<typeof unusedOf>): Refund[] {
  return unusedOf(...args).map(refundOf);
}

export function refundOf({ funding: { method, reference, deposit }, money }: Unused): Refund {
  return { method, reference, ...(deposit !== undefined && { deposit }), money };
}

/** Whole steps that were begun, of a lot whose use starts when `start` has been used by the lots before it. */
export function begunSteps(lot: Lot, usage: Usage, start: Start): number {
  const limit = lot.metric === 'bytes' ? 'bytes' : 'millis';
  const used = Math.min(Math.max(0, usedOf(usage, limit) - start[limit]), lot.stepSize * lot.steps);
  return Math.ceil(used / lot.stepSize);
}

function unusedValue(lot: Lot, usage: Usage, start: Start): Money | undefined {
  const { paid } = lot.funding;
  if (paid === undefined || !isReturnable(lot.funding)) return undefined;
  const begun = begunSteps(lot, usage, start);
  if (begun === 0) return paid;
  if (begun === lot.steps) return undefined;
  const left = BigInt(lot.steps - begun);
  // Priced by the step, so the division is exact; should it ever not be, the owner keeps the fraction.
  return { ...paid, amount: (paid.amount * left) / BigInt(lot.steps) };
}

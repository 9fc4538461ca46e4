import { grantLot, type Lot, lotOf, type Sold } from '../domain/lot.js';
import type { Mac } from '../domain/mac.js';
import { type Money, parseAmount, priceInUnits } from '../domain/money.js';
import {
  type Allotment,
  addAllotments,
  allotmentOf,
  type Plan,
  sameLimits,
  subsetLimits,
} from '../domain/plan.js';
import { refuse } from '../domain/refuse.js';
import { isAuthorized, isUsable, policyOf, type Session, step } from '../domain/session.js';
import type { Bytes, Millis } from '../domain/units.js';
import type { PaymentMethod } from '../ports/payment-method.js';
import type { Refusal, Result } from '../ports/result.js';
import type { Accounts } from './accounts.js';

/**
 * Lots of one session that may still be given back, each of which takes some 500 bytes of memory. Those that
 * are used up do not count.
 */
const mostLots = 4096;

/** What is for sale and how it is paid: replaced whole by a reload. */
export interface Offer {
  readonly plans: ReadonlyMap<string, Plan>;
  readonly methods: ReadonlyMap<string, PaymentMethod>;
  /** Plans that are configured with a fault, and so not for sale. @default none */
  readonly off?: ReadonlySet<string>;
}

/** The plan of an order, as long as it is for sale. */
export function planOf({ plans, off }: Offer, id: string): Result<Plan> {
  const plan = plans.get(id);
  if (plan) return { ok: true, value: plan };
  if (!off?.has(id)) return refuse('unknown_plan', `there is no plan '${id}'`);
  return refuse('plan_off', `the plan '${id}' is off: its section of the configuration has a fault`);
}

/** Who buys, and for which device. */
export interface Buyer {
  readonly mac: Mac;
  readonly user?: string;
}

/** An order for a plan. `amount`: as many steps as this decimal amount pays for. */
export interface Order {
  readonly plan: string;
  readonly steps?: number;
  readonly amount?: string;
  readonly currency?: string;
}

/** A price for an order. */
export interface Quote {
  readonly plan: Plan;
  readonly steps: number;
  readonly allotment: Allotment;
  readonly price: Money;
  /** Every way to pay for it now. */
  readonly payment: readonly Way[];
  /** Ways that are not to be had at the moment, but in which somebody may have paid already. @default none */
  readonly away?: readonly Way[];
}

/** A payment method and what it would take. */
export interface Way {
  readonly method: string;
  readonly price: Money;
  /** What a wallet needs to pay it, where one does. */
  readonly requirements?: object;
}

/** A free addition, by plan or by bytes and seconds. */
export interface GrantOrder {
  readonly plan?: string;
  readonly steps?: number;
  readonly bytes?: Bytes;
  readonly millis?: Millis;
  readonly reason: string;
}

/** Prices an order in a currency that `method` takes: the one asked for, else the first that the plan has. */
export function quote(offer: Offer, order: Order, method: PaymentMethod): Result<Quote> {
  const found = planOf(offer, order.plan);
  if (!found.ok) return found;
  const { value: plan } = found;
  if (plan.free) return refuse('no_price', `plan '${plan.id}' is free: no payment is taken for it`);
  const unit = unitPrice(plan, order.currency, method);
  if (!unit.ok) return unit;
  const steps = stepsOf(plan, order, unit.value);
  if (!steps.ok) return steps;
  const price = { ...unit.value, amount: unit.value.amount * BigInt(steps.value) };
  const allotment = allotmentOf(plan, steps.value);
  // What cannot be paid with now, as with a mint that is away, is not offered.
  const [payment, away] = [true, false].map((wanted) => {
    const methods = [...offer.methods.values()].filter(({ isReady = true }) => isReady === wanted);
    return ways(methods, plan, steps.value);
  }) as [Way[], Way[]];
  const more = away.length > 0 && { away };
  return { ok: true, value: { plan, steps: steps.value, allotment, price, payment, ...more } };
}

function ways(methods: readonly PaymentMethod[], plan: Plan, steps: number): Way[] {
  return methods.flatMap((method) =>
    plan.prices.flatMap(({ currency }) => {
      const unit = unitPrice(plan, currency, method);
      if (!unit.ok) return [];
      const price = { ...unit.value, amount: unit.value.amount * BigInt(steps) };
      const wares = { units: BigInt(steps), unitPrice: unit.value.amount, description: plan.title };
      const requirements = method.requirements?.(wares);
      return { method: method.name, price, ...(requirements && { requirements }) };
    }),
  );
}

function unitPrice(plan: Plan, currency: string | undefined, method: PaymentMethod): Result<Money> {
  const price = plan.prices.find((p) =>
    currency === undefined ? method.currencies.has(p.currency) : p.currency === currency,
  );
  const decimals = price && method.currencies.get(price.currency);
  const unit = price && decimals !== undefined ? priceInUnits(price, decimals) : undefined;
  if (unit) return { ok: true, value: unit };
  const wanted = currency === undefined ? '' : ` in ${currency}`;
  return refuse('no_price', `plan '${plan.id}' has no price${wanted} that method '${method.name}' takes`);
}

function stepsOf(plan: Plan, order: Order, unit: Money): Result<number> {
  if (order.amount === undefined) return checkSteps(plan, order.steps ?? plan.minSteps);
  const budget = parseAmount(order.amount, unit.currency, unit.decimals);
  if (!budget || order.steps !== undefined) {
    return refuse('bad_amount', 'amount is a decimal number in the plan’s currency, and goes without steps');
  }
  if (unit.amount === 0n) return checkSteps(plan, plan.maxSteps);
  const affordable = budget.amount / unit.amount;
  const capped = affordable > BigInt(plan.maxSteps) ? plan.maxSteps : Number(affordable);
  return checkSteps(plan, capped);
}

/** A number of steps in which a plan is sold, or why it is not. */
export function checkSteps(plan: Plan, steps: number): Result<number> {
  if (Number.isSafeInteger(steps) && steps >= plan.minSteps && steps <= plan.maxSteps) {
    return { ok: true, value: steps };
  }
  return refuse(
    'bad_steps',
    `plan '${plan.id}' is sold in ${plan.minSteps} to ${plan.maxSteps} steps, not ${steps}`,
  );
}

/** The lot of a grant, checked against the session that it would be added to. */
export function lotOfGrant(
  offer: Offer,
  order: GrantOrder,
  into: Session | undefined,
  sale: Sold,
): Result<Lot> {
  const { bytes, millis, reason } = order;
  if (order.plan === undefined) {
    if (bytes === undefined && millis === undefined) {
      return refuse('bad_argument', 'a grant needs a plan, bytes or seconds');
    }
    const limits = { ...(bytes !== undefined && { bytes }), ...(millis !== undefined && { millis }) };
    return { ok: true, value: grantLot(limits, into && policyOf(into), reason, sale) };
  }
  if (bytes !== undefined || millis !== undefined) {
    return refuse('bad_argument', 'a grant has a plan, or bytes and seconds, not both');
  }
  const found = planOf(offer, order.plan);
  if (!found.ok) return found;
  const { value: plan } = found;
  const steps = checkSteps(plan, order.steps ?? plan.minSteps);
  if (!steps.ok) return steps;
  return { ok: true, value: lotOf(plan, steps.value, { method: 'grant', reference: reason }, sale) };
}

/** The session that a purchase for this device would be added to. */
export function sessionToTopUp(accounts: Accounts, buyer: Buyer): Session | undefined {
  const session = accounts.book.runningOfMac(buyer.mac).find(isUsable);
  if (!session) return undefined;
  // Another user on the same device is another customer, who has no right to what the first one left.
  const stranger = buyer.user !== undefined && session.user !== undefined && buyer.user !== session.user;
  return stranger ? undefined : accounts.upToDate(session.id);
}

/** Why a lot cannot be added to a session; undefined when it can. */
export function misfit(session: Session | undefined, lot: Lot, exact: boolean): Refusal | undefined {
  if (!session) return undefined;
  if (isAuthorized(session) && lot.funding.method !== 'grant') {
    return refuse(
      'authorized_elsewhere',
      `a server decides on the running session ${session.id}: close it first`,
    );
  }
  const fits = exact
    ? sameLimits(session.granted, lot.allotment)
    : subsetLimits(lot.allotment, session.granted);
  if (fits && isSafe(session, lot)) return undefined;
  return fits
    ? refuse('too_large', 'the session would outgrow what can be counted')
    : refuse(
        'limits_differ',
        `the running session ${session.id} limits other things than '${lot.plan}': close it first, or buy its own plan`,
      );
}

function isSafe(session: Session, lot: Lot): boolean {
  const granted = addAllotments(session.granted, lot.allotment);
  return session.lots.length < mostLots && Object.values(granted).every((n) => Number.isSafeInteger(n));
}

/** The session with a lot more in it. */
export function toppedUp(session: Session, lot: Lot, user: string | undefined): Session {
  return step(session, { type: 'bought', lot, ...(user !== undefined && { user }) });
}

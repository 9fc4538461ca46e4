// What the documents promise, as a program of its own: who may buy what (docs/ubus-api.md), who is ended for it, and
// what vouchers are worth. It imports nothing of the product, and knows of disks, portals and polls only what the
// observations (observation.ts) tell it.
import type { Offer } from './offers.js';
import {
  earnedBy,
  type Limits,
  type Lot,
  leftOf,
  limitNames,
  limitsOf,
  type Money,
  type Plan,
  sumOf,
  type Used,
} from './terms.js';

export interface Target {
  readonly mac: string;
  readonly user?: string | undefined;
  readonly gateway?: string | undefined;
}

export type State = 'pending' | 'active' | 'suspended' | 'closing' | 'expired' | 'terminated';

/** A session as the books must have it. */
export interface Session {
  readonly id: string;
  readonly mac: string;
  gateway: string;
  user: string | undefined;
  state: State;
  cause: string | undefined;
  lots: Lot[];
  /** As it was last seen, and found right. */
  used: Used;
  opened: boolean;
  /** Causes for which somebody has ordered its end. */
  readonly ordered: Set<string>;
  /** What its device moved through its gate. */
  readonly carried: { up: number; down: number };
  /** Of that, what no reply of a portal has shown: nobody can bill it. */
  hidden: number;
  /** Of that, what was shown and lost with the daemon before it was written down. */
  forgiven: number;
  /** Monotonic time of its last byte, opening or purchase. */
  lastByte: number;
  /** Monotonic time since which it has not been seen `active`; undefined while it is. */
  awaySince: number | undefined;
}

export interface Voucher {
  readonly id: string;
  readonly lot: Lot;
  readonly price: Money | undefined;
  readonly until: number | undefined;
  readonly single: boolean;
  remaining: Limits;
  redeemed: number;
  session: string | undefined;
  void: boolean;
}

/** A sale as it is to be; `into` is the session that it is added to. */
export interface Sale {
  readonly target: Target;
  readonly lot: Lot;
  readonly into: Session | undefined;
  readonly rivals: readonly Session[];
  readonly voucher?: Voucher;
}

/** What must come of an order: one of these refusals, or, if there are none, this. */
export interface Verdict {
  readonly refusals: ReadonlySet<string>;
  readonly sale?: Sale;
  /** The answer is this session as it is. */
  readonly same?: Session;
  /** The session that gives its voucher away. */
  readonly from?: Session;
}

export const isOver = ({ state }: Pick<Session, 'state'>) => state === 'expired' || state === 'terminated';
export const isUsable = (s: Pick<Session, 'state'>) => !isOver(s) && s.state !== 'closing';
/** A server decides on it. */
export const isAuthorized = ({ lots }: Session) => lots.some(({ method }) => method === 'radius');
/** The rules of what was bought last. */
export const rulesOf = ({ lots }: Session): Lot => lots[lots.length - 1]!;
export const grantedTo = ({ lots }: Session): Limits => sumOf(lots.map((lot) => lot.limits));

function limitsSame(a: Limits, b: Limits): boolean {
  return limitNames.every((limit) => (a[limit] === undefined) === (b[limit] === undefined));
}

export class Reference {
  offer: Offer;
  readonly sessions = new Map<string, Session>();
  readonly vouchers = new Map<string, Voucher>();

  constructor(offer: Offer) {
    this.offer = offer;
  }

  /** Sessions that have not ended, oldest first. */
  running(of: (session: Session) => boolean = () => true): Session[] {
    return [...this.sessions.values()].filter((s) => !isOver(s) && of(s));
  }

  /** "Buying again while a session runs adds to it"; another user on the device is another customer. */
  intoFor({ mac, user }: Target): Session | undefined {
    const [session] = this.running((s) => s.mac === mac && isUsable(s));
    const isStranger = user !== undefined && session?.user !== undefined && session.user !== user;
    return isStranger ? undefined : session;
  }

  purchase(
    target: Target,
    order: { plan: string; steps: number; currency?: string; reference: string },
  ): Verdict {
    const plan = this.#plan(order.plan);
    if (!plan) return refused('unknown_plan');
    const currency = order.currency ?? Object.keys(plan.prices)[0];
    const price = currency === undefined ? undefined : plan.prices[currency];
    const refusals = new Set<string>();
    if (price === undefined) refusals.add('no_price');
    if (!isWithin(plan, order.steps)) refusals.add('bad_steps');
    const paid = { currency: currency!, cents: (price ?? 0n) * BigInt(order.steps) };
    return this.#place(target, lotOf(plan, order.steps, 'cash', order.reference, paid), refusals, true);
  }

  grant(target: Target, order: { plan?: string; steps: number; limits: Limits; reason: string }): Verdict {
    if (order.plan === undefined) {
      const rules = this.intoFor(target);
      const { devices, pauses, idle } = rules
        ? rulesOf(rules)
        : { devices: 1, pauses: false, idle: undefined };
      const metric = order.limits.bytes === undefined ? 'time' : 'bytes';
      const step = order.limits.bytes ?? order.limits.millis ?? 0;
      const bare = {
        plan: 'grant',
        method: 'grant',
        reference: order.reason,
        metric,
        step,
        steps: 1,
      } as const;
      const lot: Lot = { ...bare, limits: order.limits, devices, pauses, idle };
      return this.#place(target, lot, new Set(), false);
    }
    const plan = this.#plan(order.plan);
    if (!plan) return refused('unknown_plan');
    const refusals = new Set(isWithin(plan, order.steps) ? [] : ['bad_steps']);
    return this.#place(target, lotOf(plan, order.steps, 'grant', order.reason, undefined), refusals, true);
  }

  /** A login: the device's own session and the user's others above the limit end first. */
  login(target: Target & { readonly user: string }, knows: boolean, bytes: number): Verdict {
    const mine = this.running((s) => s.mac === target.mac && isUsable(s));
    const refusals = new Set<string>();
    if (mine.some((s) => !isAuthorized(s))) refusals.add('session_running');
    if (!knows) refusals.add('login_rejected').add('too_many_attempts');
    if (target.gateway !== undefined && !this.#has(target.gateway)) refusals.add('unknown_gateway');
    if (refusals.size > 0) return { refusals };
    const others = this.#othersOf(target.user, target.mac);
    const limit = others.findLast(isAuthorized);
    const tooMany = Math.max(0, others.length + 1 - (limit ? rulesOf(limit).devices : 1));
    const base = { plan: 'radius', method: 'radius', reference: target.user, metric: 'bytes' } as const;
    const lot: Lot = { ...base, step: bytes, steps: 1, limits: { bytes }, devices: 1, pauses: false };
    return {
      refusals,
      sale: { target, lot, into: undefined, rivals: [...mine, ...others.slice(0, tooMany)] },
    };
  }

  /** What a voucher of such a batch is. */
  vouchersOf(order: { plan: string; steps: number }): {
    refusals: ReadonlySet<string>;
    lot?: Lot;
    price?: Money | undefined;
  } {
    const plan = this.#plan(order.plan);
    if (!plan) return refused('unknown_plan');
    if (!isWithin(plan, order.steps)) return refused('bad_steps');
    const [first] = Object.entries(plan.prices);
    const price = first && { currency: first[0], cents: first[1] * BigInt(order.steps) };
    return { refusals: new Set(), lot: lotOf(plan, order.steps, 'voucher', '', undefined), price };
  }

  /** `now`: wall clock, in ms. */
  redeem(voucher: Voucher, target: Target, now: number): Verdict {
    const from = voucher.session === undefined ? undefined : this.sessions.get(voucher.session)!;
    if (from && this.intoFor(target) === from) return { refusals: new Set(), same: from };
    if (from && voucher.single) return refused('voucher_in_use');
    const index = from?.lots.findIndex((lot) => lot.voucher === voucher.id) ?? 0;
    const limits = from ? leftOf(from.lots, from.used, index) : voucher.remaining;
    const state = this.stateOf({ ...voucher, session: undefined, remaining: limits }, now);
    const isGood = state === 'unused' || state === 'partly_used';
    const refusals = new Set(isGood ? [] : [`voucher_${state}`]);
    const paid = voucher.redeemed === 0 ? voucher.price : undefined;
    const lot = { ...voucher.lot, limits, reference: voucher.id, voucher: voucher.id, paid };
    const { sale, ...verdict } = this.#place(target, lot, refusals, true);
    return { ...verdict, ...(sale && { sale: { ...sale, voucher } }), ...(from && { from }) };
  }

  /** `now`: wall clock, in ms. */
  stateOf({ session, void: isVoid, remaining, redeemed, single, until }: Voucher, now: number): string {
    if (session !== undefined) return 'in_use';
    if (isVoid) return 'void';
    if (limitNames.some((limit) => remaining[limit] === 0) || (redeemed > 0 && single)) return 'spent';
    if (until !== undefined && now >= until) return 'expired';
    return redeemed > 0 ? 'partly_used' : 'unused';
  }

  /** The sale was made, in this session. `now`: monotonic, in ms. */
  sold({ target, lot, into, rivals, voucher }: Sale, id: string, gateway: string, now: number): Session {
    const session = into ?? this.#begin(id, target, gateway, now);
    session.lots.push(lot);
    session.user = target.user ?? session.user;
    session.lastByte = now;
    for (const rival of rivals) rival.ordered.add('conflict');
    if (voucher) Object.assign(voucher, { session: session.id, redeemed: voucher.redeemed + 1 });
    return session;
  }

  /** A session is over: what its vouchers' lots have left goes back to them. */
  ended(session: Session): void {
    session.lots.forEach(({ voucher: id }, index) => {
      const voucher = this.vouchers.get(id ?? '');
      if (voucher?.session !== session.id) return;
      Object.assign(voucher, { session: undefined, remaining: leftOf(session.lots, session.used, index) });
    });
  }

  /** Sold less given back, by currency. */
  revenue(): Map<string, bigint> {
    const sum = new Map<string, bigint>();
    for (const session of this.sessions.values())
      for (const { currency, cents } of earnedBy(session.lots, session.used, session.cause, isOver(session)))
        sum.set(currency, (sum.get(currency) ?? 0n) + cents);
    return sum;
  }

  #begin(id: string, { mac, user }: Target, gateway: string, now: number): Session {
    const usage = { up: 0, down: 0, millis: 0, age: 0 };
    const session: Session = {
      ...{ id, mac, gateway, user, state: 'pending', cause: undefined, lots: [], used: usage, opened: false },
      ...{ ordered: new Set<string>(), carried: { up: 0, down: 0 }, hidden: 0, forgiven: 0 },
      ...{ lastByte: now, awaySince: now },
    };
    this.sessions.set(id, session);
    return session;
  }

  /** Where the lot would go, who ends for it, and what stands in the way. `exact`: it must limit the same things. */
  #place(target: Target, lot: Lot, refusals: Set<string>, exact: boolean): Verdict {
    const into = this.intoFor(target);
    if (target.gateway !== undefined && target.gateway !== into?.gateway && !this.#has(target.gateway))
      refusals.add('unknown_gateway');
    if (into && isAuthorized(into) && lot.method !== 'grant') refusals.add('authorized_elsewhere');
    if (into && !fits(lot.limits, grantedTo(into), exact)) refusals.add('limits_differ');
    const user = target.user ?? into?.user;
    const strangers = this.running((s) => s.mac === target.mac && isUsable(s) && s !== into);
    const others = user === undefined ? [] : this.#othersOf(user, target.mac);
    const tooMany = Math.max(0, others.length + 1 - lot.devices);
    return { refusals, sale: { target, lot, into, rivals: [...strangers, ...others.slice(0, tooMany)] } };
  }

  #othersOf(user: string, mac: string): Session[] {
    return this.running((s) => s.user === user && s.mac !== mac && isUsable(s));
  }

  #has(gateway: string): boolean {
    return this.offer.gateways.some(({ name }) => name === gateway);
  }

  #plan(id: string): Plan | undefined {
    return this.offer.plans.find((plan) => plan.id === id);
  }
}

/** "A plan that limits other things than the running session is refused, for nothing can be added to unlimited." */
function fits(more: Limits, granted: Limits, exact: boolean): boolean {
  if (exact) return limitsSame(more, granted);
  return limitNames.every((limit) => more[limit] === undefined || granted[limit] !== undefined);
}

function isWithin({ min, max }: Plan, steps: number): boolean {
  return steps >= min && steps <= max;
}

function refused(code: string): { refusals: ReadonlySet<string> } {
  return { refusals: new Set([code]) };
}

function lotOf(plan: Plan, steps: number, method: string, reference: string, paid: Money | undefined): Lot {
  const { id, metric, step, devices, pauses, idle } = plan;
  return {
    plan: id,
    method,
    reference,
    metric,
    step,
    steps,
    limits: limitsOf(plan, steps),
    devices,
    pauses,
    idle,
    paid,
  };
}

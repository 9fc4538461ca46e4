import { lotCount } from '../domain/folded.js';
import type { Refund } from '../domain/lot.js';
import { formatAmount, type Money } from '../domain/money.js';
import type { Allotment, Plan } from '../domain/plan.js';
import { purchasesOf } from '../domain/purchases.js';
import { isByToken, refundsDue } from '../domain/refunds.js';
import { isDone, type Session } from '../domain/session.js';
import type { Bucket, Takings } from '../domain/stats.js';
import { remainingOf, usedOf } from '../domain/usage.js';

/** A reply on ubus: plain data, money as decimal strings, bytes and seconds as whole numbers. */
export type View = Record<string, unknown>;

/** An amount with its currency, as it stands in replies. */
export function viewMoney(money: Money): View {
  return { amount: formatAmount(money), currency: money.currency };
}

/** A limit as people count it: seconds instead of milliseconds. */
const limitViews = [
  ['bytes', 'bytes', 1],
  ['upBytes', 'up_bytes', 1],
  ['downBytes', 'down_bytes', 1],
  ['millis', 'seconds', 1000],
  ['validity', 'valid_seconds', 1000],
] as const;

/** The limits of an allotment; what is not limited is left out. */
export function viewAllotment(allotment: Allotment): View {
  return limits((limit) => allotment[limit]);
}

function limits(value: (limit: keyof Allotment) => number | undefined): View {
  const view: View = {};
  for (const [limit, name, unit] of limitViews) {
    const n = value(limit);
    if (n !== undefined) view[name] = Math.floor(n / unit);
  }
  return view;
}

function returnedBy(refund: Refund): string {
  return refund.deposit !== undefined ? 'by_escrow' : isByToken(refund) ? 'by_token' : 'owed';
}

/**
 * A session for callers. `used` never exceeds `granted`, so that used + remaining = granted. Bytes that
 * passed beyond a cap because a gate closed late are `overshoot_bytes`.
 */
export function viewSession(session: Session): View {
  const { user, ...usage } = viewUsage(session);
  return {
    ...usage,
    plan: session.lots.at(-1)?.plan ?? '',
    granted: viewAllotment(session.granted),
    overshoot_bytes: overshoot(session),
    created: unixSeconds(session.createdAt),
    lots: purchasesOf(session).map(({ paid, ...lot }) => ({
      ...lot,
      ...(paid && { paid: viewMoney(paid) }),
    })),
    lots_count: lotCount(session),
    refunds: (isDone(session) ? session.refunds : refundsDue(session)).map((r) => ({
      method: r.method,
      reference: r.reference,
      count: r.count ?? 1,
      ...viewMoney(r.money),
      state: isDone(session) ? returnedBy(r) : 'if_closed_now',
    })),
    ...(user !== undefined && { user }),
    ...(session.cause !== undefined && { cause: session.cause }),
    ...(session.openedAt !== undefined && { opened: unixSeconds(session.openedAt) }),
    ...(session.closedAt !== undefined && { closed: unixSeconds(session.closedAt) }),
  };
}

/** The part of a session that is reported again and again: what it has used, without how it was paid. */
export function viewUsage(session: Session): View {
  const { id, mac, gateway, state, user, usage } = session;
  return {
    id,
    mac,
    gateway,
    state,
    used: viewUsed(session),
    remaining: viewRemaining(session),
    up_bytes: usage.up,
    down_bytes: usage.down,
    ...(user !== undefined && { user }),
  };
}

/** What counts against each limit. */
export function viewUsed({ granted, usage }: Session): View {
  return limits((limit) => granted[limit] && Math.min(granted[limit], usedOf(usage, limit)));
}

/** What is left of each limit. */
export function viewRemaining({ granted, usage }: Session): View {
  const view = limits((limit) => remainingOf(granted, usage, limit));
  for (const [limit, name, unit] of limitViews) {
    const cap = granted[limit];
    // Rounded so that used and remaining, both in whole units, add up to what was granted.
    if (cap !== undefined && unit > 1) {
      view[name] = Math.floor(cap / unit) - Math.floor(Math.min(cap, usedOf(usage, limit)) / unit);
    }
  }
  return view;
}

/** Bytes beyond the data cap that was exceeded by the most. */
export function overshoot({ granted, usage }: Session): number {
  let most = 0;
  for (const limit of ['bytes', 'upBytes', 'downBytes'] as const) {
    const cap = granted[limit];
    if (cap !== undefined) most = Math.max(most, usedOf(usage, limit) - cap);
  }
  return most;
}

/** A plan with its prices as decimal strings. */
export function viewPlan(plan: Plan): View {
  const scale = plan.metric === 'time' ? 1000 : 1;
  return {
    id: plan.id,
    title: plan.title,
    metric: plan.metric,
    step: Math.floor(plan.stepSize / scale),
    min_steps: plan.minSteps,
    max_steps: plan.maxSteps,
    prices: plan.prices.map((p) => ({
      amount: formatAmount({ currency: p.currency, amount: p.digits, decimals: p.scale }),
      currency: p.currency,
    })),
    caps: viewAllotment(plan.caps),
    devices: plan.devices,
    pause_away: plan.pauseAway,
    ...(plan.free && { free_per_day: plan.free.perDay, free_per_day_total: plan.free.total }),
    ...(plan.upRate !== undefined && { up_rate: plan.upRate }),
    ...(plan.downRate !== undefined && { down_rate: plan.downRate }),
    ...(plan.idleTimeout !== undefined && { idle_timeout: Math.floor(plan.idleTimeout / 1000) }),
  };
}

/** One step of the statistics. */
export function viewBucket(bucket: Bucket): View {
  return {
    at: unixSeconds(bucket.at),
    revenue: [...bucket.revenue.values()].map(viewMoney),
    up_bytes: bucket.up,
    down_bytes: bucket.down,
    sessions: bucket.sessions,
  };
}

/** Revenue of one plan by one method. */
export function viewTakings({ plan, method, money }: Takings): View {
  return { plan, method, ...viewMoney(money) };
}

function unixSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}

import { priceInUnits } from '../../domain/money.js';
import type { Plan } from '../../domain/plan.js';
import type { Session } from '../../domain/session.js';
import { usedOf } from '../../domain/usage.js';

/** A mint whose tokens are taken, in one unit. */
export interface MintPlace {
  readonly url: string;
  readonly unit: string;
  readonly currency: string;
  readonly decimals: number;
}

type Tags = readonly (readonly string[])[];

/** A plan may be bought in more steps than anybody wants: TollGate says 0 for no limit. */
const noLimit = 1_000_000;
/** The specifications that are followed: base events and Cashu. */
const tips = ['1', '2'];

/** What is for sale, and at which mints' money (TIP-01, TIP-02). Without a tag `price_per_step` nothing is. */
export function advertisementOf(plan: Plan, mints: readonly MintPlace[]): Tags {
  const { minSteps, maxSteps } = plan;
  const most = maxSteps >= noLimit ? 0 : maxSteps;
  const prices = mints.flatMap(({ url, unit, currency, decimals }) => {
    const price = plan.prices.find((one) => one.currency === currency);
    const money = price && priceInUnits(price, decimals);
    return money ? [['price_per_step', 'cashu', `${money.amount}`, unit, url, `${minSteps}`]] : [];
  });
  return [
    ['metric', metricOf(plan.metric)],
    ['step_size', `${plan.stepSize}`],
    ['step_purchase_limits', `${minSteps}`, `${most}`],
    ['tips', ...tips],
    ...prices,
  ];
}

/** How a session stands, in its own metric. */
export interface Counted {
  readonly metric: string;
  readonly used: number;
  readonly allotment: number;
}

/** By data where that is limited, or else by time; undefined where neither is. @param first of the plan that is sold */
export function countOf({ granted, usage }: Session, first: Plan['metric'] = 'bytes'): Counted | undefined {
  const order = first === 'bytes' ? (['bytes', 'millis'] as const) : (['millis', 'bytes'] as const);
  const limit = order.find((one) => granted[one] !== undefined);
  if (!limit) return undefined;
  const allotment = granted[limit]!;
  const used = Math.min(Math.floor(usedOf(usage, limit)), allotment);
  return { metric: metricOf(limit === 'bytes' ? 'bytes' : 'time'), used, allotment };
}

function metricOf(metric: Plan['metric']): string {
  return metric === 'bytes' ? 'bytes' : 'milliseconds';
}

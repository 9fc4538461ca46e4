import type { PaymentOrder, Wares } from '../../domain/deposit-scheme.js';
import { type Lot, lotOf } from '../../domain/lot.js';
import type { Money } from '../../domain/money.js';
import type { Plan } from '../../domain/plan.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';

/** What a customer orders, priced. */
export interface Ordered {
  readonly plan: Plan;
  readonly steps: number;
  readonly price: Money;
}

/** What is ordered, as a deposit scheme sells it. */
export function waresOf({ plan, steps, price }: Ordered): Wares {
  return { units: BigInt(steps), unitPrice: price.amount / BigInt(steps), description: plan.title };
}

/** The lot for some of the units that a deposit pays for. */
export function unitsLot(
  plan: Plan,
  price: Money,
  units: number,
  {
    backend,
    order,
    at,
    key,
    steps,
  }: { backend: DepositScheme; order: PaymentOrder; at: number; key: string; steps: number },
): Lot {
  const paid = { ...price, amount: (price.amount / BigInt(steps)) * BigInt(units) };
  const funding = { method: backend.name, reference: order.id, paid, deposit: order.id };
  return lotOf(plan, units, funding, { at, key });
}

/** More units of the same deposit. Caps beside the metric are for a purchase, and come with its first lot. */
export function extended(first: Lot, units: number, sold: Pick<Lot, 'at' | 'key'>): Lot {
  const { paid, ...funding } = first.funding;
  const metered = first.stepSize * units;
  const limit = first.metric === 'bytes' ? 'bytes' : 'millis';
  const nothing = Object.fromEntries(Object.keys(first.allotment).map((name) => [name, 0]));
  return {
    ...first,
    ...sold,
    steps: units,
    allotment: { ...nothing, [limit]: metered },
    funding: {
      ...funding,
      ...(paid && { paid: { ...paid, amount: (paid.amount / BigInt(first.steps)) * BigInt(units) } }),
    },
  };
}

import type { Plan } from '../domain/plan.js';
import type { Till } from './section.js';

/** Kinds of what hardly anybody wants. They are stable: pages have a sentence for each. */
export const warningCodes = ['nobody_pays', 'unused_method'] as const;

/** Something that is no fault and that hardly anybody wants. */
export interface Warning {
  readonly code: (typeof warningCodes)[number];
  /** The plan, or the payment method. */
  readonly name: string;
  readonly message: string;
}

/** Plans that nobody can pay and methods that no plan uses, as after another currency in one of the two places. */
export function warningsOf(plans: readonly Plan[], tills: readonly Till[]): readonly Warning[] {
  const sold = plans.filter(({ prices, free }) => prices.length > 0 && !free);
  const taken = new Set(tills.flatMap(({ currencies }) => [...currencies.keys()]));
  const asked = new Set(sold.flatMap(({ prices }) => prices.map(({ currency }) => currency)));
  const unpaid = sold.filter(({ prices }) => !prices.some(({ currency }) => taken.has(currency)));
  // One without a currency takes no money at all.
  const paid = tills.filter(({ currencies }) => currencies.size > 0);
  const unused = paid.filter(({ currencies }) => ![...currencies.keys()].some((one) => asked.has(one)));
  return [
    ...unpaid.map(({ id, prices }) => {
      const words = prices.map(({ currency }) => currency).join(', ');
      return {
        code: 'nobody_pays' as const,
        name: id,
        message: `plan '${id}': nobody can pay: no payment method takes ${words}`,
      };
    }),
    ...(sold.length === 0 ? [] : unused).map(({ name, currencies }) => {
      const words = [...currencies.keys()].join(', ');
      return {
        code: 'unused_method' as const,
        name,
        message: `method '${name}': no plan has a price in ${words}`,
      };
    }),
  ];
}

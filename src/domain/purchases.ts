import { mergeSums, newestLots, type Purchases } from './folded.js';
import type { Money } from './money.js';
import { oldestSums } from './oldest-lots.js';

/** A lot as people are told of it, or the sum of older ones that were paid in the same way. */
export interface Purchase {
  /** Empty in a sum, whose lots may be of several plans. */
  readonly plan: string;
  readonly steps: number;
  readonly method: string;
  /** Empty in a sum. */
  readonly reference: string;
  /** How many lots this is. */
  readonly count: number;
  /** Absent where nothing was paid. */
  readonly paid?: Money;
}

/** What was bought, oldest first: the newest lots one by one, and the sums of the older ones before them. */
export function purchasesOf({ lots, folded }: Purchases): Purchase[] {
  const older = oldestSums(lots, newestLots);
  const sums = mergeSums([...(folded?.sums ?? []), ...older], () => '').map(
    ({ method, steps, count, paid }) => {
      return { plan: '', steps, method, reference: '', count, ...(paid && { paid }) };
    },
  );
  const single = lots.slice(-newestLots).map(({ plan, steps, funding: { method, reference, paid } }) => {
    return { plan, steps, method, reference, count: 1, ...(paid && { paid }) };
  });
  return [...sums, ...single];
}

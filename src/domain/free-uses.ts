import type { Lot } from './lot.js';
import type { Mac } from './mac.js';
import type { Plan } from './plan.js';

/** The payment method of a free plan. */
export const freeMethod = 'free';
/** Uses of one plan in a day, where the owner sets no lower limit: each takes some 100 bytes of memory. */
export const mostFreeUses = 10_000;
/**
 * Days of a plan that are kept. A router without a battery has another day from each start until it hears the time:
 * that must not make it forget this one.
 */
const keptDays = 2;

/** One plan's uses on one day, as the snapshot keeps them. */
export interface PlainFreeUses {
  readonly plan: string;
  readonly day: string;
  readonly uses: readonly (readonly [mac: Mac, times: number])[];
}

/** How often each device has had each free plan today. Changed by journal records only. */
export class FreeUses {
  /** Plan -> day -> device -> times; the day that was used last is the last one. */
  readonly #plans = new Map<string, Map<string, Map<Mac, number>>>();

  constructor(plain: readonly PlainFreeUses[] = []) {
    for (const { plan, day, uses } of plain) for (const [mac, n] of uses) this.#add(plan, day, mac, n);
  }

  /** How often a device may have the plan still on this day. */
  left({ id, free }: Plan, day: string, mac: Mac): number {
    if (!free) return 0;
    const uses = this.#plans.get(id)?.get(day);
    let all = 0;
    for (const times of uses?.values() ?? []) all += times;
    return Math.max(0, Math.min(free.perDay - (uses?.get(mac) ?? 0), free.total - all));
  }

  /** A lot was sold to a device. */
  sold({ plan, funding }: Lot, mac: Mac): void {
    if (funding.method === freeMethod) this.#add(plan, funding.reference, mac, 1);
  }

  /** The sale of a lot was taken back. */
  takenBack({ plan, funding }: Lot, mac: Mac): void {
    if (funding.method === freeMethod) this.#add(plan, funding.reference, mac, -1);
  }

  toPlain(): { readonly free?: readonly PlainFreeUses[] } {
    const free = [...this.#plans].flatMap(([plan, days]) =>
      [...days].map(([day, uses]) => ({ plan, day, uses: [...uses] })),
    );
    return free.length > 0 ? { free } : {};
  }

  #add(plan: string, day: string, mac: Mac, times: number): void {
    const days = this.#plans.get(plan) ?? new Map<string, Map<Mac, number>>();
    const uses = days.get(day) ?? new Map<Mac, number>();
    const now = (uses.get(mac) ?? 0) + times;
    if (now > 0) uses.set(mac, now);
    else uses.delete(mac);
    days.delete(day);
    if (uses.size > 0) days.set(day, uses);
    this.#plans.set(plan, days);
    if (days.size > keptDays) days.delete(days.keys().next().value!);
  }
}

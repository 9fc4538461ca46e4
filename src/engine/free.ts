import { freeMethod } from '../domain/free-uses.js';
import { lotOf } from '../domain/lot.js';
import type { Mac } from '../domain/mac.js';
import type { Plan } from '../domain/plan.js';
import { refuse } from '../domain/refuse.js';
import { dayAt, utc } from '../domain/time-zone.js';
import type { Refusal } from '../ports/result.js';
import type { Engine } from './engine.js';
import { planOf } from './sales.js';
import type { Draft, Target, Till } from './till.js';

/** How a device stands with a free plan. */
export interface FreeStanding {
  /** How often it may have the plan still today. */
  readonly left: number;
  /** When the next day begins: wall clock, ms since 1970. */
  readonly next: number;
}

/** Whether a device may have a free plan now. Its MAC says who it is: a phone with a new random one is new. */
export function freeStanding(engine: Engine, plan: Plan, mac: Mac): FreeStanding {
  const { name, end } = today(engine);
  return { left: engine.accounts.book.free.left(plan, name, mac), next: end };
}

/** Gives a free plan to a device, as often a day as the plan allows. */
export function freeDraft(
  engine: Engine,
  till: Till,
  order: Target & { readonly plan?: string; readonly steps?: number; readonly key: string },
): Draft | Refusal {
  const { offer } = engine.settings;
  // Only what is free goes without a payment.
  if (order.plan === undefined) return refuse('bad_argument', 'payment is missing');
  const found = planOf(offer, order.plan);
  if (!found.ok) return found;
  const { value: plan } = found;
  if (!plan.free) return refuse('bad_argument', `payment is missing: plan '${plan.id}' is not free`);
  const steps = order.steps ?? plan.minSteps;
  if (steps !== plan.minSteps)
    return refuse('bad_steps', `plan '${plan.id}' is free in ${plan.minSteps} steps`);
  // Counted at the last moment: two orders at once are not both the first one.
  return () => {
    const { left, next } = freeStanding(engine, plan, order.mac);
    if (left === 0) return used(plan, next);
    const funding = { method: freeMethod, reference: today(engine).name };
    const lot = lotOf(plan, steps, funding, { at: engine.clock.wall(), key: order.key });
    return till.draft(order, lot, true);
  };
}

function used({ title }: Plan, next: number): Refusal {
  const message = `'${title}' is used up for today: again from ${new Date(next).toISOString()} on`;
  return refuse('free_used', message, next);
}

function today({ clock, settings }: Engine) {
  return dayAt(clock.wall(), settings.timeZone ?? utc);
}

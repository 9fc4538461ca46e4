import { mostFreeUses } from '../domain/free-uses.js';
import { parsePrice } from '../domain/money.js';
import type { Allotment, Plan } from '../domain/plan.js';
import { present } from '../domain/present.js';
import { amount, choice, dependingOn, flag, kindOf, longestSpan, rate, span, text, whole } from './kind.js';
import { type Found, list, option, type Values } from './option.js';
import { type Faults, section } from './section.js';

/** Most steps of one purchase, for a plan that says nothing of them. */
const usualMaxSteps = 1000;
const steps = whole(1, 1_000_000_000);
const long = span('1s', longestSpan);
const price = kindOf("a price such as '0.50 USD'", parsePrice);

const options = {
  title: option(text(/^[^\p{Cc}\p{Cs}]{1,100}$/u, 'one line of 1 to 100 characters'), {
    absent: 'the name of the section',
    example: 'Data, 10 MB a step',
    help: 'What customers read.',
  }),
  metric: option(choice({ bytes: 'data', time: 'time' }), {
    needed: true,
    example: 'bytes',
    help: 'What is sold.',
  }),
  step: option(dependingOn<number>('metric', { bytes: amount, time: long }), {
    needed: true,
    example: '10 MB',
    help: 'What one step gives.',
  }),
  price: list(price, {
    absent: 'the plan cannot be bought, only granted',
    examples: ['0.05 USD'],
    key: ({ currency }) => currency,
    help: 'The price of one step, once for each currency.',
  }),
  free_per_day: option(whole(1, 100), {
    absent: 'the plan is not free',
    example: '1',
    help:
      'Customers may take the plan by themselves without paying, so often for each device and day. Its prices are 0. ' +
      'A phone that changes its MAC address is a new device: set `free_per_day_total`, too.',
  }),
  free_per_day_total: option(whole(1, mostFreeUses), {
    absent: `${mostFreeUses}`,
    example: '200',
    help: 'How often a free plan may be taken in a day by all devices together.',
  }),
  min_steps: option(steps, { default: '1', help: 'The fewest steps that can be bought at once.' }),
  max_steps: option(steps, {
    absent: `${usualMaxSteps}, or \`min_steps\` where that is more`,
    example: '24',
    help: 'The most steps that can be bought at once. 1 makes a fixed package.',
  }),
  bytes: option(amount, {
    absent: 'no such cap',
    example: '1 GB',
    help: 'Cap on the data of one purchase, for a plan that sells time.',
  }),
  seconds: option(long, {
    absent: 'no such cap',
    example: '2h',
    help: 'Cap on the time of one purchase, for a plan that sells data.',
  }),
  up_bytes: option(amount, {
    absent: 'no such cap',
    example: '200 MB',
    help: 'Cap on the data that the device sends.',
  }),
  down_bytes: option(amount, {
    absent: 'no such cap',
    example: '800 MB',
    help: 'Cap on the data that the device receives.',
  }),
  valid_for: option(long, {
    absent: 'no such cap',
    example: '30d',
    help: 'A session ends this long after it began, online or not.',
  }),
  up_rate: option(rate, {
    absent: 'as fast as it goes',
    example: '5 Mbit',
    help: 'The highest speed from the device.',
  }),
  down_rate: option(rate, {
    absent: 'as fast as it goes',
    example: '20 Mbit',
    help: 'The highest speed to the device.',
  }),
  idle_timeout: option(span('10s', longestSpan), {
    absent: 'no such limit',
    example: '30min',
    help: 'A session without traffic for this long ends.',
  }),
  devices: option(whole(1, 100), {
    default: '1',
    help: 'How many devices of one user may be online at once. The oldest session ends before one more begins.',
  }),
  pause_away: option(flag, {
    default: '0',
    help: '1: time stands still while the device is away or the portal is down.',
  }),
};

/** `config plan 'NAME'`: something that is for sale. */
export const plan = section({
  type: 'plan',
  about:
    'Something for sale: so many steps of data or of time. A customer buys `min_steps` to `max_steps` of them. ' +
    'Caps are for each purchase, and the first one that is reached ends the session.',
  enabled: option(flag, { default: '1', help: '0: it is not for sale.' }),
  options,
  check,
  make: planOf,
});

function check(found: Found<typeof options>, faults: Faults): void {
  const { metric, step, minSteps } = found;
  const maxSteps = found.freePerDay === undefined ? mostSteps(found) : minSteps;
  const same = metric === 'time' ? 'seconds' : 'bytes';
  if (metric && found[same] !== undefined) {
    faults.fault('conflict', `a plan by ${metric} is limited by its steps, not by ${same}`, same);
  }
  if (minSteps > maxSteps) faults.fault('conflict', 'min_steps is more than max_steps', 'min_steps');
  if (step !== undefined && !Number.isSafeInteger(step * maxSteps)) {
    faults.fault('conflict', 'step times max_steps is more than can be counted', 'step');
  }
  checkFree(found, faults);
}

function checkFree(
  { freePerDay, freePerDayTotal, price: prices, minSteps, maxSteps }: Found<typeof options>,
  faults: Faults,
): void {
  if (freePerDay === undefined) {
    if (freePerDayTotal !== undefined)
      faults.fault('conflict', 'free_per_day_total goes with free_per_day', 'free_per_day_total');
    return;
  }
  if (prices.length === 0 || prices.some(({ digits }) => digits !== 0n))
    faults.fault('conflict', "a plan with free_per_day has the price 0, such as '0 USD'", 'free_per_day');
  // Otherwise a customer would choose the most steps.
  if (maxSteps !== undefined && maxSteps !== minSteps)
    faults.fault('conflict', 'a plan with free_per_day is given in min_steps steps', 'max_steps');
}

function planOf(values: Values<typeof options>, id: string): Plan {
  const { title, metric, step, price: prices, minSteps, upRate, downRate, idleTimeout } = values;
  const { freePerDay: perDay, freePerDayTotal: total = mostFreeUses } = values;
  return {
    ...{ id, title: title ?? id, metric, stepSize: step, prices, minSteps },
    maxSteps: perDay === undefined ? mostSteps(values) : minSteps,
    caps: capsOf(values),
    ...present({ upRate, downRate, idleTimeout }),
    devices: values.devices,
    pauseAway: values.pauseAway,
    ...(perDay !== undefined && { free: { perDay, total } }),
  };
}

function mostSteps({ minSteps, maxSteps }: { minSteps: number; maxSteps?: number }): number {
  return maxSteps ?? Math.max(usualMaxSteps, minSteps);
}

function capsOf(values: Values<typeof options>): Allotment {
  const { bytes, seconds, upBytes, downBytes, validFor } = values;
  return present({ bytes, millis: seconds, upBytes, downBytes, validity: validFor });
}

// The configurations that the model's router goes through, and their text for /etc/config/turnpike.
import type { Limits, Plan } from './terms.js';

export interface Gateway {
  readonly name: 'lan' | 'guest';
  readonly type: 'opennds' | 'nodogsplash';
  /** The longest time between two polls, in ms. */
  readonly pollMax: number;
}

export interface Offer {
  readonly plans: readonly Plan[];
  readonly gateways: readonly Gateway[];
  readonly flushInterval: number;
  readonly billDowntime: boolean;
  /** 0: never. */
  readonly lostAfter: number;
}

function plan(id: string, over: Partial<Plan> = {}): Plan {
  const usual = { metric: 'bytes', step: 10_000, min: 1, max: 50, devices: 1, pauses: false } as const;
  return { id, ...usual, prices: { USD: 50n }, caps: {}, ...over };
}

const minute = 60_000;

const plans: readonly Plan[] = [
  plan('data', { prices: { USD: 50n, EUR: 45n } }),
  plan('package', { max: 1, step: 30_000, prices: { USD: 700n } }),
  plan('time', { metric: 'time', step: minute }),
  plan('pausing', { metric: 'time', step: minute, pauses: true }),
  plan('both', { caps: { millis: 3 * minute } }),
  plan('directions', { caps: { up: 20_000, down: 40_000 } }),
  plan('idle', { idle: 30_000 }),
  plan('valid', { caps: { valid: 5 * minute } }),
  plan('family', { devices: 2 }),
  plan('gift', { prices: {}, max: 3 }),
];

const lan: Gateway = { name: 'lan', type: 'opennds', pollMax: 2_000 };
const guest: Gateway = { name: 'guest', type: 'nodogsplash', pollMax: 2_000 };
const usual: Offer = {
  plans,
  gateways: [lan, guest],
  flushInterval: 20_000,
  billDowntime: false,
  lostAfter: 20 * minute,
};

/** The first one is in force at the beginning. */
export const offers: readonly Offer[] = [
  usual,
  {
    ...usual,
    plans: plans.map((one) => ({
      ...one,
      prices: Object.fromEntries(
        Object.entries(one.prices).map(([currency, cents]) => [currency, cents * 3n]),
      ),
    })),
    flushInterval: 5_000,
  },
  { ...usual, plans: plans.filter(({ id }) => id !== 'data' && id !== 'time'), billDowntime: true },
  { ...usual, gateways: [{ ...lan, pollMax: 1_000 }, guest], lostAfter: 0 },
  { ...usual, gateways: [lan], lostAfter: 5 * minute },
];

const capOptions: Readonly<Record<keyof Limits, (n: number) => string>> = {
  bytes: (n) => `option bytes '${n} B'`,
  up: (n) => `option up_bytes '${n} B'`,
  down: (n) => `option down_bytes '${n} B'`,
  millis: (n) => `option seconds '${n} ms'`,
  valid: (n) => `option valid_for '${n} ms'`,
};

function planText({ id, metric, step, min, max, prices, caps, devices, pauses, idle }: Plan): string[] {
  return [
    `config plan '${id}'`,
    `option metric '${metric}'`,
    `option step '${step} ${metric === 'bytes' ? 'B' : 'ms'}'`,
    `option min_steps '${min}'`,
    `option max_steps '${max}'`,
    `option devices '${devices}'`,
    `option pause_away '${pauses ? 1 : 0}'`,
    ...Object.entries(prices).map(([currency, cents]) => `list price '${amountOf(cents)} ${currency}'`),
    ...Object.entries(caps).map(([limit, n]) => capOptions[limit as keyof Limits](n)),
    ...(idle === undefined ? [] : [`option idle_timeout '${idle} ms'`]),
  ];
}

/** A decimal string, as on every wire. */
export function amountOf(cents: bigint): string {
  const size = cents < 0n ? -cents : cents;
  return `${cents < 0n ? '-' : ''}${size / 100n}.${String(size % 100n).padStart(2, '0')}`;
}

/** The configuration's text. */
export function textOf({ plans, gateways, flushInterval, billDowntime, lostAfter }: Offer): string {
  const lines = [
    "config turnpike 'main'",
    `option flush_interval '${flushInterval} ms'`,
    `option bill_downtime '${billDowntime ? 1 : 0}'`,
    `option lost_after '${lostAfter} ms'`,
    "config method 'cash'",
    "list currency 'USD 2'",
    "list currency 'EUR 2'",
  ];
  for (const { name, type, pollMax } of gateways)
    lines.push(`config gateway '${name}'`, `option type '${type}'`, `option poll_max '${pollMax} ms'`);
  return [...lines, ...plans.flatMap(planText), ''].join('\n');
}

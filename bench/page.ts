import { deviceAt } from '../packages/simulators/device.js';
import { ar } from '../src/web/languages/ar.js';
import { de } from '../src/web/languages/de.js';
import { en } from '../src/web/languages/en.js';
import { hi } from '../src/web/languages/hi.js';
import type { Options } from './options.js';
import type { Visit } from './page-child.js';
import { Shop, Street } from './page-shop.js';
import { type Pair, pairs, type Spread, spreadOf } from './pairs.js';

export interface PageResult {
  readonly sessions: number;
  /** What each look took, in ms. */
  readonly prices: { readonly p50: number; readonly p99: number };
  readonly status: { readonly p50: number; readonly p99: number };
  readonly crowd: {
    readonly phones: number;
    readonly withinMs: number;
    /** From the first packet of a phone to its page: the phone that waited longest, in ms. */
    readonly longestMs: Spread;
  };
  readonly visits: number;
  /** In MB: `a` with the page, after the visits; `b` without one. `own` leaves out what files hold, as Node's program. */
  readonly memory: Pair;
  readonly own: Spread;
  /** From the start of the process to its object on ubus, in ms: `a` with the page. */
  readonly start: Pair;
}

const sessions = 1_000;
/** Phones that have bought nothing. */
const strangers = 500;
/** Customers while memory is measured. */
const few = 100;
/** Those of the customers. */
const languages = Object.entries({ en, de, ar, hi });

/** What the customers' page takes, in a network namespace with 1,600 devices. Undefined where there are none. */
export async function measurePage({ quick }: Options): Promise<PageResult | undefined> {
  const street = await Street.open(sessions + strangers).catch(() => undefined);
  if (!street) return undefined;
  try {
    const { memory, own, start } = await compare(street, quick ? 3 : 9);
    return { ...(await pages(street, quick)), visits: 200, memory, own, start };
  } finally {
    await street.close();
  }
}

async function pages(
  street: Street,
  quick: boolean,
): Promise<Pick<PageResult, 'sessions' | 'prices' | 'status' | 'crowd'>> {
  const shop = await Shop.open(street, true);
  try {
    shop.goFirst();
    await shop.sell(sessions);
    const looks = quick ? 200 : 1_000;
    const [prices, status] = [visitsOf(looks, false), visitsOf(looks, true)];
    await street.phones.ask({ visits: [...prices.slice(0, 50), ...status.slice(0, 50)] });
    const shares = async (visits: readonly Visit[]) =>
      sharesOf(await street.phones.ask<number[]>({ visits }));
    const result = { sessions, prices: await shares(prices), status: await shares(status) };
    const longest: number[] = [];
    const crowd = { phones: Array.from({ length: strangers }, (_, n) => stranger(n)), withinMs: 5_000 };
    for (let round = 0; round < (quick ? 1 : 3); round++)
      longest.push(Math.max(...(await street.phones.ask<number[]>({ crowd }))));
    return { ...result, crowd: { phones: strangers, withinMs: 5_000, longestMs: spreadOf(longest) } };
  } finally {
    await shop.close();
  }
}

/** Daemons with the page and without, in turns. */
async function compare(
  street: Street,
  rounds: number,
): Promise<Pick<PageResult, 'memory' | 'own' | 'start'>> {
  const shops = [await Shop.open(street, true), await Shop.open(street, false)] as const;
  const own: number[][] = [[], []];
  const [on, off] = shops;
  try {
    for (const shop of shops) await shop.sell(few);
    const start = await pairs(
      rounds,
      () => on.restart(),
      () => off.restart(),
    );
    const visits = [...visitsOf(100, false), ...visitsOf(100, true)];
    const measure = (at: 0 | 1) => async () => {
      await shops[at].restart();
      if (at === 0) await street.phones.ask({ visits });
      const { all, own: alone } = await shops[at].memory();
      own[at]!.push(alone);
      return all;
    };
    const memory = await pairs(rounds, measure(0), measure(1));
    return { memory, own: spreadOf(own[0]!.map((value, i) => value - own[1]![i]!)), start };
  } finally {
    for (const shop of shops) await shop.close();
  }
}

/** Visits in four languages: of customers with a session, or of people who have none. */
function visitsOf(count: number, isOnline: boolean): Visit[] {
  return Array.from({ length: count }, (_, n) => {
    const [language, { prices, online }] = languages[n % languages.length]!;
    const from = isOnline ? deviceAt(n % few).ip : stranger(n % strangers);
    return { from, path: isOnline ? '/status' : '/', language, says: isOnline ? online : prices };
  });
}

/** A phone that has bought nothing. */
const stranger = (n: number) => deviceAt(sessions + n).ip;

function sharesOf(times: readonly number[]): { p50: number; p99: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const share = (part: number) => sorted[Math.floor((sorted.length - 1) * part)]!;
  return { p50: share(0.5), p99: share(0.99) };
}

import { amount, flag, type Kind, kindOf, span, text, whole as wholeOf } from '../../config/kind.js';
import { list, option } from '../../config/option.js';
import { type ConfigOf, section } from '../../config/section.js';

/** A mint whose tokens are taken, in one unit. */
export interface MintPlace {
  /** Without a slash at the end. */
  readonly url: string;
  /** As the mint calls it, `sat`. */
  readonly unit: string;
  /** The same in the price list, `SAT`. */
  readonly currency: string;
  readonly decimals: number;
}

/** Units that have no smaller one, and money that is counted in cents (NUT-01): nobody else's decimals fit them. */
const whole = ['sat', 'msat', 'jpy', 'krw', 'vnd'];
const cents = ['usd', 'eur', 'gbp', 'chf'];

/** Digits behind the point of a unit, where its mint is not said to have others. */
export function decimalsOf(unit: string): number {
  return whole.includes(unit) ? 0 : 2;
}

const mint: Kind<MintPlace> = kindOf(
  "a mint and its unit such as 'https://mint.example.net sat'; decimals stand behind it only where they are not known, 'https://mint.example.net bhd 3'",
  (given) => {
    const [url = '', unit = '', digits, ...rest] = given.trim().split(/\s+/);
    const isUrl = /^https?:\/\/[a-z0-9.:[\]-]+(?:\/[\w.~/-]*)?$/.test(url);
    if (!isUrl || !/^[a-z][a-z0-9]{1,11}$/.test(unit) || rest.length > 0) return undefined;
    if (digits !== undefined && !/^\d$/.test(digits)) return undefined;
    const decimals = digits === undefined ? decimalsOf(unit) : Number(digits);
    if ([...whole, ...cents].includes(unit) && decimals !== decimalsOf(unit)) return undefined;
    return { url: url.replace(/\/+$/, ''), unit, currency: unit.toUpperCase(), decimals };
  },
);

const later = 'it is written into the file';

/** `config cashu 'cashu'` */
export const cashu = section({
  type: 'cashu',
  name: 'cashu',
  about:
    'Payment with Cashu tokens: each is swapped at its mint, and what was not used is given back as a token.',
  enabled: option(flag, { default: '0', help: '1: customers can pay with Cashu tokens.' }),
  options: {
    mint: list(mint, {
      needed: true,
      examples: ['https://mint.example.net sat'],
      key: ({ url, unit }) => `${url} ${unit}`,
      help: 'A mint whose tokens are taken, and their unit; a plan has its price in the same letters, `10 SAT`. Whoever runs the mint holds the money until you take it out.',
    }),
    lightning: option(flag, {
      default: '0',
      help: '1: customers can pay with Lightning: a mint of the unit `sat` makes the invoice, and has the money.',
    }),
    window_time: option(span('1min', '1h'), {
      absent: 'there is no window: a wallet on the device cannot pay before it has access',
      example: '5 min',
      help: 'While an invoice waits to be paid, the device has access for this long, once an hour. It ends when the money is there.',
      notInLuci: later,
    }),
    window_data: option(amount, {
      default: '20 MB',
      help: 'The most that such a window carries.',
      notInLuci: later,
    }),
    windows: option(wholeOf(1, 1000), {
      default: '20',
      help: 'Windows for all devices together, in an hour.',
      notInLuci: later,
    }),
    payout: option(text(/^[a-z0-9._+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'a Lightning address'), {
      absent: 'what is earned stays here until you take it out',
      example: 'rosa@wallet.example',
      help: 'What is earned in `sat` is sent to this Lightning address.',
    }),
    payout_at: option(wholeOf(1, 100_000_000), {
      default: '10000',
      help: 'As soon as a mint holds so many satoshis of yours.',
    }),
    tollgate: option(text(/^[A-Za-z0-9_]{1,32}$/, 'the name of a plan'), {
      absent: 'nobody answers there',
      example: 'data',
      help: 'A plan that is sold by the protocol of TollGates, too, at port 2121 of the page: `POST /` with a token. It has a price in the unit of a mint.',
      notInLuci: 'only a router among TollGates needs it',
    }),
  },
  check({ mint: mints = [], lightning, payout }, faults) {
    const decimals = new Map<string, number>();
    const needsSat = lightning ? 'lightning' : payout === undefined ? undefined : 'payout';
    if (needsSat !== undefined && !mints.some(({ unit }) => unit === 'sat')) {
      faults.fault('conflict', 'no mint has the unit sat', needsSat);
    }
    for (const one of mints) {
      if ((decimals.get(one.unit) ?? one.decimals) !== one.decimals)
        faults.fault('conflict', `two mints have different decimals of ${one.unit}`, 'mint');
      decimals.set(one.unit, one.decimals);
    }
  },
  make: ({ mint: mints, windowTime, ...rest }) => ({
    ...{ mints, ...rest },
    ...(windowTime !== undefined && { windowTime }),
  }),
  tills: ({ mints }) => [{ name: 'cashu', currencies: currenciesOf(mints) }],
  plans: ({ tollgate }) => ({ tollgate }),
});

export type CashuConfig = ConfigOf<typeof cashu>;

/** A mint's place among those that are configured, or what is known of one that is not any more. */
export function placeOf(
  places: readonly MintPlace[],
  { mint: url, unit }: { readonly mint: string; readonly unit: string },
): MintPlace {
  const place = places.find((one) => one.url === url && one.unit === unit);
  return place ?? { url, unit, currency: unit.toUpperCase(), decimals: decimalsOf(unit) };
}

/** Decimals of each currency that these mints issue. */
export function currenciesOf(mints: readonly MintPlace[]): ReadonlyMap<string, number> {
  return new Map(mints.map(({ currency, decimals }) => [currency, decimals]));
}

import { formatAmount, type Money } from '../domain/money.js';
import { currencies, signs, tables } from './figures-table.js';

/** Which numbers have another form than most, by the letter in front of that form. */
const kinds: Readonly<Record<string, (n: number) => boolean>> = {
  1: (n) => n === 1,
  2: (n) => n === 2,
  i: (n) => n < 2,
  f: (n) => n % 100 > 2 && n % 100 < 11,
  m: (n) => n % 100 > 10,
};
/** By the code of a currency. */
const digitsOf = new Map<string, number>();
let first = '';
for (const [, letter, rest, digits] of currencies.matchAll(/([A-Z]?)([a-z]{2})(\d?)/g)) {
  first = letter || first;
  digitsOf.set(first + rest!.toUpperCase(), Number(digits || 2));
}
const commonSigns = signsIn(signs);

/**
 * How a language writes numbers, sizes, times and money: as `Intl` does, which takes 7 MB, and which small builds of
 * Node.js have not.
 */
export class Figures {
  readonly #point: string;
  readonly #between: string;
  /** Where a sign stands between two groups of digits. */
  readonly #gaps: RegExp;
  /** Shortest number with groups, in digits. */
  readonly #least: number;
  readonly #money: string;
  readonly #signs: ReadonlyMap<string, string>;
  readonly #units: readonly string[];

  /** English where there is no table for the language. */
  constructor(language: string) {
    const [numbers = '', money = '', own = '', ...units] = (tables[language] ?? tables.en!).split('|');
    const [point = '', between = '', group = 3, least = 1] = numbers;
    this.#point = point;
    this.#between = between;
    this.#gaps = new RegExp(`\\B(?=(?:\\d{${group}})*\\d{3}$)`, 'g');
    this.#least = 3 + Number(least);
    this.#money = money;
    this.#signs = signsIn(own);
    this.#units = units;
  }

  /**
   * @param n not negative, with three decimals at the most
   * @param place of the unit: sizes by thousands from 0 on, days to seconds from 5 on, kbit/s 9, Mbit/s 10
   */
  unit(n: number, place: number): string {
    const [most = '', ...others] = this.#units[place]!.split('~');
    const other = others.find(([kind]) => kinds[kind!]!(n))?.slice(1);
    return (other ?? (most.includes('#') ? most : `# ${most}`)).replace('#', this.#number(`${n}`));
  }

  /** Of a token all decimals, behind two of them those alone that say something; of other money as many as it has. */
  money(money: Money): string {
    const { currency } = money;
    const digits = digitsOf.get(currency);
    if (digits === undefined) {
      const amount = formatAmount(money).replace(/(\.\d\d+?)0+$/, '$1');
      return `${this.#number(amount)} ${currency}`;
    }
    const sign = this.#signs.get(currency) ?? commonSigns.get(currency) ?? currency;
    // Behind letters there is a space.
    const form = /[$£¥\u0e3f\u20a0-\u20cf]$/.test(sign) ? this.#money : this.#money.replace('¤#', '¤\u00a0#');
    return form.replace('#', this.#number(formatAmount(rounded(money, digits)))).replace('¤', () => sign);
  }

  #number(text: string): string {
    const [whole = '', ...fraction] = text.split('.');
    const grouped = whole.length < this.#least ? whole : whole.replace(this.#gaps, this.#between);
    return [grouped, ...fraction].join(this.#point);
  }
}

/** With so many digits; a half is rounded up. */
function rounded({ amount, currency, decimals }: Money, digits: number): Money {
  const step = 10n ** BigInt(Math.abs(decimals - digits));
  const units = decimals > digits ? (amount + step / 2n) / step : amount * step;
  return { amount: units, currency, decimals: digits };
}

/** A currency alone has no sign but its code. */
function signsIn(text: string): Map<string, string> {
  return new Map(text.split(' ').map((one) => [one.slice(0, 3), one.slice(3) || one]));
}

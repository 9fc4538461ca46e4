import { formatAmount, type Money } from '../domain/money.js';
import type { Catalogue } from './languages/en.js';

export type Sentence = keyof Catalogue;
type Gaps = Readonly<Record<string, string>>;

/** Units of data by thousands, as they are sold. */
const dataUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
/** How they are written where Node.js was built without the data of languages, as small routers have it. */
const plainUnits: Readonly<Record<string, string>> = {
  ...{ byte: 'B', kilobyte: 'kB', megabyte: 'MB', gigabyte: 'GB', terabyte: 'TB' },
  ...{ day: 'd', hour: 'h', minute: 'min', second: 's' },
  'kilobit-per-second': 'kbit/s',
  'megabit-per-second': 'Mbit/s',
};
const spans = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Names of the currencies of states. A list of them all would be a megabyte, and be made at every start. */
let currencyNames: Intl.DisplayNames | undefined;

/** Sentences, sizes, times and money in one language. */
export class Text {
  /** As RFC 5646 writes it. */
  readonly language: string;
  readonly #words: Catalogue;
  /** Making one takes longer than using it. */
  readonly #formats = new Map<string, Intl.NumberFormat>();

  constructor(language: string, words: Catalogue) {
    this.language = language;
    this.#words = words;
  }

  get direction(): 'ltr' | 'rtl' {
    return this.language === 'ar' ? 'rtl' : 'ltr';
  }

  /** A sentence with its gaps filled in. */
  say(sentence: Sentence, gaps: Gaps = {}): string {
    const said = this.#words[sentence].replace(/\{(\w+)\}/g, (gap, name: string) => gaps[name] ?? gap);
    // A unit that is short for something ends in a full stop, and so does the sentence behind it.
    return said.replace(/(?<!\.)\.\.$/, '.');
  }

  /** A sentence that a payment method may bring; undefined where there is none. */
  find(sentence: string): string | undefined {
    return Object.hasOwn(this.#words, sentence) ? this.#words[sentence as Sentence] : undefined;
  }

  /** `9.5 MB`; never more than there is. */
  bytes(bytes: number): string {
    let at = 0;
    let value = bytes;
    while (value >= 1000 && at < dataUnits.length - 1) {
      value /= 1000;
      at += 1;
    }
    const scale = value < 10 && at > 0 ? 100 : value < 100 && at > 0 ? 10 : 1;
    return this.#unit(Math.floor(value * scale) / scale, dataUnits[at]!);
  }

  /** `2 h 5 min`: the two greatest units; never more than there is. */
  span(ms: number): string {
    let left = Math.floor(ms / 1000);
    const words: string[] = [];
    for (const [unit, seconds] of spans) {
      const count = Math.floor(left / seconds);
      left -= count * seconds;
      if (count > 0) words.push(this.#unit(count, unit));
      else if (words.length > 0) break;
      if (words.length === 2) break;
    }
    return words.join(' ') || this.#unit(0, 'second');
  }

  /** @param kbit in kbit/s */
  rate(kbit: number): string {
    if (kbit < 1000) return this.#unit(Math.round(kbit), 'kilobit-per-second');
    return this.#unit(Math.round(kbit / 100) / 10, 'megabit-per-second');
  }

  money(money: Money): string {
    const { currency, decimals } = money;
    const amount = formatAmount(money) as unknown as number;
    try {
      if (isOfStates(currency)) {
        return this.#format({ style: 'currency', currency }).format(amount);
      }
      const most = { minimumFractionDigits: Math.min(2, decimals), maximumFractionDigits: decimals };
      return `${this.#format(most).format(amount)} ${currency}`;
    } catch {
      return `${amount} ${currency}`;
    }
  }

  #unit(value: number, unit: string): string {
    try {
      return this.#format({ style: 'unit', unit, unitDisplay: 'short' }).format(value);
    } catch {
      return `${value} ${plainUnits[unit]}`;
    }
  }

  /** @throws ReferenceError where Node.js has no data of languages; RangeError for an odd currency */
  #format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = JSON.stringify(options);
    const known = this.#formats.get(key) ?? new Intl.NumberFormat(this.language, options);
    this.#formats.set(key, known);
    return known;
  }
}

/** Tokens are written behind the amount. @throws ReferenceError where Node.js has no data of languages */
function isOfStates(currency: string): boolean {
  if (!/^[A-Z]{3}$/.test(currency)) return false;
  currencyNames ??= new Intl.DisplayNames('en', { type: 'currency', fallback: 'none' });
  return currencyNames.of(currency) !== undefined;
}

import type { Money } from '../domain/money.js';
import { Figures } from './figures.js';
import type { Catalogue } from './languages/en.js';

export type Sentence = keyof Catalogue;
type Gaps = Readonly<Record<string, string>>;

/** Units of data are sold by thousands: bytes to terabytes. */
const largest = 4;
/** Days to seconds, in seconds. */
const spans = [86_400, 3_600, 60, 1] as const;

/** Places of units among the figures: the first of times, and of speeds. */
const days = 5;
const kbits = 9;

/** Sentences, sizes, times and money in one language. */
export class Text {
  /** As RFC 5646 writes it. */
  readonly language: string;
  readonly #words: Catalogue;
  readonly #figures: Figures;

  constructor(language: string, words: Catalogue) {
    this.language = language;
    this.#words = words;
    this.#figures = new Figures(language);
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
    while (value >= 1000 && at < largest) {
      value /= 1000;
      at += 1;
    }
    const scale = value < 10 && at > 0 ? 100 : value < 100 && at > 0 ? 10 : 1;
    return this.#figures.unit(Math.floor(value * scale) / scale, at);
  }

  /** `2 h 5 min`: the two greatest units; never more than there is. */
  span(ms: number): string {
    let left = Math.floor(ms / 1000);
    const words: string[] = [];
    for (const [at, seconds] of spans.entries()) {
      const count = Math.floor(left / seconds);
      left -= count * seconds;
      if (count > 0) words.push(this.#figures.unit(count, days + at));
      else if (words.length > 0) break;
      if (words.length === 2) break;
    }
    return words.join(' ') || this.#figures.unit(0, days + spans.length - 1);
  }

  /** @param kbit in kbit/s */
  rate(kbit: number): string {
    if (kbit < 1000) return this.#figures.unit(Math.round(kbit), kbits);
    return this.#figures.unit(Math.round(kbit / 100) / 10, kbits + 1);
  }

  money(money: Money): string {
    return this.#figures.money(money);
  }
}

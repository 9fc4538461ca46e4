import { isCurrency } from '../domain/money.js';
import { type Bytes, bytes, type Millis, millis } from '../domain/units.js';
import { nearest } from './fault.js';
import { parseBytes, parseRate, parseSpan } from './quantity.js';

/** What a text is read as. Where it is not of the form, `must` says what it must be. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly must: string; readonly meant?: string };

/** The form of a value in a configuration file. */
export interface Kind<T> {
  /** In words that follow "must be", for faults and for documents. */
  readonly form: string;
  /** The part of the form that says the bounds: `from 1s to 1h`. */
  readonly bounds?: string;
  /** The words that a choice has, with what each of them means. */
  readonly words?: Readonly<Record<string, string>>;
  /** No fault shows the text: an address may have a password in it. */
  readonly isPrivate?: true;
  /** @param other gives the text of another option of the same section */
  read(text: string, other: (option: string) => string | undefined): Reading<T>;
}

/** A kind made from a function that returns undefined for what is not of the form. */
export function kindOf<T>(form: string, parse: (text: string) => T | undefined): Kind<T> {
  return {
    form,
    read(text) {
      const value = parse(text);
      return value === undefined ? { ok: false, must: form } : { ok: true, value };
    },
  };
}

const [truths, falsehoods] = [
  ['1', 'on', 'true', 'yes', 'enabled'],
  ['0', 'off', 'false', 'no', 'disabled'],
];

/** Which of 32 bits are meant. `least`: how many there must be. */
export function mask(least: number): Kind<number> {
  return kindOf(`a mask of ${least} bits or more such as 0xff0000ff`, (given) => {
    if (!/^0x[0-9a-f]{1,8}$/i.test(given)) return undefined;
    const bits = Number(given);
    return bits.toString(2).replaceAll('0', '').length >= least ? bits : undefined;
  });
}

/** A switch, in each of the words that OpenWrt's own scripts take for one. */
export const flag: Kind<boolean> = kindOf('0 or 1', (text) =>
  truths.includes(text) ? true : falsehoods.includes(text) ? false : undefined,
);

/** One of some words; `words` says what each of them means. */
export function choice<W extends string>(words: Readonly<Record<W, string>>): Kind<W> {
  const isWord = (text: string): text is W => Object.hasOwn(words, text);
  const all = Object.keys(words);
  const form = `one of ${all.join(', ')}`;
  return {
    form,
    words,
    read(text) {
      if (isWord(text)) return { ok: true, value: text };
      const meant = nearest(text, all);
      return { ok: false, must: form, ...(meant !== undefined && { meant }) };
    },
  };
}

/** Text that matches a pattern, which `form` puts into words. */
export function text(pattern: RegExp, form: string): Kind<string> {
  return { ...kindOf(form, (given) => (pattern.test(given) ? given : undefined)), isPrivate: true };
}

/** A file or a folder. */
export const path = text(/^\/[^\0\n]{0,200}$/, 'an absolute path');

/** A whole number, bounds included. */
export function whole(least: number, most: number): Kind<number> {
  return bounded('a whole number', `from ${least} to ${most}`, (given) =>
    /^\d{1,15}$/.test(given) ? within(Number(given), least, most) : undefined,
  );
}

/** A port of UDP or TCP. */
export const port = whole(1, 65_535);

/** A span of time; the bounds, which are included, are written as an owner would write them. */
export function span(least: string, most: string): Kind<Millis> {
  const [from, to] = [bound(least), bound(most)];
  return bounded('a span of time', `from ${least} to ${most}`, (given) => {
    const ms = within(parseSpan(given), from, to);
    return ms === undefined ? undefined : millis(ms);
  });
}

/** The longest span that is taken for anything. */
export const longestSpan = '3650d';

/** An amount of data, of one byte or more. */
export const amount: Kind<Bytes> = kindOf('an amount of data such as 10 MB or 512 KiB', (given) => {
  const octets = within(parseBytes(given), 1, Number.MAX_SAFE_INTEGER);
  return octets === undefined ? undefined : bytes(octets);
});

/** A speed, in kbit/s. */
export const rate: Kind<number> = kindOf('a speed such as 2 Mbit, or 512 for 512 kbit/s', (given) =>
  within(parseRate(given), 1, 100_000_000),
);

/** A currency as a payment method takes it. */
export interface Currency {
  readonly code: string;
  /** Digits behind the point. */
  readonly decimals: number;
}

/** Most digits behind the point that a token has. */
const mostDecimals = 18;

/** A currency with its decimals. */
export const currency: Kind<Currency> = kindOf(
  "a currency with its decimals such as 'USD 2' or 'USDC 6'",
  (given) => {
    const [code = '', digits = '', ...rest] = given.trim().split(/\s+/);
    const decimals = /^\d{1,2}$/.test(digits) ? within(Number(digits), 0, mostDecimals) : undefined;
    return isCurrency(code) && decimals !== undefined && rest.length === 0 ? { code, decimals } : undefined;
  },
);

/** A value whose kind follows from another option of the section; the first kind, where that says nothing known. */
export function dependingOn<T>(option: string, kinds: Readonly<Record<string, Kind<T>>>): Kind<T> {
  const all = Object.entries(kinds);
  return {
    form: all.map(([word, { form }]) => `${form} (with ${option} ${word})`).join(', or '),
    read(given, other) {
      const [, kind] = all.find(([word]) => word === other(option)) ?? all[0]!;
      return kind.read(given, other);
    },
  };
}

function bounded<T>(form: string, bounds: string, parse: (text: string) => T | undefined): Kind<T> {
  return { ...kindOf(`${form} ${bounds}`, parse), bounds };
}

function within(n: number | undefined, least: number, most: number): number | undefined {
  return n !== undefined && n >= least && n <= most ? n : undefined;
}

function bound(written: string): number {
  const ms = parseSpan(written);
  if (ms === undefined) throw new TypeError(`${written} is no span of time`);
  return ms;
}

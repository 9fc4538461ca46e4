import { type Fault, nearest } from './fault.js';
import { parseBytes, parseRate, parseSpan } from './quantity.js';
import type { UciSection } from './uci.js';

/** Reads the options of one section and collects what is wrong with them. A faulty option reads as its default. */
export class SectionReader {
  readonly name: string;
  readonly #file: string;
  readonly #section: UciSection;
  readonly #faults: Fault[];
  readonly #asked = new Set<string>();

  constructor(file: string, section: UciSection, faults: Fault[]) {
    this.#file = file;
    this.#section = section;
    this.#faults = faults;
    this.name = section.name ?? '';
  }

  /** Reports a fault of the section, or of one of its options. */
  fault(code: Fault['code'], message: string, option?: string): void {
    const line = option === undefined ? this.#section.line : this.#lineOf(option);
    const { type, name } = this.#section;
    const section = name === undefined ? type : `${type} '${name}'`;
    this.#faults.push({
      file: this.#file,
      line,
      section,
      code,
      message,
      ...(option !== undefined && { option }),
    });
  }

  has(option: string): boolean {
    return this.#section.options.has(option) || this.#section.lists.has(option);
  }

  text(option: string): string | undefined {
    this.#asked.add(option);
    if (this.#section.lists.has(option)) this.fault('bad_value', 'is an option, not a list', option);
    return this.#section.options.get(option)?.value;
  }

  /** A list; an option of the same name is a list of one. */
  list(option: string): string[] {
    this.#asked.add(option);
    const single = this.#section.options.get(option);
    const many = this.#section.lists.get(option) ?? [];
    return [...(single ? [single] : []), ...many].map((v) => v.value);
  }

  flag(option: string, otherwise: boolean): boolean {
    const text = this.text(option);
    if (text === undefined) return otherwise;
    if (['1', 'on', 'true', 'yes', 'enabled'].includes(text)) return true;
    if (['0', 'off', 'false', 'no', 'disabled'].includes(text)) return false;
    this.fault('bad_value', 'must be 0 or 1', option);
    return otherwise;
  }

  choice<T extends string>(option: string, choices: readonly T[], otherwise: T | undefined): T | undefined {
    const text = this.text(option);
    if (text === undefined) return otherwise;
    if ((choices as readonly string[]).includes(text)) return text as T;
    const meant = nearest(text, choices);
    this.fault('bad_value', `must be one of ${choices.join(', ')}${hint(meant)}`, option);
    return otherwise;
  }

  /** Text that matches a form, which `says` puts into words. An empty option is none, as in libuci. */
  matching(option: string, form: RegExp, says: string): string | undefined {
    const text = this.text(option);
    if (text === undefined || text === '') return undefined;
    if (form.test(text)) return text;
    this.fault('bad_value', `must be ${says}`, option);
    return undefined;
  }

  whole(option: string, min: number, max: number): number | undefined {
    return this.#number(
      option,
      min,
      max,
      (t) => (/^\d{1,15}$/.test(t) ? Number(t) : undefined),
      'a whole number',
    );
  }

  bytes(option: string, min: number): number | undefined {
    const says = 'an amount of data such as 10 MB or 512 KiB';
    return this.#number(option, min, Number.MAX_SAFE_INTEGER, parseBytes, says);
  }

  /** Milliseconds. */
  span(option: string, min: number, max: number): number | undefined {
    return this.#number(option, min, max, parseSpan, 'a span of time such as 90s, 30min, 1h or 7d');
  }

  /** kbit/s */
  rate(option: string): number | undefined {
    return this.#number(option, 1, 100_000_000, parseRate, 'a speed such as 512 or 2 Mbit');
  }

  /** Reports that an option must be there. */
  demand(option: string): void {
    if (!this.has(option)) this.fault('missing', `${option} is missing`);
  }

  /** Reports every option that nobody asked for: a misspelt one must not be taken for a default. */
  finish(): void {
    for (const option of [...this.#section.options.keys(), ...this.#section.lists.keys()]) {
      if (this.#asked.has(option)) continue;
      this.fault('unknown_option', `is not known here${hint(nearest(option, this.#asked))}`, option);
    }
  }

  #number(
    option: string,
    min: number,
    max: number,
    parse: (text: string) => number | undefined,
    says: string,
  ): number | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value !== undefined && value >= min && value <= max) return value;
    const range = value === undefined ? '' : ', and in its bounds';
    this.fault('bad_value', `must be ${says}${range}, not '${text.slice(0, 40)}'`, option);
    return undefined;
  }

  #lineOf(option: string): number {
    const { options, lists, line } = this.#section;
    return options.get(option)?.line ?? lists.get(option)?.[0]?.line ?? line;
  }
}

function hint(meant: string | undefined): string {
  return meant === undefined ? '' : ` (did you mean '${meant}'?)`;
}

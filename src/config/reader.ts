import { type Fault, nearest } from './fault.js';
import type { Kind, Reading } from './kind.js';
import type { UciSection } from './uci.js';

/** Characters of a faulty text that are shown. */
const mostShown = 40;

/** Reads the options of one section and collects what is wrong with them. */
export class SectionReader {
  readonly name: string;
  readonly #file: string;
  readonly #section: UciSection;
  readonly #faults: Fault[];
  readonly #hidesTexts: boolean;
  readonly #asked = new Set<string>();

  /** @param hidesTexts no fault shows what stands in the file */
  constructor(file: string, section: UciSection, faults: Fault[], hidesTexts = false) {
    this.#file = file;
    this.#section = section;
    this.#faults = faults;
    this.#hidesTexts = hidesTexts;
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

  /** True when the option stands there, with a good value or a bad one. */
  has(option: string): boolean {
    return this.#texts(option).length > 0;
  }

  /** The value of an option; undefined when it is not there, or faulty. */
  value<T>(option: string, kind: Kind<T>): T | undefined {
    this.#asked.add(option);
    if (this.#section.lists.has(option)) this.fault('bad_value', 'is an option, not a list', option);
    const text = this.#section.options.get(option)?.value ?? '';
    if (text === '') return undefined;
    const reading = this.#read(text, kind);
    if (reading.ok) return reading.value;
    const shown = kind.words || this.#hides(kind) ? '' : `, not ${quoted(text)}`;
    this.fault('bad_value', `must be ${reading.must}${shown}${hint(reading.meant)}`, option);
    return undefined;
  }

  /** The good values of a list; an option of the same name is a list of one. */
  values<T>(option: string, kind: Kind<T>): T[] {
    this.#asked.add(option);
    return this.#texts(option).flatMap((text) => {
      const reading = this.#read(text, kind);
      if (reading.ok) return [reading.value];
      const subject = this.#hides(kind) ? 'an entry' : quoted(text);
      this.fault('bad_value', `${subject} is not ${reading.must}${hint(reading.meant)}`, option);
      return [];
    });
  }

  /** Reports an option that must not stand here. */
  refuse(option: string, message: string): void {
    if (!this.has(option)) return;
    this.#asked.add(option);
    this.fault('unknown_option', message, option);
  }

  /** Reports every option that nobody asked for: a misspelt one must not be taken for a default. */
  finish(): void {
    for (const option of [...this.#section.options.keys(), ...this.#section.lists.keys()]) {
      if (this.#asked.has(option)) continue;
      this.fault('unknown_option', `is not known here${hint(nearest(option, this.#asked))}`, option);
    }
  }

  #read<T>(text: string, kind: Kind<T>): Reading<T> {
    return kind.read(text, (option) => this.#section.options.get(option)?.value);
  }

  /** An empty text is none, as in libuci. */
  #texts(option: string): string[] {
    const single = this.#section.options.get(option);
    const many = this.#section.lists.get(option) ?? [];
    return [...(single ? [single] : []), ...many].map(({ value }) => value).filter((text) => text !== '');
  }

  #hides(kind: Kind<unknown>): boolean {
    return this.#hidesTexts || kind.isPrivate === true;
  }

  #lineOf(option: string): number {
    const { options, lists, line } = this.#section;
    return options.get(option)?.line ?? lists.get(option)?.[0]?.line ?? line;
  }
}

function quoted(text: string): string {
  return `'${text.slice(0, mostShown)}'`;
}

function hint(meant: string | undefined): string {
  return meant === undefined ? '' : ` (did you mean '${meant}'?)`;
}

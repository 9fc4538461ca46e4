import type { OwnSection } from '../ports/portal.js';
import type { Setting, Value } from './target.js';

/** What an option has in a section. */
export function optionOf(section: OwnSection, option: string): Value {
  return section.options.get(option)?.value ?? section.lists.get(option)?.map(({ value }) => value);
}

/** The entries of a list; an option of the same name is a list of one. */
export function listOf(section: OwnSection, option: string): readonly string[] {
  const value = optionOf(section, option);
  return typeof value === 'string' ? [value] : (value ?? []);
}

/** The section that `uci` knows by this name: that of a section, or `@TYPE[N]` for the N-th of a type. */
export function sectionAt(sections: readonly OwnSection[], name: string): OwnSection | undefined {
  const [, type, index] = /^@([A-Za-z0-9_-]+)\[(\d+)\]$/.exec(name) ?? [];
  if (type === undefined) return sections.find((one) => one.name === name);
  return sections.filter((one) => one.type === type)[Number(index)];
}

/** What is there of a setting: an option's value, or the type of a section. */
export function valueAt(
  sections: readonly OwnSection[],
  { section, option }: Pick<Setting, 'section' | 'option'>,
): Value {
  const found = sectionAt(sections, section);
  return found && (option === '' ? found.type : optionOf(found, option));
}

/** An option, or a section, as `uci` names it. */
export function nameOf({ file, section, option }: Pick<Setting, 'file' | 'section' | 'option'>): string {
  return option === '' ? `${file}.${section}` : `${file}.${section}.${option}`;
}

/** The two are the same, entry by entry; an empty list is none. */
export function isSame(a: Value, b: Value): boolean {
  const textOf = (value: Value) => JSON.stringify(value === undefined || value.length === 0 ? null : value);
  return textOf(a) === textOf(b);
}

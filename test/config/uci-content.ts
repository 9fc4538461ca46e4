// What a UCI file says, in a form in which two readers can be compared.
import type { UciFault, UciSection } from '../../src/config/uci.js';

export type Section = readonly [type: string, name: string | null, values: Record<string, string | string[]>];

export function contentOf(sections: readonly UciSection[]): Section[] {
  return sections.map(({ type, name, options, lists }) => [
    type,
    name ?? null,
    {
      ...Object.fromEntries([...options].map(([key, { value }]) => [key, value])),
      ...Object.fromEntries([...lists].map(([key, values]) => [key, values.map(({ value }) => value)])),
    },
  ]);
}

/** What is told here, and uci drops without a word. */
export function isStricter({ message }: UciFault): boolean {
  return /^a NUL|^(option|list) takes a name and a value$/.test(message);
}

/** What `uci export` prints of one file. */
export function exported(text: string): Section[] {
  const sections: Section[] = [];
  const line = /\s*(config|option|list) (\S+)(?: '((?:[^']|'\\'')*)')?\n/y;
  line.lastIndex = text.indexOf('\n');
  for (let found = line.exec(text); found; found = line.exec(text)) {
    const [, keyword, key, quoted] = found as unknown as [string, string, string, string | undefined];
    const value = plain(quoted);
    // A type stands in no quotes, and its own are escaped all the same.
    if (keyword === 'config') sections.push([plain(key)!, value ?? null, {}]);
    const values = sections.at(-1)![2];
    if (keyword === 'option') values[key] = value!;
    if (keyword === 'list') values[key] = [...(values[key] ?? []), value!];
  }
  return sections;
}

function plain(escaped: string | undefined): string | undefined {
  return escaped?.replaceAll(`'\\''`, "'");
}

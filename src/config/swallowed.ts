import type { UciFault, UciSection } from './uci.js';

/** A line that begins a statement, inside a value. */
const statement = /\n[ \t]*(config|option|list)[ \t]/;

/**
 * Values that have taken in the lines behind them: where a closing quote is missing, `uci` reads up to the next quote,
 * and options and sections are gone without a word.
 */
export function swallowedIn(sections: readonly UciSection[]): UciFault[] {
  return sections.flatMap((section) => {
    const values = [...section.options.values(), ...[...section.lists.values()].flat()];
    return values.flatMap(({ value, line }) => {
      const keyword = statement.exec(value)?.[1];
      if (keyword === undefined) return [];
      const message = `the quote that begins here goes on over a line that begins with '${keyword}': its end is missing`;
      return [{ line, message, section }];
    });
  });
}

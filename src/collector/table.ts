import type { Value } from './database.js';
import { printable } from './printable.js';

/** A table for people or for a file: the names of its columns, and its lines. */
export interface Table {
  readonly columns: readonly string[];
  readonly lines: readonly (readonly Value[])[];
}

/**
 * What spreadsheets begin a formula with, also after blanks and in the wide forms of East Asian keyboards (OWASP, "CSV
 * Injection").
 */
const formula = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;
const number = /^-?\d+(?:\.\d+)?$/;

/** Lines with columns side by side. */
export function* terminalTable({ columns, lines }: Table): Generator<string> {
  const shown = lines.map((line) => line.map((cell) => printable(String(cell))));
  const isNumber = columns.map((_, i) => shown.every((line) => /^\d+$/.test(line[i]!)));
  const widths = columns.map((name, i) =>
    shown.reduce((widest, line) => Math.max(widest, line[i]!.length), name.length),
  );
  const pad = (cell: string, i: number) => {
    return isNumber[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!);
  };
  for (const line of [columns, ...shown]) yield `${line.map(pad).join('  ').trimEnd()}\n`;
}

/** Lines of RFC 4180. What a spreadsheet would take for a formula stands behind an apostrophe. */
export function* csv({ columns, lines }: Table): Generator<string> {
  for (const line of [columns, ...lines]) yield `${line.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: Value): string {
  const text = String(value);
  const safe = formula.test(text) && !number.test(text) ? `'${text}` : text;
  const shown = printable(safe, /[\t\r\n]/);
  return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

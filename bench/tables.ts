import type { Line } from './line.js';

/** The table for people at a terminal. */
export function terminalTable(lines: readonly Line[]): string {
  const cells = lines.map((l) => [l.what, l.median, l.range, l.mark, word(l.met)]);
  const widths = [0, 1, 2, 3, 4].map((c) => Math.max(...cells.map((row) => row[c]!.length)));
  const pad = (text: string, c: number) =>
    c === 0 || c === 4 ? text.padEnd(widths[c]!) : text.padStart(widths[c]!);
  return cells.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

/** The table for the README. */
export function markdownTable(lines: readonly Line[]): string {
  const rows = lines.map((l) => `| ${l.what} | ${l.median} | ${l.range} | ${l.mark} | ${word(l.met)} |`);
  return ['| measured | median | from, to | mark | |', '|---|--:|--:|--:|---|', ...rows].join('\n');
}

function word(met: boolean | undefined): string {
  return met === undefined ? '' : met ? 'met' : 'missed';
}

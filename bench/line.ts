// One line of the benchmark's table, and how its figures are written.
import type { Spread } from './pairs.js';

/** One line of the table. */
export interface Line {
  readonly what: string;
  readonly median: string;
  readonly range: string;
  /** What it should be; empty where it is only told. */
  readonly mark: string;
  readonly met: boolean | undefined;
}

interface Mark {
  readonly limit: number;
  readonly least: boolean;
}

export const atLeast = (limit: number): Mark => ({ limit, least: true });
export const atMost = (limit: number): Mark => ({ limit, least: false });
export const flat = (value: number): Spread => ({ median: value, min: value, max: value });

export function line(what: string, spread: Spread, format: (n: number) => string, mark?: Mark): Line {
  const { median, min, max } = spread;
  return {
    what,
    median: format(median),
    range: min === max ? '' : `${format(min)} to ${format(max)}`,
    mark: mark ? `${mark.least ? 'at least' : 'at most'} ${format(mark.limit)}` : '',
    met: mark && (mark.least ? median >= mark.limit : median <= mark.limit),
  };
}

export const times = (n: number) => `${n < 100 ? n.toFixed(1) : group(n)}×`;
export const milliseconds = (n: number) => `${n < 100 ? n.toFixed(1) : group(n)} ms`;
export const percent = (n: number) => `${(n * 100).toFixed(2)}%`;
export const megabytes = (n: number) => `${n.toFixed(0)} MB`;
export const octets = (n: number) => `${n < 100 ? n.toFixed(1) : group(n)} bytes`;

/** A whole number with its thousands apart. */
export function group(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}

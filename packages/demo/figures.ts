import type { Tally } from '../simulators/customers.js';

/** How the demo stands. */
export interface Figures {
  /** Since its beginning. */
  readonly seconds: number;
  readonly sold: number;
  /** Sessions that have ended, by cause. */
  readonly closed: Readonly<Record<string, number>>;
  /** Bytes: the most that one session moved beyond what it had bought. */
  readonly overshoot: number;
  /** Milliseconds of the last poll; 0 before the first. */
  readonly pollMs: number;
}

/** @param polls how many ms each poll took */
export function figuresOf(seconds: number, tally: Tally, polls: readonly number[]): Figures {
  const { sold, closed, sessions } = tally;
  return {
    seconds,
    sold,
    closed,
    overshoot: most(sessions.map((s) => s.overshoot)),
    pollMs: polls.at(-1) ?? 0,
  };
}

/** What `--json` prints in the end. */
export function summaryOf(tally: Tally, polls: readonly number[]): object {
  const capped = tally.sessions.filter((s) => s.cause === 'data');
  const sorted = [...polls].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    sold: tally.sold,
    closed: tally.closed,
    overshoot_bytes_max: most(capped.map((s) => s.overshoot)),
    overshoot_ratio_max: round(most(capped.map((s) => s.overshoot / s.granted)), 5),
    poll_ms_p50: round(at(0.5), 2),
    poll_ms_p99: round(at(0.99), 2),
    rss_mb: round(process.memoryUsage().rss / 1e6, 1),
    errors: Object.values(tally.errors).reduce((a, b) => a + b, 0),
  };
}

function most(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), 0);
}

function round(n: number, digits: number): number {
  return Number(n.toFixed(digits));
}

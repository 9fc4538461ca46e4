import type { Row } from './sessions.js';

const barWidth = 20;
const heading = 'device             plan    state      used                  left      rate';

/** The table of sessions: a heading, at most `room` of them, and how many are left out. */
export function tableOf(rows: readonly Row[], running: number, room: number): string[] {
  const shown = rows.slice(0, room);
  const hidden = running - shown.length;
  return [heading, ...shown.map(line), ...(hidden > 0 ? [`... and ${hidden} more`] : [])];
}

function line({ mac, plan, state, used, remaining, rate }: Row): string {
  return [
    `${mac} `,
    plan.padEnd(7).slice(0, 7),
    state.padEnd(10),
    `${bar(used)} `,
    remaining.padEnd(9),
    `${(rate / 1e6).toFixed(1)} Mbit/s`,
  ].join(' ');
}

/** A usage bar: full blocks up to the share that was used. */
export function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * barWidth);
  return '█'.repeat(full) + '░'.repeat(barWidth - full);
}

/** Bytes as people write them, decimal units. */
export function formatBytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = n;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** How many ended, and why: `4 (data 3, time 1)`. */
export function closedText(closed: Readonly<Record<string, number>>): string {
  const causes = Object.entries(closed).map(([cause, n]) => `${cause} ${n}`);
  const total = Object.values(closed).reduce((a, b) => a + b, 0);
  return causes.length === 0 ? '0' : `${total} (${causes.join(', ')})`;
}

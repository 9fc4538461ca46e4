/** One line of the demo's table. */
export interface Row {
  readonly mac: string;
  readonly plan: string;
  readonly state: string;
  /** 0 to 1, of the cap that is nearest. */
  readonly used: number;
  readonly remaining: string;
  /** bit/s */
  readonly rate: number;
}

/** Figures above and below the table. */
export interface Totals {
  readonly seconds: number;
  readonly sold: number;
  readonly closed: Readonly<Record<string, number>>;
  readonly overshoot: number;
  readonly pollMs: number;
  readonly hint: string;
}

const barWidth = 24;
const home = '\x1b[H';
const clearLine = '\x1b[K';
const clearBelow = '\x1b[J';

/** Leaves the screen as a shell wants it: on a new line, with the cursor shown. */
export const endOfTable = '\x1b[?25h\n';
/** Makes room for the table: an empty screen without a cursor. */
export const startOfTable = '\x1b[?25l\x1b[2J';

/** The whole screen as one string, drawn over the one before, so that nothing flickers. */
export function drawTable(
  rows: readonly Row[],
  totals: Totals,
  size: { columns: number; rows: number },
): string {
  const room = Math.max(1, size.rows - 6);
  const shown = rows.slice(0, room);
  const hidden = rows.length - shown.length;
  const lines = [
    `turnpike demo  ${totals.seconds} s  sold ${totals.sold}  closed ${closedText(totals.closed)}  poll ${totals.pollMs.toFixed(1)} ms`,
    '',
    'client             plan      state      used                       remaining     rate',
    ...shown.map(line),
    hidden > 0 ? `... and ${hidden} more` : '',
    `largest overshoot ${formatBytes(totals.overshoot)}   ${totals.hint}`,
  ];
  const width = Math.max(20, size.columns);
  return home + lines.map((l) => l.slice(0, width) + clearLine).join('\n') + clearBelow;
}

function line(row: Row): string {
  return [
    row.mac,
    ' ',
    row.plan.padEnd(9).slice(0, 9),
    row.state.padEnd(10),
    `${bar(row.used)} `,
    row.remaining.padEnd(13),
    `${(row.rate / 1e6).toFixed(1)} Mbit/s`,
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

/** Causes and counts, `data 3, time 1`. */
export function closedText(closed: Readonly<Record<string, number>>): string {
  const parts = Object.entries(closed).map(([cause, n]) => `${cause} ${n}`);
  return parts.length === 0 ? '0' : parts.join(', ');
}

import { formatAmount, type Money, parseAmount } from '../domain/money.js';
import type { LotRow, RefundRow } from '../mqtt/message.js';
import type { Database, Query, Row, Value } from './database.js';

/** A table for people or for a file: the names of its columns, and its lines. */
export interface Table {
  readonly columns: readonly string[];
  readonly lines: readonly (readonly Value[])[];
}

const reports = { router: byRouter, session: bySession, day: byDay } as const;

/** What is in the database, a line for each router, session, or router and day. @throws what the database throws */
export function report(database: Database, by: keyof typeof reports): Promise<Table> {
  return database.transaction([], (query) => reports[by](query));
}

async function byRouter(query: Query): Promise<Table> {
  const sessions = await query(
    `SELECT router, count(*) AS n, sum(up) AS up, sum(down) AS down, sum(millis) AS millis FROM sessions
     GROUP BY router ORDER BY router`,
  );
  const missing = countsOf(
    await query(
      `SELECT router, count(*) AS n FROM messages m WHERE prev > 0 AND NOT EXISTS (
         SELECT 1 FROM messages b WHERE b.router = m.router AND b.topic = m.topic AND b.seq = m.prev)
       AND EXISTS (SELECT 1 FROM messages b WHERE b.router = m.router AND b.topic = m.topic AND b.seq < m.seq)
       GROUP BY router`,
    ),
  );
  const money = moneyOf(await query('SELECT router, lots, refunds FROM sessions WHERE lots IS NOT NULL'));
  return {
    columns: ['router', 'sessions', 'up_bytes', 'down_bytes', 'seconds', 'paid', 'refunded', 'gaps'],
    lines: sessions.map(({ router, n, up, down, millis }) => {
      const { paid, refunded } = money.get(router) ?? { paid: '', refunded: '' };
      const counts = [router!, n, up, down].map((one) => plain(one ?? 0));
      return [...counts, seconds(millis), paid, refunded, missing.get(router) ?? 0];
    }),
  };
}

async function bySession(query: Query): Promise<Table> {
  const rows = await query(
    `SELECT router, session, mac, person, plan, state, cause, opened, closed, up, down, millis FROM sessions
     ORDER BY router, session`,
  );
  return {
    columns: [
      ...['router', 'session', 'mac', 'user', 'plan', 'state', 'cause', 'opened', 'closed'],
      ...['up_bytes', 'down_bytes', 'seconds'],
    ],
    lines: rows.map((r) => [
      ...[r.router, r.session, r.mac, r.person, r.plan, r.state, r.cause].map((text) => text ?? ''),
      ...[time(r.opened), time(r.closed), plain(r.up ?? 0), plain(r.down ?? 0), seconds(r.millis)],
    ]),
  };
}

async function byDay(query: Query): Promise<Table> {
  const rows = await query(
    `SELECT router, day, count(*) AS n, sum(up) AS up, sum(down) AS down, sum(millis) AS millis FROM days
     GROUP BY router, day ORDER BY router, day`,
  );
  return {
    columns: ['router', 'day', 'sessions', 'up_bytes', 'down_bytes', 'seconds'],
    lines: rows.map((r) => [
      ...[r.router, r.day, r.n, r.up, r.down].map((one) => plain(one ?? 0)),
      seconds(r.millis),
    ]),
  };
}

/** Sums of money by router, `1.50 EUR 2.00 USD`. */
function moneyOf(rows: readonly Row[]): ReadonlyMap<Value | undefined, { paid: string; refunded: string }> {
  const sums = new Map<Value | undefined, { paid: Sums; refunded: Sums }>();
  for (const { router, lots, refunds } of rows) {
    const sum = sums.get(router) ?? { paid: new Map(), refunded: new Map() };
    sums.set(router, sum);
    for (const { paid, currency } of JSON.parse(String(lots)) as LotRow[]) add(sum.paid, paid, currency);
    for (const { amount, currency } of JSON.parse(String(refunds)) as RefundRow[])
      add(sum.refunded, amount, currency);
  }
  return new Map(
    [...sums].map(([router, { paid, refunded }]) => [router, { paid: text(paid), refunded: text(refunded) }]),
  );
}

type Sums = Map<string, Money>;

function add(sums: Sums, amount: string | null, currency: string | null): void {
  if (amount === null || currency === null) return;
  const decimals = Math.max(sums.get(currency)?.decimals ?? 0, amount.split('.')[1]?.length ?? 0);
  const more = parseAmount(amount, currency, decimals);
  if (!more) return;
  const before = sums.get(currency);
  const scale = 10n ** BigInt(decimals - (before?.decimals ?? decimals));
  sums.set(currency, { currency, decimals, amount: (before?.amount ?? 0n) * scale + more.amount });
}

function text(sums: Sums): string {
  return [...sums.values()].map((money) => `${formatAmount(money)} ${money.currency}`).join(' ');
}

function countsOf(rows: readonly Row[]): ReadonlyMap<Value | undefined, number> {
  return new Map(rows.map(({ router, n }) => [router, Number(n)]));
}

/** Sums come as numbers, as text or as bigints. */
function plain(value: Value): Value {
  return typeof value === 'string' || typeof value === 'number' ? value : String(value);
}

function seconds(millis: Value | undefined): number {
  return Math.floor(Number(millis ?? 0) / 1000);
}

function time(ms: Value | undefined): string {
  return ms === null || ms === undefined ? '' : new Date(Number(ms)).toISOString();
}

/** Lines with columns side by side. */
export function* terminalTable({ columns, lines }: Table): Generator<string> {
  const isNumber = columns.map((_, i) => lines.every((line) => /^\d+$/.test(String(line[i]))));
  const widths = columns.map((name, i) =>
    lines.reduce((widest, line) => Math.max(widest, String(line[i]).length), name.length),
  );
  const pad = (cell: Value, i: number) => {
    return isNumber[i] ? String(cell).padStart(widths[i]!) : String(cell).padEnd(widths[i]!);
  };
  for (const line of [columns, ...lines]) yield `${line.map(pad).join('  ').trimEnd()}\n`;
}

/** Lines of RFC 4180. What a spreadsheet would take for a formula stands behind an apostrophe. */
export function* csv({ columns, lines }: Table): Generator<string> {
  const cell = (value: Value) => {
    const shown = String(value).replace(/^(?=[=+@\t\r]|-(?!\d))/, "'");
    return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
  };
  for (const line of [columns, ...lines]) yield `${line.map(cell).join(',')}\r\n`;
}

import { formatAmount, type Money, parseAmount } from '../domain/money.js';
import type { LotRow, RefundRow } from '../mqtt/message.js';
import { isoTime } from './calendar.js';
import type { Database, Query, Row, Value } from './database.js';
import { catchUp } from './fold.js';
import { gapsOf } from './gaps.js';
import { type RouterPage, routerPages } from './pages.js';
import type { Table } from './table.js';

/** What the columns of each report are called. */
export const columns = {
  router: ['router', 'sessions', 'up_bytes', 'down_bytes', 'seconds', 'paid', 'refunded', 'gaps'],
  session: [
    ...['router', 'session', 'mac', 'user', 'plan', 'state', 'cause', 'opened', 'closed'],
    ...['up_bytes', 'down_bytes', 'seconds'],
  ],
  day: ['router', 'day', 'sessions', 'up_bytes', 'down_bytes', 'seconds'],
} as const;
/** What {@link sessionLine} reads. */
export const sessionFields =
  'router, session, mac, person, plan, state, cause, opened, closed, up, down, millis';
const reports = { router: byRouter, session: bySession, day: byDay } as const;
/** Sessions that one statement reads. */
const sessionsAtOnce = 5_000;

/** What is in the database, a line for each router, session, or router and day. @throws what the database throws */
export async function report(database: Database, by: keyof typeof reports): Promise<Table> {
  await catchUp(database, Date.now());
  return database.read((query) => reports[by](query));
}

/**
 * Sums of totals in halves of 30 bits: a sum may be larger than an integer of SQLite, and than what JavaScript counts
 * exactly.
 */
export const sums = ['up', 'down', 'millis']
  .flatMap((name) => [
    `CAST(sum(${name} / 1073741824) AS TEXT) AS ${name}_high`,
    `CAST(sum(${name} % 1073741824) AS TEXT) AS ${name}_low`,
  ])
  .join(', ');

async function byRouter(query: Query): Promise<Table> {
  const lines: Value[][] = [];
  for await (const page of routerPages(query, 'sessions')) lines.push(...(await routerLines(query, page)));
  return { columns: columns.router, lines };
}

/** Lines of a report by router. */
export async function routerLines(query: Query, page: RouterPage): Promise<Value[][]> {
  const some = [page.first, page.last];
  const sessions = await query(
    `SELECT router, count(*) AS n, ${sums} FROM sessions WHERE router >= $1 AND router <= $2
     GROUP BY router ORDER BY router`,
    some,
  );
  const gaps = await gapsOf(query, page);
  const money = moneyOf(
    await query(
      'SELECT router, lots, refunds FROM sessions WHERE router >= $1 AND router <= $2 AND lots IS NOT NULL',
      some,
    ),
  );
  return sessions.map((row) => {
    const { paid, refunded } = money.get(row.router) ?? { paid: '', refunded: '' };
    return [row.router!, Number(row.n), ...sumsIn(row), paid, refunded, gaps.get(row.router) ?? 0];
  });
}

async function bySession(query: Query): Promise<Table> {
  const lines: Value[][] = [];
  for (let from: readonly Value[] | undefined = ['', '']; from; ) {
    const rows: Row[] = await query(
      `SELECT ${sessionFields} FROM sessions
       WHERE (router, session) >= ($1, $2) ORDER BY router, session LIMIT ${sessionsAtOnce + 1}`,
      from,
    );
    const next = rows[sessionsAtOnce];
    lines.push(...rows.slice(0, sessionsAtOnce).map(sessionLine));
    from = next && [next.router!, next.session!];
  }
  return { columns: columns.session, lines };
}

/** A line of a report by session. */
export function sessionLine(r: Row): Value[] {
  return [
    ...[r.router, r.session, r.mac, r.person, r.plan, r.state, r.cause].map((text) => text ?? ''),
    ...[time(r.opened), time(r.closed), Number(r.up), Number(r.down), Math.floor(Number(r.millis) / 1000)],
  ];
}

async function byDay(query: Query): Promise<Table> {
  const lines: Value[][] = [];
  for await (const { first, last } of routerPages(query, 'sessions')) {
    const rows = await query(
      `SELECT router, day, count(*) AS n, ${sums} FROM days WHERE router >= $1 AND router <= $2
       GROUP BY router, day ORDER BY router, day`,
      [first, last],
    );
    lines.push(...rows.map(dayLine));
  }
  return { columns: columns.day, lines };
}

/** A line of a report by router and day, from a row with {@link sums}. */
export function dayLine(row: Row): Value[] {
  return [row.router!, row.day!, Number(row.n), ...sumsIn(row)];
}

/** Octets up and down, and whole seconds. */
function sumsIn(row: Row): Value[] {
  const [up, down, millis] = ['up', 'down', 'millis'].map((name) => {
    return (BigInt(row[`${name}_high`] ?? 0) << 30n) + BigInt(row[`${name}_low`] ?? 0);
  }) as [bigint, bigint, bigint];
  return [up, down, millis / 1000n].map(plain);
}

/** A number as long as it is exact, else its digits. */
function plain(count: bigint): Value {
  return count <= Number.MAX_SAFE_INTEGER ? Number(count) : String(count);
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

function time(ms: Value | undefined): string {
  return ms === null || ms === undefined ? '' : isoTime(Number(ms));
}

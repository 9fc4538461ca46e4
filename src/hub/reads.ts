import type { Query, Row, Value } from '../collector/database.js';
import { type RouterPage, routerPages } from '../collector/pages.js';
import { columns, dayLine, routerLines, sessionFields, sessionLine, sums } from '../collector/report.js';
import type { Table } from '../collector/table.js';
import { HubError } from './error.js';

/** Lines of an answer, and the place where the next one begins. */
export interface Page extends Table {
  readonly next: string | undefined;
}

/** Where an answer begins, and how long it may be. */
interface Span {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface RouterFilter extends Span {
  readonly online?: 'true' | 'false' | undefined;
}

export interface SessionFilter extends Span {
  readonly router?: string | undefined;
  readonly user?: string | undefined;
  readonly state?: 'running' | 'ended' | undefined;
}

export interface UsageFilter extends Span {
  readonly router?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface OrderFilter extends Span {
  readonly router?: string | undefined;
  readonly state?: string | undefined;
}

export const routerColumns = [...columns.router, 'online'] as const;
export const orderColumns = [
  ...['router', 'idempotency_key', 'command', 'state', 'error', 'made', 'valid_until'],
] as const;

export interface DeliveryFilter extends OrderFilter {
  readonly endpoint?: string | undefined;
}

export const deliveryColumns = [
  ...['endpoint', 'id', 'type', 'router', 'state', 'tries', 'error', 'made', 'due'],
] as const;

/** Routers that have reported sessions. @throws {@link HubError} for a cursor of somebody else's */
export async function routersOf(
  query: Query,
  { online: wanted, limit, cursor }: RouterFilter,
  online: ReadonlyMap<string, number>,
): Promise<Page> {
  const lines: Value[][] = [];
  const [from] = placeIn(cursor, 1);
  for await (const page of routerPages(query, 'sessions', from)) {
    const some = (await routerLines(query, page)).map((line) => [
      ...line,
      String(online.has(String(line[0]))),
    ]);
    lines.push(...some.filter((line) => wanted === undefined || line.at(-1) === wanted));
    if (lines.length > limit) break;
  }
  return pageOf(routerColumns, lines, limit, 1);
}

/** Sessions, as the collector knows them. */
export async function sessionsOf(query: Query, filter: SessionFilter): Promise<Page> {
  const { router, user, state, limit, cursor } = filter;
  const where = new Where('(router, session) >= ($1, $2)', placeIn(cursor, 2));
  where.is('router', router).is('person', user);
  if (state !== undefined) where.and(`closed IS ${state === 'running' ? '' : 'NOT '}NULL`);
  const rows = await query(
    `SELECT ${sessionFields} FROM sessions WHERE ${where.text} ORDER BY router, session LIMIT ${limit + 1}`,
    where.values,
  );
  return pageOf(columns.session, rows.map(sessionLine), limit, 2);
}

/** What was used on each day (UTC) at each router. */
export async function usageOf(query: Query, filter: UsageFilter): Promise<Page> {
  const { router, from, to, limit, cursor } = filter;
  const place = placeIn(cursor, 2);
  const lines: Value[][] = [];
  const read = async ({ first, last }: Pick<RouterPage, 'first' | 'last'>) => {
    const where = new Where('(router, day) >= ($1, $2) AND router >= $3 AND router <= $4', [
      ...place,
      first,
      last,
    ]);
    where.from('day', from).to('day', to);
    const rows = await query(
      `SELECT router, day, count(*) AS n, ${sums} FROM days WHERE ${where.text}
       GROUP BY router, day ORDER BY router, day LIMIT ${limit + 1}`,
      where.values,
    );
    lines.push(...rows.map(dayLine));
  };
  if (router !== undefined) await read({ first: router, last: router });
  else
    for await (const page of routerPages(query, 'sessions', place[0])) {
      await read(page);
      if (lines.length > limit) break;
    }
  return pageOf(columns.day, lines, limit, 2);
}

/** Orders that the hub gave, without what stands in them. */
export async function ordersOf(query: Query, { router, state, limit, cursor }: OrderFilter): Promise<Page> {
  const where = new Where('(router, idempotency_key) >= ($1, $2)', placeIn(cursor, 2));
  where.is('router', router).is('state', state);
  const rows = await query(
    `SELECT router, idempotency_key, command, state, error, made, valid_until FROM orders WHERE ${where.text}
     ORDER BY router, idempotency_key LIMIT ${limit + 1}`,
    where.values,
  );
  return pageOf(orderColumns, rows.map(orderLine), limit, 2);
}

/** Messages to endpoints, without what stands in them. */
export async function deliveriesOf(query: Query, filter: DeliveryFilter): Promise<Page> {
  const { endpoint, router, state, limit, cursor } = filter;
  const where = new Where('(endpoint, id) >= ($1, $2)', placeIn(cursor, 2));
  where.is('endpoint', endpoint).is('router', router).is('state', state);
  const rows = await query(
    `SELECT ${deliveryColumns} FROM deliveries WHERE ${where.text} ORDER BY endpoint, id LIMIT ${limit + 1}`,
    where.values,
  );
  const lines = rows.map(({ endpoint, id, type, router, state, tries, error, made, due }) => [
    ...[endpoint!, id!, type!, router!, state!, Number(tries), error ?? '', timeIn(made)],
    state === 'waiting' ? timeIn(due) : '',
  ]);
  return pageOf(deliveryColumns, lines, limit, 2);
}

function timeIn(ms: Value | undefined): string {
  return new Date(Number(ms)).toISOString();
}

function orderLine({
  router,
  idempotency_key: key,
  command,
  state,
  error,
  made,
  valid_until: until,
}: Row): Value[] {
  return [...[router!, key!, command!, state!], error ?? '', timeIn(made), timeIn(until)];
}

/** Conditions that are joined by AND, with their values. */
class Where {
  text: string;
  readonly values: Value[];

  constructor(text: string, values: readonly Value[]) {
    this.text = text;
    this.values = [...values];
  }

  and(condition: string): this {
    this.text += ` AND ${condition}`;
    return this;
  }

  is(column: string, value: string | undefined): this {
    return this.#compare(column, '=', value);
  }

  from(column: string, value: string | undefined): this {
    return this.#compare(column, '>=', value);
  }

  to(column: string, value: string | undefined): this {
    return this.#compare(column, '<=', value);
  }

  #compare(column: string, sign: string, value: string | undefined): this {
    if (value === undefined) return this;
    this.values.push(value);
    return this.and(`${column} ${sign} $${this.values.length}`);
  }
}

/** The first columns of a line are its place. */
function pageOf(names: readonly string[], lines: readonly Value[][], limit: number, width: number): Page {
  const after = lines[limit]?.slice(0, width).map(String);
  const next = after && Buffer.from(JSON.stringify(after)).toString('base64url');
  return { columns: names, lines: lines.slice(0, limit), next };
}

/** The names in a cursor; empty ones without a cursor, which come before all. @throws {@link HubError} */
function placeIn(cursor: string | undefined, width: number): string[] {
  if (cursor === undefined) return Array.from({ length: width }, () => '');
  try {
    const names: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(names) && names.length === width && names.every(isName)) return names;
  } catch {
    // Said below.
  }
  throw new HubError('bad_request', 'cursor is none of this hub’s');
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

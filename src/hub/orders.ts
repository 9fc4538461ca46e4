import { type Database, places, type Query, type Row } from '../collector/database.js';
import { refuse } from '../domain/refuse.js';
import type { Result } from '../ports/result.js';
import { deliveryTables } from './deliveries.js';
import { presenceTables } from './presence.js';

/**
 * The hub's tables, beside the collector's. Times are ms since 1970. An order is `waiting`, `sent` (the broker has it),
 * `done`, `refused` (the router said no; `error` is its code) or `expired`.
 */
const tables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS orders (
    router TEXT NOT NULL, idempotency_key TEXT NOT NULL, command TEXT NOT NULL, arguments TEXT NOT NULL,
    made BIGINT NOT NULL, valid_until BIGINT NOT NULL, state TEXT NOT NULL, error TEXT,
    PRIMARY KEY (router, idempotency_key))`,
  "CREATE INDEX IF NOT EXISTS orders_open ON orders (valid_until) WHERE state IN ('waiting', 'sent')",
  // Messages of hooks that were taken: one that comes again changes nothing.
  `CREATE TABLE IF NOT EXISTS hooked (
    hook TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, routers TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (hook, id))`,
  // Whoever logs out is looked for among those who are there, not among all who ever were.
  'CREATE INDEX IF NOT EXISTS sessions_running ON sessions (person) WHERE closed IS NULL AND person IS NOT NULL',
  ...deliveryTables,
  ...presenceTables,
];

/** Orders, messages and deliveries are forgotten so long after they were made, in ms: 90 days, as the collector's repeats. */
const rememberedMs = 90 * 86_400_000;
const isOpen = "state IN ('waiting', 'sent')";

/** What a router is told to do. */
export interface Order {
  readonly router: string;
  /** Repeats with the same key are the same order. */
  readonly key: string;
  /** The name of an order of MQTT. */
  readonly command: string;
  /** JSON. */
  readonly args: string;
  readonly made: number;
  readonly validUntil: number;
}

/** A message that says that somebody has logged out, elsewhere. */
export interface Logout {
  readonly hook: string;
  /** The message's own. */
  readonly id: string;
  /** Of its content. */
  readonly digest: string;
  readonly user: string;
  /** For the orders that it turns into. */
  readonly key: string;
  readonly at: number;
  readonly validUntil: number;
}

/** Makes the hub's tables where they are missing. @throws what the database throws */
export function makeTables(database: Database): Promise<void> {
  return database.transaction(['turnpike: tables of the hub'], async (query) => {
    for (const statement of tables) await query(statement);
  });
}

/** Writes an order down, once. @throws what the database throws */
export function place(database: Database, order: Order): Promise<Result<{ readonly state: string }>> {
  return database.transaction([order.router], async (query) => {
    await insert(query, [order]);
    const [row] = await query(
      'SELECT command, arguments, state FROM orders WHERE router = $1 AND idempotency_key = $2',
      [order.router, order.key],
    );
    if (row?.command !== order.command || row.arguments !== order.args)
      return refuse('key_conflict', 'this idempotency_key was used for another order to this router');
    return { ok: true, value: { state: String(row.state) } };
  });
}

/**
 * Writes a payment down, once. Sent again, one that was refused or came too late is tried again.
 * @throws what the database throws
 */
export function placePayment(database: Database, order: Order): Promise<void> {
  return database.transaction([order.router], async (query) => {
    await insert(query, [order]);
    await query(
      `UPDATE orders SET state = 'waiting', error = NULL, valid_until = $3
       WHERE router = $1 AND idempotency_key = $2 AND state IN ('refused', 'expired')`,
      [order.router, order.key, order.validUntil],
    );
  });
}

/**
 * Orders every router where a user has a session to end it, once for each message. @returns the routers
 * @throws what the database throws
 */
export function logOut(database: Database, logout: Logout): Promise<Result<readonly string[]>> {
  const { hook, id, digest, user, key, at: made, validUntil } = logout;
  return database.transaction([`turnpike: hook ${hook} ${id}`], async (query) => {
    const [before] = await query('SELECT digest, routers FROM hooked WHERE hook = $1 AND id = $2', [
      hook,
      id,
    ]);
    if (before && before.digest !== digest)
      return refuse('key_conflict', 'a message with this webhook-id and another content was taken before');
    if (before) return { ok: true, value: JSON.parse(String(before.routers)) as string[] };
    const rows = await query(
      'SELECT DISTINCT router FROM sessions WHERE person = $1 AND closed IS NULL ORDER BY router',
      [user],
    );
    const routers = rows.map(({ router }) => String(router));
    const args = JSON.stringify({ user });
    const orders = routers.map((router) => {
      return { router, key, command: 'logout_user', args, made, validUntil };
    });
    await insert(query, orders);
    await query(`INSERT INTO hooked (hook, id, digest, routers, at) VALUES ${places(1, 5)}`, [
      ...[hook, id, digest, JSON.stringify(routers), made],
    ]);
    return { ok: true, value: routers };
  });
}

async function insert(query: Query, orders: readonly Order[]): Promise<void> {
  for (const { router, key, command, args, made, validUntil } of orders)
    await query(
      `INSERT INTO orders (router, idempotency_key, command, arguments, made, valid_until, state)
       VALUES ${places(1, 7)} ON CONFLICT DO NOTHING`,
      [router, key, command, args, made, validUntil, 'waiting'],
    );
}

/**
 * Orders that are still to be carried out, and those whose time has just passed: they expire.
 * @throws what the database throws
 */
export function openOrders(
  database: Database,
  now: number,
): Promise<{ readonly open: readonly Order[]; readonly expired: readonly Order[] }> {
  return database.transaction([], async (query) => {
    const late = await query(
      `UPDATE orders SET state = 'expired' WHERE ${isOpen} AND valid_until <= $1 RETURNING *`,
      [now],
    );
    const rows = await query(
      `SELECT router, idempotency_key, command, arguments, made, valid_until FROM orders WHERE ${isOpen}
       ORDER BY made, router, idempotency_key`,
    );
    return { open: rows.map(orderIn), expired: late.map(orderIn) };
  });
}

function orderIn(row: Row): Order {
  return {
    ...{ router: String(row.router), key: String(row.idempotency_key), command: String(row.command) },
    ...{ args: String(row.arguments), made: Number(row.made), validUntil: Number(row.valid_until) },
  };
}

/**
 * Writes down what became of an order that is open. @returns the order; undefined where none was open
 * @throws what the database throws
 */
export function mark(
  database: Database,
  { router, key }: Pick<Order, 'router' | 'key'>,
  state: 'sent' | 'done' | 'refused',
  error: string | null = null,
): Promise<Order | undefined> {
  return database.transaction([], async (query) => {
    const [row] = await query(
      `UPDATE orders SET state = $3, error = $4 WHERE router = $1 AND idempotency_key = $2 AND ${isOpen} RETURNING *`,
      [router, key, state, error],
    );
    return row && orderIn(row);
  });
}

/** Forgets orders and messages of long ago. @throws what the database throws */
export function forgetOrders(database: Database, now: number): Promise<void> {
  const before = [now - rememberedMs];
  return database.transaction([], async (query) => {
    await query('DELETE FROM orders WHERE valid_until < $1', before);
    await query('DELETE FROM hooked WHERE at < $1', before);
    await query("DELETE FROM deliveries WHERE made < $1 AND state <> 'waiting'", before);
  });
}

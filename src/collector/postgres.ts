import {
  type Database,
  loadDriver,
  NoDatabaseError,
  type OpenOptions,
  type Query,
  type Row,
  tables,
  type Value,
} from './database.js';
import { makeDays, makeFleetTables, makeRoom, renewDays, upkeepLock } from './partitions.js';

/** How long the upkeep waits for whoever reads a table, in ms: whoever comes next waits behind it. */
const patienceMs = 5_000;
const isCollected = "SELECT 1 WHERE to_regclass('sessions') IS NOT NULL";
/** Statements that see the same state of the database, and lock nothing. */
const snapshot = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY';
const lock = 'SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name';

/**
 * Opens a PostgreSQL database by its URL.
 * @throws {@link NoDatabaseError}, or what its driver does when there is none, or it refuses
 */
export async function openPostgres(url: string, { make = true }: OpenOptions = {}): Promise<Database> {
  const { Pool } = loadDriver<typeof import('pg')>('pg');
  const pool = new Pool({ connectionString: url, max: 4 });
  // A connection at rest that ends is no news: the next statement opens another.
  pool.on('error', () => {});
  // The end of one in use is told by the statement that is under way, or by the next one. Without a listener the error
  // would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  const run = async <T>(begin: string, names: readonly string[], work: (query: Query) => Promise<T>) => {
    const client = await pool.connect();
    let broken: Error | undefined;
    const ask = async (sql: string, parameters: readonly Value[] = []) => {
      const { rows } = await client.query(sql, parameters);
      return rows.map(withNumbers);
    };
    const query: Query = Object.assign(ask, { isPostgres: true });
    try {
      await client.query(begin);
      // Lock the routers in one order, so that no two collectors wait for each other.
      if (names.length > 0) await client.query(lock, [[...new Set(names)].sort()]);
      const result = await work(query);
      await client.query('COMMIT');
      return result;
    } catch (cause) {
      broken = cause as Error;
      throw cause;
    } finally {
      // After a failure the connection is closed, not kept: it may still be inside the transaction.
      client.release(broken);
    }
  };
  const transaction: Database['transaction'] = (names, work) => run('BEGIN', names, work);
  const read: Database['read'] = (work) => run(snapshot, [], work);
  try {
    // Alone: of two collectors that make the same table at once, one would fail.
    await transaction([upkeepLock], async (query) => {
      if (make) {
        await makeFleetTables(query, Date.now());
        for (const statement of tables) await query(statement);
        await makeRoom(query);
      } else if ((await query(isCollected)).length === 0) throw new NoDatabaseError(nameOf(url));
    });
    if (make) await makeDays((work) => transaction([upkeepLock], work), Date.now());
  } catch (cause) {
    await pool.end();
    throw cause;
  }
  const patiently = <T>(work: (query: Query) => Promise<T>) =>
    transaction([upkeepLock], async (query) => {
      await query(`SET LOCAL lock_timeout = ${patienceMs}`);
      return work(query);
    });
  const renew: Database['renew'] = (now, before) => renewDays(patiently, now, before);
  return { name: nameOf(url), appends: true, transaction, read, renew, close: () => pool.end() };
}

/** PostgreSQL's bigints come as text. */
function withNumbers(row: Readonly<Record<string, unknown>>): Row {
  const entries = Object.entries(row).map(([name, value]) => {
    return [name, typeof value === 'string' && counts.has(name) ? Number(value) : value];
  });
  return Object.fromEntries(entries) as Row;
}

const counts = new Set(['up', 'down', 'millis', 'seq', 'prev', 'at', 'opened', 'closed', 'n']);

function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `PostgreSQL ${host}${pathname}`;
}

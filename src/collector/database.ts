import { createRequire } from 'node:module';

/** A value of a column, in or out. Counts are below 2^53. */
export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** Octets, or with PostgreSQL a whole column, as a parameter: few statements have any, and reports read none. */
export function given(special: Uint8Array | readonly Value[]): Value {
  return special as unknown as Value;
}

/** Runs one statement; its parameters are `$1`, `$2` ... */
export interface Query {
  (sql: string, parameters?: readonly Value[]): Promise<Row[]>;
  /** There for PostgreSQL, which takes columns as arrays, and has locks that {@link Database.transaction} does not take. */
  readonly isPostgres?: boolean;
}

/** Where the collector keeps what it hears. */
export interface Database {
  /** Its kind and place, without a password: for people. */
  readonly name: string;
  /** Whether messages are appended first and folded into totals later: see `append.ts`. @default false */
  readonly appends?: boolean;
  /**
   * Runs `work` in one transaction. Other collectors cannot touch the rows of these routers until it ends.
   * @throws what `work` or the database throws; then nothing was written
   */
  transaction<T>(routers: readonly string[], work: (query: Query) => Promise<T>): Promise<T>;
  /**
   * Runs `work`, which only reads. It keeps nobody from writing for longer than one of its statements takes.
   * @throws what `work` or the database throws
   */
  read<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /**
   * Makes room for the days to come, and drops those whose messages came before `before`, where days are partitions.
   * @throws what the database throws
   */
  renew?(now: number, before: number): Promise<void>;
  close(): Promise<void>;
}

/** How a database is opened. */
export interface OpenOptions {
  /** Whether the tables are made where they are missing: a collector does, a report does not. @default true */
  readonly make?: boolean;
}

/** Thrown when a report is asked for and there is no collector's database at the place. */
export class NoDatabaseError extends Error {
  override readonly name = 'NoDatabaseError';
  readonly code = 'no_database';

  constructor(place: string) {
    super(`no collector has written a database at ${place}; --database names another`);
  }
}

/**
 * Loads the driver of a database with `require`: the bundle leaves drivers out, for a router needs none.
 * @throws when it is not installed
 */
export function loadDriver<Driver>(name: string): Driver {
  try {
    return createRequire(import.meta.url)(name) as Driver;
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw cause;
    throw new Error(`the driver ${name} is not installed; npm install ${name}`, { cause });
  }
}

/** The tables. Octets and milliseconds are whole numbers, times ms since 1970, days UTC. */
export const tables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS messages (
    router TEXT NOT NULL, topic TEXT NOT NULL, boot TEXT NOT NULL, seq BIGINT NOT NULL, prev BIGINT NOT NULL,
    at BIGINT NOT NULL, PRIMARY KEY (router, topic, boot, seq))`,
  `CREATE TABLE IF NOT EXISTS sessions (
    router TEXT NOT NULL, session TEXT NOT NULL, up BIGINT NOT NULL, down BIGINT NOT NULL, millis BIGINT NOT NULL,
    mac TEXT, gateway TEXT, person TEXT, plan TEXT, state TEXT, cause TEXT, opened BIGINT, closed BIGINT,
    lots TEXT, refunds TEXT, PRIMARY KEY (router, session))`,
  `CREATE TABLE IF NOT EXISTS days (
    router TEXT NOT NULL, session TEXT NOT NULL, day TEXT NOT NULL, up BIGINT NOT NULL, down BIGINT NOT NULL,
    millis BIGINT NOT NULL, PRIMARY KEY (router, session, day))`,
  // The message that described a running session last.
  `CREATE TABLE IF NOT EXISTS told (
    router TEXT NOT NULL, session TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (router, session))`,
  `CREATE TABLE IF NOT EXISTS unread (topic TEXT NOT NULL, payload TEXT NOT NULL, reason TEXT NOT NULL,
    at BIGINT NOT NULL)`,
];

/** Rows in one statement, and with PostgreSQL, whose statements do not grow with their rows. */
const [rowsAtOnce, arraysAtOnce] = [400, 5_000];

/**
 * Runs a statement for rows of any number, some at a time. `sql` puts them where a `VALUES` may stand; `types` are
 * those of the columns. @returns the rows of all statements
 */
export async function bulk(
  query: Query,
  types: readonly ('text' | 'bigint')[],
  rows: readonly (readonly Value[])[],
  sql: (rows: string) => string,
): Promise<Row[]> {
  const found: Row[] = [];
  const unnest = `SELECT * FROM unnest(${types.map((type, i) => `$${i + 1}::${type}[]`).join(', ')})`;
  for (const some of parts(rows, query.isPostgres ? arraysAtOnce : rowsAtOnce)) {
    const more = query.isPostgres
      ? await query(
          sql(unnest),
          types.map((_, i) => given(some.map((row) => row[i]!))),
        )
      : await query(sql(`VALUES ${places(some.length, types.length)}`), some.flat());
    for (const row of more) found.push(row);
  }
  return found;
}

/** `($1, $2), ($3, $4)`: places for `rows` rows of `width` values. */
export function places(rows: number, width: number): string {
  const row = (n: number) => Array.from({ length: width }, (_, i) => `$${n * width + i + 1}`).join(', ');
  return Array.from({ length: rows }, (_, n) => `(${row(n)})`).join(', ');
}

/** Parts of a list, for statements that do not grow without end. */
export function* parts<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < list.length; i += size) yield list.slice(i, i + size);
}

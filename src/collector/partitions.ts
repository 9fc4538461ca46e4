import { shards } from './append.js';
import type { Database, Query } from './database.js';

const day = 86_400_000;
/** Partitions are made so many days ahead, in case nobody can make any for a while. */
const daysAhead = 7;
/** Appended messages are kept so long after they came, if they are folded, in ms: today's and yesterday's. */
const appendedMs = day;

/** Lock by name, see {@link Database.transaction}: whoever makes, fills or drops tables. */
export const upkeepLock = 'turnpike: tables';

/** Runs a step of the upkeep in a transaction of its own, with the {@link upkeepLock}. */
type Step = <T>(work: (query: Query) => Promise<T>) => Promise<T>;

/** Both are partitioned by their column `at`, in days (UTC); what lies outside all partitions is in `<table>_other`. */
type Table = 'messages' | 'heard';
const partitioned: readonly Table[] = ['messages', 'heard'];

/**
 * The tables that are a fleet's alone. `heard`: messages as they came, numbered. `folded`: how far each part of the
 * routers has come. Payloads stay where they are, and are not packed again: they are read once.
 */
const tables: readonly string[] = [
  // The time of a message is its own, the same in each repeat: with it, too, a repeat is one.
  `CREATE TABLE IF NOT EXISTS messages (
    router TEXT NOT NULL, topic TEXT NOT NULL, boot TEXT NOT NULL, seq BIGINT NOT NULL, prev BIGINT NOT NULL,
    at BIGINT NOT NULL, UNIQUE (router, topic, boot, seq, at)) PARTITION BY RANGE (at)`,
  'CREATE SEQUENCE IF NOT EXISTS heard_id',
  `CREATE TABLE IF NOT EXISTS heard (
    id BIGINT NOT NULL DEFAULT nextval('heard_id'), shard SMALLINT NOT NULL, at BIGINT NOT NULL, topic TEXT NOT NULL,
    payload BYTEA NOT NULL) PARTITION BY RANGE (at)`,
  'CREATE INDEX IF NOT EXISTS heard_order ON heard (shard, id)',
  'ALTER TABLE heard ALTER COLUMN payload SET STORAGE EXTERNAL',
  'CREATE TABLE IF NOT EXISTS folded (shard SMALLINT PRIMARY KEY, id BIGINT NOT NULL, at BIGINT NOT NULL)',
  'CREATE TABLE IF NOT EXISTS messages_other PARTITION OF messages DEFAULT',
  'CREATE TABLE IF NOT EXISTS heard_other PARTITION OF heard DEFAULT',
];

/**
 * Makes the tables of a fleet where they are missing. A table `messages` without partitions, of an earlier
 * collector, becomes the one of all days up to today, and goes as a whole when the last of them is forgotten.
 * @param now ms since 1970
 * @throws what the database throws
 */
export async function makeFleetTables(query: Query, now: number): Promise<void> {
  const [old] = await query("SELECT 1 FROM pg_class WHERE oid = to_regclass('messages') AND relkind = 'r'");
  const before = startOf(now) + day;
  if (old) {
    await query(`ALTER TABLE messages RENAME TO messages_before_${nameOf(before)}`);
    await query(`ALTER TABLE messages_before_${nameOf(before)} DROP CONSTRAINT IF EXISTS messages_pkey`);
  }
  const [made] = await query("SELECT 1 WHERE to_regclass('heard') IS NOT NULL");
  // Only whoever owns a table may say again what it is like.
  if (!made) for (const statement of tables) await query(statement);
  if (old) {
    const name = `messages_before_${nameOf(before)}`;
    await query(
      `WITH moved AS (DELETE FROM ${name} WHERE at >= ${before} RETURNING router, topic, boot, seq, prev, at)
       INSERT INTO messages_other (router, topic, boot, seq, prev, at) SELECT * FROM moved`,
    );
    await query(`ALTER TABLE messages ATTACH PARTITION ${name} FOR VALUES FROM (MINVALUE) TO (${before})`);
  }
}

/**
 * Leaves room in the pages of totals: rows that are written again and again stay in theirs, and no index is touched.
 * @throws what the database throws
 */
export async function makeRoom(query: Query): Promise<void> {
  for (const table of ['sessions', 'days', 'folded']) {
    const bare = 'SELECT 1 FROM pg_class WHERE oid = to_regclass($1) AND reloptions IS NULL';
    const [row] = await query(bare, [table]);
    if (row) await query(`ALTER TABLE ${table} SET (fillfactor = 70)`);
  }
}

/**
 * Makes the partitions of the days to come.
 *
 * Each step of the upkeep is a transaction, which locks one table, then its partitions, and waits for nothing else.
 * With the locks of one table it must not wait for those of another: whoever folds holds some of both.
 * @param now ms since 1970
 * @throws what the database throws
 */
export async function makeDays(step: Step, now: number): Promise<void> {
  for (const table of partitioned) {
    const missing = await step((query) => daysWithout(query, table, now));
    if (missing.length === 0) continue;
    await step(async (query) => {
      await query(`LOCK TABLE ONLY ${table} IN SHARE UPDATE EXCLUSIVE MODE`);
      // Before a row of it is touched: whoever waits for such a row would be waited for here.
      await query(`LOCK TABLE ${table}_other IN ACCESS EXCLUSIVE MODE`);
      for (const start of await daysWithout(query, table, now)) await makeDay(query, table, start);
    });
  }
}

/**
 * Makes the partitions of the days to come, and drops those whose time has passed: of `heard` only what is folded.
 * @param before the numbers of messages before this time are forgotten
 * @throws what the database throws
 */
export async function renewDays(step: Step, now: number, before: number): Promise<void> {
  await makeDays(step, now);
  const kept = { messages: before, heard: startOf(now) - appendedMs };
  for (const table of partitioned) {
    const all = await step((query) => partitionsOf(query, table));
    for (const { name, end } of all) if (end <= kept[table]) await step((query) => drop(query, table, name));
  }
  await step(async (query) => {
    if (await isFolded(query, 'heard_other'))
      await query('DELETE FROM heard_other WHERE at < $1', [kept.heard]);
  });
}

/** Drops a partition that nobody else has dropped: of `heard` only if all that is in it is folded. */
async function drop(query: Query, table: Table, name: string): Promise<void> {
  // Before its partition is read: whoever reads or writes that has locked the table before.
  await query(`LOCK TABLE ONLY ${table} IN ACCESS EXCLUSIVE MODE`);
  const [there] = await query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [name]);
  if (!there) return;
  if (table === 'messages' || (await isFolded(query, name))) await query(`DROP TABLE ${name}`);
}

/** The days to come, and yesterday, that have no partition: ms since 1970. */
async function daysWithout(query: Query, table: Table, now: number): Promise<number[]> {
  const partitions = await partitionsOf(query, table);
  const there = new Set(partitions.map(({ end }) => end));
  const covered = partitions.find(({ isOld }) => isOld)?.end ?? 0;
  const days = Array.from({ length: daysAhead + 2 }, (_, i) => startOf(now) + (i - 1) * day);
  return days.filter((start) => start >= covered && !there.has(start + day));
}

/** A partition that takes what the other one had for its day. */
async function makeDay(query: Query, table: Table, start: number): Promise<void> {
  const name = `${table}_${nameOf(start)}`;
  // A tuple of half a page stays in its page.
  const storage = table === 'heard' ? ' WITH (toast_tuple_target = 4096)' : '';
  const like = `(LIKE ${table} INCLUDING DEFAULTS INCLUDING STORAGE)`;
  await query(`CREATE TABLE ${name} ${like}${storage}`);
  const range = `at >= ${start} AND at < ${start + day}`;
  await query(
    `WITH moved AS (DELETE FROM ${table}_other WHERE ${range} RETURNING *) INSERT INTO ${name} SELECT * FROM moved`,
  );
  await query(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM (${start}) TO (${start + day})`);
}

interface Partition {
  readonly name: string;
  /** The moment after its last one, in ms since 1970. */
  readonly end: number;
  /** Whether it is the table of an earlier version. */
  readonly isOld: boolean;
}

/** All partitions but the one for what lies outside. */
async function partitionsOf(query: Query, table: Table): Promise<Partition[]> {
  const rows = await query(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = to_regclass($1)`,
    [table],
  );
  return rows.flatMap(({ name }) => {
    const [, old, year, month, date] = /_(before_)?(\d{4})(\d\d)(\d\d)$/.exec(String(name)) ?? [];
    if (year === undefined) return [];
    const start = Date.UTC(Number(year), Number(month) - 1, Number(date));
    return [{ name: String(name), end: old ? start : start + day, isOld: old !== undefined }];
  });
}

/** Whether all that is in a partition of `heard` is in the totals. */
async function isFolded(query: Query, name: string): Promise<boolean> {
  const rows = await query(
    `SELECT 1 FROM generate_series(0, ${shards - 1}) AS part LEFT JOIN folded ON folded.shard = part
     WHERE (SELECT max(id) FROM ${name} WHERE shard = part) > coalesce(folded.id, 0) LIMIT 1`,
  );
  return rows.length === 0;
}

function startOf(now: number): number {
  return now - (now % day);
}

function nameOf(start: number): string {
  return new Date(start).toISOString().slice(0, 10).replaceAll('-', '');
}

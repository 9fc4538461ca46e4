import { accessSync, constants, existsSync, rmdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database as SqliteFile } from 'node-sqlite3-wasm';
import {
  type Database,
  loadDriver,
  NoDatabaseError,
  type OpenOptions,
  type Query,
  type Row,
  tables,
} from './database.js';
import { FileMutex } from './file-mutex.js';

/**
 * 64 MiB of cache hold the tables of a fleet. Collectors wait for each other at the mutex, not for SQLite's own lock.
 */
const settings = ['PRAGMA cache_size = -65536', 'PRAGMA busy_timeout = 5000'];
const isCollected = "SELECT 1 FROM sqlite_schema WHERE name = 'sessions'";
/**
 * A lock older than this, in ms, was left by a process that has ended, for no transaction lasts as long; how often to
 * look.
 */
const [staleMs, lookMs] = [10_000, 100];

/**
 * Opens a SQLite file. Several collectors of one machine may share it.
 * @throws {@link NoDatabaseError}, what the operating system says of the file or its folder, or what SQLite does
 */
export async function openSqlite(path: string, { make = true }: OpenOptions = {}): Promise<Database> {
  const sqlite = loadDriver<typeof import('node-sqlite3-wasm')>('node-sqlite3-wasm');
  const file = resolve(path);
  if (!make && !existsSync(file)) throw new NoDatabaseError(path);
  // SQLite's own error does not say why the file cannot be opened.
  accessSync(existsSync(file) ? file : dirname(file), constants.R_OK | constants.W_OK);
  const mutex = new FileMutex(file);
  const { database, query } = await mutex.run(async () => {
    await freeOfTheDead(file);
    const opened = new sqlite.Database(file);
    const query = queryOf(opened);
    for (const statement of settings) opened.exec(statement);
    if (make) for (const statement of tables) opened.exec(statement);
    else if ((await query(isCollected)).length === 0) {
      opened.close();
      throw new NoDatabaseError(path);
    }
    return { database: opened, query };
  });
  return {
    name: `SQLite ${path}`,
    transaction: (_routers, work) =>
      mutex.run(async () => {
        await freeOfTheDead(file);
        database.exec('BEGIN IMMEDIATE');
        try {
          const result = await work(query);
          database.exec('COMMIT');
          return result;
        } catch (cause) {
          if (database.inTransaction) database.exec('ROLLBACK');
          throw cause;
        }
      }),
    read: (work) =>
      // A transaction would keep writers out until its end: each statement is one by itself.
      work((sql, parameters) =>
        mutex.run(async () => {
          await freeOfTheDead(file);
          return query(sql, parameters);
        }),
      ),
    close: () =>
      mutex.run(async () => {
        database.close();
      }),
  };
}

function queryOf(database: SqliteFile): Query {
  return async (sql, parameters = []) => {
    // SQLite takes `$1` for a name, `?1` for a number.
    const rows = database.all(sql.replace(/\$(\d+)/g, '?$1'), [...parameters]);
    return rows as Row[];
  };
}

/**
 * Waits for SQLite's lock, and removes it when it is old. This build of SQLite locks with a directory beside the file,
 * which remains when a process is killed. The holder of the mutex is alone with the file, unless containers share it.
 */
async function freeOfTheDead(file: string): Promise<void> {
  const lock = `${file}.lock`;
  for (; existsSync(lock); await pause(lookMs)) {
    const { mtimeMs } = statSync(lock, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > staleMs) rmdirSync(lock);
  }
}

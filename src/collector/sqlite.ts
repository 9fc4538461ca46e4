import { existsSync, rmdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database as SqliteFile } from 'node-sqlite3-wasm';
import { type Database, type Query, type Row, tables } from './database.js';
import { FileMutex } from './file-mutex.js';

// CommonJS whose exports Node does not see.
const sqlite = createRequire(import.meta.url)('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm');

/** The tables of a fleet in memory, 64 MiB of them; who has to wait does so in front of the mutex, not in here. */
const settings = ['PRAGMA cache_size = -65536', 'PRAGMA busy_timeout = 5000'];
/** A transaction never lasts this long: what lock is older was left by a process that is gone. */
const [staleMs, lookMs] = [10_000, 100];

/**
 * Opens a SQLite file, and makes it when it is not there. Several collectors of one machine may share it.
 * @throws when it cannot be opened, or is no such file
 */
export async function openSqlite(path: string): Promise<Database> {
  const file = resolve(path);
  const mutex = new FileMutex(file);
  const { database, query } = await mutex.run(async () => {
    await freeOfTheDead(file);
    const opened = new sqlite.Database(file);
    for (const statement of [...settings, ...tables]) opened.exec(statement);
    return { database: opened, query: queryOf(opened) };
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
    close: () =>
      mutex.run(async () => {
        database.close();
      }),
  };
}

function queryOf(database: SqliteFile): Query {
  return async (sql, parameters = []) => {
    // `$1` would be a name.
    const rows = database.all(sql.replace(/\$(\d+)/g, '?$1'), [...parameters]);
    return rows as Row[];
  };
}

/**
 * The build of SQLite locks with a directory beside the file, which outlives a process that is killed. Whoever has the
 * mutex is alone with the file, unless it is shared between containers: so a lock is waited for, and removed when it is
 * old.
 */
async function freeOfTheDead(file: string): Promise<void> {
  const lock = `${file}.lock`;
  for (; existsSync(lock); await pause(lookMs)) {
    const { mtimeMs } = statSync(lock, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > staleMs) rmdirSync(lock);
  }
}

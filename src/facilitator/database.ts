import { rmSync } from 'node:fs';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { nodeDisk } from '../store/disk.js';
import { Lock } from '../store/lock.js';

/** One step from each version to the next; never changed once it is released. */
const migrations = [
  `CREATE TABLE operations (
     id TEXT PRIMARY KEY,
     kind TEXT NOT NULL,
     network TEXT NOT NULL,
     session_id TEXT NOT NULL,
     request TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('open', 'done', 'refused')),
     result TEXT,
     created_at INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX operations_open ON operations (state) WHERE state = 'open';
   CREATE INDEX operations_of_session ON operations (network, session_id);
   CREATE TABLE transactions (
     hash TEXT PRIMARY KEY,
     operation TEXT NOT NULL,
     network TEXT NOT NULL,
     signer TEXT NOT NULL,
     nonce INTEGER NOT NULL,
     raw TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('pending', 'mined', 'lost')),
     created_at INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX transactions_pending ON transactions (network, state) WHERE state = 'pending';
   CREATE INDEX transactions_of_signer ON transactions (network, signer, nonce);
   CREATE INDEX transactions_of_operation ON transactions (operation);
   CREATE TABLE sessions (
     network TEXT NOT NULL,
     id TEXT NOT NULL,
     buyer TEXT NOT NULL,
     seller TEXT NOT NULL,
     token TEXT NOT NULL,
     expires_at INTEGER NOT NULL,
     closed INTEGER NOT NULL,
     PRIMARY KEY (network, id)
   ) WITHOUT ROWID;
   CREATE INDEX sessions_by_id ON sessions (id);
   CREATE INDEX sessions_running ON sessions (expires_at) WHERE closed = 0;`,
  `CREATE TABLE spending (
     network TEXT NOT NULL,
     day INTEGER NOT NULL,
     seller TEXT NOT NULL,
     gas INTEGER NOT NULL,
     PRIMARY KEY (network, day, seller)
   ) WITHOUT ROWID;`,
  `ALTER TABLE operations ADD COLUMN told TEXT;`,
  // What transactions carry whose own operation is a batch.
  `CREATE TABLE members (
     operation TEXT NOT NULL,
     batch TEXT NOT NULL,
     PRIMARY KEY (operation, batch)
   ) WITHOUT ROWID;`,
  `CREATE INDEX sessions_of_buyer ON sessions (network, buyer, id);
   CREATE INDEX sessions_of_seller ON sessions (network, seller, id);`,
];

export type Value = string | number | null;

/** The database of one facilitator: every change is on the disk when the call returns. */
export interface Database {
  run(sql: string, values?: Value[]): void;
  all<Row>(sql: string, values?: Value[]): Row[];
  /** Both or neither. */
  together(changes: () => void): void;
  close(): void;
}

/**
 * Opens the database in a directory, which belongs to this process until it is closed.
 * @throws `StoreError` `locked` when another process has it.
 */
export function openDatabase(directory: string): Database {
  nodeDisk.makeDirectory(directory);
  const lock = new Lock(nodeDisk, directory);
  lock.take();
  const file = join(directory, 'facilitator.db');
  // This build of SQLite locks with a directory, which a process that was killed leaves behind. The lock is ours now.
  rmSync(`${file}.lock`, { recursive: true, force: true });
  const db = new sqlite.Database(file);
  const close = () => {
    db.close();
    lock.release();
  };
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL');
    migrate(db);
  } catch (cause) {
    close();
    throw cause;
  }
  return {
    run: (sql, values) => void db.run(sql, values),
    all: <Row>(sql: string, values?: Value[]) => db.all(sql, values) as Row[],
    together: (changes) => together(db, changes),
    close,
  };
}

function migrate(db: sqlite.Database): void {
  const { user_version: version } = db.get('PRAGMA user_version') as { user_version: number };
  if (version > migrations.length) throw new Error(`the database is of a newer version, ${version}`);
  for (const [i, sql] of migrations.entries()) {
    if (i < version) continue;
    together(db, () => db.exec(`${sql} PRAGMA user_version = ${i + 1}`));
  }
}

function together(db: sqlite.Database, changes: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    changes();
    db.exec('COMMIT');
  } catch (cause) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw cause;
  }
}

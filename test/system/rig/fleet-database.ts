// A fleet's database on a real PostgreSQL, in a schema for each test.
import type { test } from 'uvu';
import type { Database, Query } from '../../../src/collector/database.js';
import { openPostgres } from '../../../src/collector/postgres.js';
import { Postgres } from './postgres.js';

export const day = 86_400_000;

/** A server for a file of tests. */
export interface FleetServer {
  /** Undefined where this machine has no PostgreSQL. */
  readonly server: Postgres | undefined;
  /** Runs `work` in a schema of its own; `open` is what a collector does at its start. Says so where there is none. */
  withPostgres(work: (open: () => Promise<Database>) => Promise<void>): Promise<void>;
}

/** Starts a server, which ends after the tests. */
export async function postgresFor(tests: typeof test): Promise<FleetServer> {
  const server = await Postgres.start();
  tests.after(() => server?.close());
  let schemas = 0;
  const withPostgres: FleetServer['withPostgres'] = async (work) => {
    if (!server) return console.log('skipped: there is no PostgreSQL on this machine');
    const name = `fleet_${++schemas}`;
    const plain = await openPostgres(server.url, { make: false }).catch(() => openPostgres(server.url));
    await plain.transaction([], (query) => query(`CREATE SCHEMA ${name}`));
    await plain.close();
    const opened: Database[] = [];
    try {
      await work(async () => {
        const one = await openPostgres(`${server.url}?options=-csearch_path%3D${name}`);
        opened.push(one);
        return one;
      });
    } finally {
      for (const one of opened) await one.close();
    }
  };
  return { server, withPostgres };
}

export function ask(database: Database, ...given: Parameters<Query>): ReturnType<Query> {
  return database.read((query) => query(...given));
}

/** Rows of a table. */
export async function count(database: Database, from: string): Promise<number> {
  return Number((await ask(database, `SELECT count(*) AS n FROM ${from}`))[0]?.n);
}

/** Names of a table's partitions. */
export async function partitions(database: Database, table: string): Promise<string[]> {
  const sql = `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass($1) ORDER BY 1`;
  return (await ask(database, sql, [table])).map(({ name }) => String(name));
}

/** The partition of the day of this time, in ms since 1970. */
export function nameOf(table: string, time: number): string {
  return `${table}_${new Date(time).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

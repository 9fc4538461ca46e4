import type { Database, OpenOptions } from './database.js';
import { isPostgres } from './options.js';

/**
 * Opens the collector's database at a place: a SQLite file, or a URL of PostgreSQL. Drivers are loaded when they are
 * asked for: they are no part of turnpike.
 * @throws {@link NoDatabaseError}, and what the database or the operating system throws
 */
export async function openDatabase(place: string, options: OpenOptions = {}): Promise<Database> {
  if (isPostgres(place)) return (await import('./postgres.js')).openPostgres(place, options);
  return (await import('./sqlite.js')).openSqlite(place, options);
}

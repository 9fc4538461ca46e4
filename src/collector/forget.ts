import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import type { Database } from './database.js';
import { routerPage } from './pages.js';
import { upkeepLock } from './partitions.js';

const day = 86_400_000;
/** How long repeats are known by their numbers, in ms; after that, their totals show that they add nothing. */
const rememberedMs = 90 * day;

/**
 * Forgets which messages came before this time, ms since 1970; their sessions stay. Partitions go as a whole; rows of
 * some routers at a time: nobody waits long.
 * @throws what the database throws
 */
export async function forget(database: Database, before: number, now: number): Promise<void> {
  await database.renew?.(now, before);
  const table = database.renew ? 'messages_other' : 'messages';
  const some = (from: string) =>
    database.transaction([upkeepLock], async (query) => {
      const page = await routerPage(query, table, from);
      if (!page) return undefined;
      const values = [before, page.first, page.last];
      await query(`DELETE FROM ${table} WHERE at < $1 AND router >= $2 AND router <= $3`, values);
      return page.next;
    });
  for (let from: string | undefined = ''; from !== undefined; ) from = await some(from);
}

/** Forgets now and once a day; a day on which the database takes nothing is left out. @returns what ends it */
export function forgetDaily(database: Database, log: Log, clock: Pick<Clock, 'wall' | 'after'>): () => void {
  let isOver = false;
  let cancel = () => {};
  const once = async () => {
    try {
      await forget(database, clock.wall() - rememberedMs, clock.wall());
    } catch (cause) {
      if (!isOver) log('error', `the database: ${reasonOf(cause)}`);
    }
    if (!isOver) cancel = clock.after(day, once);
  };
  void once();
  return () => {
    isOver = true;
    cancel();
  };
}

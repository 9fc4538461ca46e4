import type { Query } from './database.js';

/** Routers whose rows one statement reads: a fleet is read in parts, and collectors write between two of them. */
const routersAtOnce = 16;

type Table = 'sessions' | 'messages' | 'messages_other';

/** Some routers that follow each other in a table, and the one with which the next page begins. */
export interface RouterPage {
  readonly first: string;
  readonly last: string;
  readonly next: string | undefined;
}

/** The page that begins with the first router from `from` on. It seeks each router in the index, and scans nothing. */
export async function routerPage(query: Query, table: Table, from: string): Promise<RouterPage | undefined> {
  const rows = await query(
    `WITH RECURSIVE page(router, n) AS (
       SELECT min(router), 1 FROM ${table} WHERE router >= $1
       UNION ALL SELECT (SELECT min(t.router) FROM ${table} t WHERE t.router > page.router), n + 1 FROM page
         WHERE router IS NOT NULL AND n <= ${routersAtOnce})
     SELECT router FROM page WHERE router IS NOT NULL ORDER BY n`,
    [from],
  );
  const names = rows.map(({ router }) => String(router));
  const page = names.slice(0, routersAtOnce);
  if (page.length === 0) return undefined;
  return { first: page[0]!, last: page.at(-1)!, next: names[routersAtOnce] };
}

/** All pages of a table, one after the other, with the first router from `start` on. */
export async function* routerPages(query: Query, table: Table, start = ''): AsyncGenerator<RouterPage> {
  for (let from: string | undefined = start; from !== undefined; ) {
    const page: RouterPage | undefined = await routerPage(query, table, from);
    if (page) yield page;
    from = page?.next;
  }
}

import type { Query, Value } from './database.js';
import type { RouterPage } from './pages.js';

/**
 * Messages of these routers before which others are missing, by router.
 *
 * Within a run (`boot`) each message names the one before it, so one look in their order is enough. The first one of
 * a run names the last one of another run: an equal number in the middle of a run is that of another journal. The
 * oldest that is known is no gap. Parts of a divided report, `<boot>.2`, have the numbers of the first part.
 *
 * Nothing is joined: a planner may look up each row among all others.
 */
export async function gapsOf(
  query: Query,
  { first, last }: RouterPage,
): Promise<ReadonlyMap<Value | undefined, number>> {
  const rows = await query(
    `WITH runs AS (
       SELECT router, topic, seq, prev, lag(seq) OVER run AS before, lead(seq) OVER run AS after,
         min(seq) OVER (PARTITION BY router, topic) AS oldest
       FROM messages WHERE router >= $1 AND router <= $2 AND boot NOT LIKE '%.%'
       WINDOW run AS (PARTITION BY router, topic, boot ORDER BY seq)),
     ends AS (
       SELECT router, topic, seq AS number, 1 AS is_last, 0 AS wanted FROM runs WHERE after IS NULL
       UNION ALL
       SELECT router, topic, prev, 0, 1 FROM runs WHERE before IS NULL AND prev > 0 AND seq > oldest),
     met AS (
       SELECT router, wanted, max(is_last) OVER (PARTITION BY router, topic, number) AS is_there FROM ends),
     gaps AS (
       SELECT router FROM runs WHERE before <> prev
       UNION ALL
       SELECT router FROM met WHERE wanted = 1 AND is_there = 0)
     SELECT router, count(*) AS n FROM gaps GROUP BY router`,
    [first, last],
  );
  return new Map(rows.map(({ router, n }) => [router, Number(n)]));
}

import type { Query, Value } from './database.js';
import type { RouterPage } from './pages.js';

/**
 * Messages of these routers before which others are missing, by router.
 *
 * Within a run (`boot`) each message names the one before it, so one look in their order is enough. The first one of
 * a run names the last one of another run: an equal number in the middle of a run is that of another journal. The
 * oldest that is known is no gap. Parts of a divided report, `<boot>.2`, have the numbers of the first part.
 */
export async function gapsOf(
  query: Query,
  { first, last }: RouterPage,
): Promise<ReadonlyMap<Value | undefined, number>> {
  const rows = await query(
    `WITH runs AS (
       SELECT router, topic, seq, prev, lag(seq) OVER run AS before, lead(seq) OVER run AS after
       FROM messages WHERE router >= $1 AND router <= $2 AND boot NOT LIKE '%.%'
       WINDOW run AS (PARTITION BY router, topic, boot ORDER BY seq)),
     lasts AS (SELECT DISTINCT router, topic, seq FROM runs WHERE after IS NULL),
     oldest AS (SELECT router, topic, min(seq) AS seq FROM runs WHERE before IS NULL GROUP BY router, topic),
     gaps AS (
       SELECT router FROM runs WHERE before <> prev
       UNION ALL
       SELECT r.router FROM runs r
         JOIN oldest o ON o.router = r.router AND o.topic = r.topic
         LEFT JOIN lasts l ON l.router = r.router AND l.topic = r.topic AND l.seq = r.prev
       WHERE r.before IS NULL AND r.prev > 0 AND r.seq > o.seq AND l.seq IS NULL)
     SELECT router, count(*) AS n FROM gaps GROUP BY router`,
    [first, last],
  );
  return new Map(rows.map(({ router, n }) => [router, Number(n)]));
}

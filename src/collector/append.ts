import { createHash } from 'node:crypto';
import { encodeMessage } from '../mqtt/message.js';
import { bulk, type Database, given, places, type Query, type Value } from './database.js';
import { describe } from './describe.js';
import { type Applied, dropRepeats, type Heard } from './ledger.js';

/**
 * Parts into which routers are divided. Each is folded in a transaction of its own: it is short, so that nobody waits
 * long for the rows of a session, and several collectors may fold at the same time.
 */
export const shards = 32;
/** Locks by name, see {@link Database.transaction}: whoever writes to sessions of a part; whoever numbers rows. */
export const shardLock = (shard: number) => `turnpike: fold ${shard}`;
export const appendLock = 'turnpike: append';

/** The part of a router. */
export function shardOf(router: string): number {
  return createHash('sha1').update(router).digest()[0]! % shards;
}

/**
 * Writes down messages as they came: their totals are folded later. Who and what a session is, is written at once.
 * @throws what the database throws; then nothing was written
 */
export function append(database: Database, batch: readonly Heard[], now: number): Promise<Applied> {
  const told = batch.filter((heard) => heard.topic === 'session');
  const locks = new Set(told.map(({ message }) => shardLock(shardOf(message.router))));
  return database.transaction([...locks], async (query) => {
    const fresh = await dropRepeats(query, told);
    await describeAll(query, fresh);
    const isFresh = new Set<Heard>(fresh);
    const rows = batch.filter((heard) => heard.topic === 'usage' || isFresh.has(heard));
    await write(query, rows, now);
    return { fresh: rows.length, repeated: batch.length - rows.length };
  });
}

async function describeAll(query: Query, fresh: readonly (Heard & { readonly topic: 'session' })[]) {
  const sessions = fresh.map(({ message: { router, session } }) => [router, session]);
  await bulk(query, ['text', 'text'], sessions, (rows) => {
    const all = `WITH given(router, session) AS (${rows}) SELECT router, session, 0, 0, 0 FROM given WHERE true`;
    return `INSERT INTO sessions (router, session, up, down, millis) ${all} ON CONFLICT DO NOTHING`;
  });
  for (const { message } of fresh) await describe(query, message);
}

async function write(query: Query, batch: readonly Heard[], now: number): Promise<void> {
  if (batch.length === 0) return;
  const payloads = batch.map(payloadOf);
  if (!query.isPostgres) {
    const values = batch.flatMap(({ topic, message }, i) => {
      return [shardOf(message.router), now, topic, given(payloads[i]!)];
    });
    await query(`INSERT INTO heard (shard, at, topic, payload) VALUES ${places(batch.length, 4)}`, values);
    return;
  }
  // Until the end of the transaction: see `edge` of the fold.
  await query('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [appendLock]);
  const columns: Value[][] = [[], [], [], []];
  let start = 1;
  for (const [i, { topic, message }] of batch.entries()) {
    const row = [shardOf(message.router), topic, start, payloads[i]!.length];
    for (const [n, value] of row.entries()) columns[n]!.push(value);
    start += payloads[i]!.length;
  }
  // One parameter for all payloads: an array of them would go as text, twice as long.
  await query(
    `INSERT INTO heard (shard, at, topic, payload)
     SELECT shard, $1::bigint, topic, substring($2::bytea FROM start FOR size)
     FROM unnest($3::int[], $4::text[], $5::int[], $6::int[]) AS given(shard, topic, start, size)`,
    [now, given(Buffer.concat(payloads)), ...columns.map(given)],
  );
}

function payloadOf({ payload, topic, message }: Heard): Uint8Array {
  return payload ?? encodeMessage(topic, message as never, 'msgpack');
}

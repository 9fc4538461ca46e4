import { MessageError } from '../mqtt/layout.js';
import { decodeMessage } from '../mqtt/message.js';
import { reasonOf } from '../system-error.js';
import { appendLock, shardLock, shards } from './append.js';
import type { Database, Query, Row } from './database.js';
import { dropRepeats, type Heard } from './ledger.js';
import { isRefusal } from './refusal.js';
import { Tally } from './totals.js';
import { writeUnread } from './unread.js';

/** Messages that one statement reads, and sessions in hand at which a transaction ends. */
const [rowsAtOnce, mostSessions] = [500, 50_000];
/**
 * SQLSTATE of a database that cannot be written, as a replica, of a user who may not, and of one that an earlier version
 * made.
 */
const readOnly = new Set(['25006', '42501', '42P01']);

/** What became of appended messages. */
export interface Folded {
  readonly messages: number;
  readonly repeated: number;
  /** Those that the database refused, which went to `unread`. */
  readonly unread: number;
}

interface Step {
  /** Messages that were read. */
  readonly taken: number;
  readonly repeated: number;
  readonly isDone: boolean;
}

/**
 * Brings totals up to all that was appended before this call. Each part of the routers is a transaction, with the
 * place that it has come to: whatever ends a fold, the next one goes on there, and of two at the same time the second
 * finds nothing left.
 *
 * Totals are cumulative, so all that counts is what each session said last on each day: that is written once, however
 * many messages said it.
 * @throws what the database throws
 */
export async function fold(database: Database, now: number): Promise<Folded> {
  const sum = { messages: 0, repeated: 0, unread: 0 };
  const last = await edge(database);
  for (const shard of await behind(database, last)) {
    const { messages, repeated, unread } = await foldShard(database, shard, last, now);
    sum.messages += messages;
    sum.repeated += repeated;
    sum.unread += unread;
  }
  return sum;
}

/**
 * Before something is read: folds what is there, if this database appends and can be written here. A replica shows
 * what its primary has folded.
 * @param within how old totals may be, in ms: nothing is done if somebody has folded since
 * @throws what the database throws
 */
export async function catchUp(database: Database, now: number, within = 0): Promise<void> {
  if (!database.appends) return;
  try {
    if (within === 0 || now - (await foldedAt(database, now)) > within) await fold(database, now);
  } catch (cause) {
    if (!readOnly.has(String((cause as { code?: unknown }).code))) throw cause;
  }
}

/**
 * The number up to which all rows are there: one that is given out is not seen before its transaction ends, and those
 * hold the lock until then.
 */
export function edge(database: Database): Promise<number> {
  return database.transaction([appendLock], async (query) => {
    const sql = query.isPostgres
      ? 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM heard_id WHERE NOT pg_is_in_recovery()'
      : 'SELECT max(id) AS n FROM heard';
    const [row] = await query(sql);
    return Number(row?.n ?? 0);
  });
}

/** When somebody folded last, in ms since 1970; never in the future, whatever their clock says. */
export async function foldedAt(database: Database, now: number): Promise<number> {
  const [row] = await database.read((query) => query('SELECT max(at) AS at FROM folded'));
  const at = Number(row?.at ?? 0);
  return at > now ? 0 : at;
}

/** Parts of the routers of which something is to be folded. */
async function behind(database: Database, last: number): Promise<number[]> {
  const rows = await database.read((query) =>
    query.isPostgres
      ? query(
          `SELECT part AS shard FROM generate_series(0, ${shards - 1}) AS part
             LEFT JOIN folded ON folded.shard = part
           WHERE (SELECT max(id) FROM heard WHERE shard = part AND id <= $1) > coalesce(folded.id, 0)`,
          [last],
        )
      : query('SELECT DISTINCT shard FROM heard WHERE id <= $1', [last]),
  );
  return rows.map(({ shard }) => Number(shard));
}

async function foldShard(database: Database, shard: number, last: number, now: number): Promise<Folded> {
  const sum = { messages: 0, repeated: 0, unread: 0 };
  for (let most = Number.POSITIVE_INFINITY; ; ) {
    try {
      const step = await database.transaction([shardLock(shard)], (query) =>
        foldSome(query, { shard, last, most, now }),
      );
      sum.messages += step.taken;
      sum.repeated += step.repeated;
      if (step.isDone) return sum;
      most *= 2;
    } catch (cause) {
      // One message that the database refuses is looked for among ever fewer.
      if (!isRefusal(cause) && !(cause instanceof MessageError)) throw cause;
      if (most === 1) {
        await setAside(database, shard, last, now, cause);
        sum.unread += 1;
      }
      most = most === 1 ? 2 : Math.ceil(Math.min(most, rowsAtOnce * 2) / 2);
    }
  }
}

interface Span {
  readonly shard: number;
  readonly last: number;
  /** Messages, at the most. */
  readonly most: number;
  readonly now: number;
}

async function foldSome(query: Query, { shard, last, most, now }: Span): Promise<Step> {
  // A fold that a crash takes is done again: what it reads is durable, and its place goes with it.
  if (query.isPostgres) await query('SET LOCAL synchronous_commit = off');
  const tally = new Tally(query);
  let [taken, repeated, from] = [0, 0, await placeOf(query, shard)];
  let isDone = false;
  while (!isDone && taken < most && tally.size < mostSessions) {
    const wanted = Math.min(rowsAtOnce, most - taken);
    const rows = await rowsOf(query, { shard, from, last, wanted });
    const heard = rows.map(heardIn);
    const numbered = new Set<Heard>(
      await dropRepeats(
        query,
        heard.filter(({ topic }) => topic === 'usage'),
      ),
    );
    // The numbers of what became of sessions were written when they came.
    const fresh = heard.filter((one) => one.topic === 'session' || numbered.has(one));
    await tally.take(fresh);
    taken += rows.length;
    repeated += rows.length - fresh.length;
    from = Number(rows.at(-1)?.id ?? from);
    isDone = rows.length < wanted;
  }
  if (taken > 0) await tally.write().then(() => moveTo(query, shard, from, now));
  return { taken, repeated, isDone };
}

async function setAside(database: Database, shard: number, last: number, now: number, cause: unknown) {
  await database.transaction([shardLock(shard)], async (query) => {
    const from = await placeOf(query, shard);
    const [row] = await rowsOf(query, { shard, from, last, wanted: 1 });
    if (!row) return;
    const [topic, payload] = [`${routerIn(row)}/${row.topic}`, payloadIn(row)];
    await writeUnread(query, { topic, payload, reason: reasonOf(cause) }, now);
    await moveTo(query, shard, Number(row.id), now);
  });
}

async function placeOf(query: Query, shard: number): Promise<number> {
  const [row] = await query('SELECT id FROM folded WHERE shard = $1', [shard]);
  return Number(row?.id ?? 0);
}

async function moveTo(query: Query, shard: number, id: number, now: number): Promise<void> {
  await query(
    `INSERT INTO folded (shard, id, at) VALUES ($1, $2, $3)
     ON CONFLICT (shard) DO UPDATE SET id = excluded.id, at = excluded.at`,
    [shard, id, now],
  );
  // For whoever shows totals: they need not ask again and again.
  if (query.isPostgres) await query("SELECT pg_notify('turnpike_folded', $1)", [String(shard)]);
}

interface Wanted {
  readonly shard: number;
  readonly from: number;
  readonly last: number;
  readonly wanted: number;
}

function rowsOf(query: Query, { shard, from, last, wanted }: Wanted): Promise<Row[]> {
  return query(
    `SELECT id, topic, payload FROM heard WHERE shard = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT ${wanted}`,
    [shard, from, last],
  );
}

function heardIn(row: Row): Heard {
  const topic = row.topic as Heard['topic'];
  return { topic, message: decodeMessage(topic, payloadIn(row)) } as Heard;
}

/** The router that a message names; a question mark for one that cannot be read. */
function routerIn(row: Row): string {
  try {
    return heardIn(row).message.router;
  } catch {
    return '?';
  }
}

function payloadIn({ payload }: Row): Buffer {
  const { buffer, byteOffset, byteLength } = payload as unknown as Uint8Array;
  return Buffer.from(buffer, byteOffset, byteLength);
}

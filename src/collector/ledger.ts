import type { SessionMessage, SessionUsage, UsageMessage } from '../mqtt/message.js';
import { isoTime } from './calendar.js';
import { type Database, parts, places, type Query, type Row } from './database.js';

/** A message that was read. */
export type Heard =
  | { readonly topic: 'usage'; readonly message: UsageMessage }
  | { readonly topic: 'session'; readonly message: SessionMessage };

/** What became of a batch. */
export interface Applied {
  readonly fresh: number;
  readonly repeated: number;
}

interface Totals {
  up: number;
  down: number;
  millis: number;
}

/** What is known of each session; the key is that of {@link keyOf} its router and its id. */
type Known = Map<string, Totals>;
interface Used extends Totals {
  readonly router: string;
  readonly session: string;
  readonly day: string;
}

/** Rows in one statement. */
const rowsAtOnce = 400;
const usageColumns = ['total_up_bytes', 'total_down_bytes', 'total_millis'] as const;

/**
 * Writes a batch, all of it or nothing. A message that was written before changes nothing. Messages carry totals, so
 * one that is lost or arrives out of order does no harm.
 * @throws what the database throws
 */
export function apply(database: Database, batch: readonly Heard[]): Promise<Applied> {
  const routers = [...new Set(batch.map(({ message }) => message.router))];
  return database.transaction(routers, async (query) => {
    const fresh = await dropRepeats(query, batch);
    const known = await totalsOf(query, fresh);
    const used = fresh.flatMap((heard) => usedIn(heard, known));
    await writeTotals(query, known);
    await writeDays(query, used);
    for (const heard of fresh) if (heard.topic === 'session') await describe(query, heard.message);
    return { fresh: fresh.length, repeated: batch.length - fresh.length };
  });
}

async function dropRepeats(query: Query, batch: readonly Heard[]): Promise<Heard[]> {
  const fresh: Heard[] = [];
  for (const some of parts(batch, rowsAtOnce)) {
    const values = some.flatMap(({ topic, message: { router, boot, seq, prev, at } }) => {
      return [router, topic, boot, seq, prev, at];
    });
    const rows = await query(
      `INSERT INTO messages (router, topic, boot, seq, prev, at) VALUES ${places(some.length, 6)}
       ON CONFLICT DO NOTHING RETURNING router, topic, boot, seq`,
      values,
    );
    const inserted = new Set(rows.map(({ router, topic, boot, seq }) => keyOf(router, topic, boot, seq)));
    for (const heard of some) {
      const { router, boot, seq } = heard.message;
      // A message that is twice in the batch was inserted once.
      if (inserted.delete(keyOf(router, heard.topic, boot, seq))) fresh.push(heard);
    }
  }
  return fresh;
}

/** What is known of all sessions in these messages; those that are new have used nothing. */
async function totalsOf(query: Query, batch: readonly Heard[]): Promise<Known> {
  const known: Known = new Map();
  for (const { message } of batch) {
    for (const { session } of usagesIn(message))
      known.set(keyOf(message.router, session), { up: 0, down: 0, millis: 0 });
  }
  for (const some of parts([...known.keys()], rowsAtOnce)) {
    const values = some.flatMap((key) => namesOf(key));
    const rows = await query(
      `SELECT router, session, up, down, millis FROM sessions WHERE (router, session) IN (VALUES ${places(some.length, 2)})`,
      values,
    );
    for (const row of rows) known.set(keyOf(row.router, row.session), totalsIn(row));
  }
  return known;
}

function usedIn({ message }: Heard, known: Known): Used[] {
  const { router, at } = message;
  const day = isoTime(at).slice(0, 10);
  return usagesIn(message).flatMap((usage) => {
    const { session } = usage;
    const before = known.get(keyOf(router, session))!;
    const [up, down, millis] = usageColumns.map((name) => usage[name]) as [number, number, number];
    const more = {
      up: Math.max(0, up - before.up),
      down: Math.max(0, down - before.down),
      millis: Math.max(0, millis - before.millis),
    };
    before.up += more.up;
    before.down += more.down;
    before.millis += more.millis;
    return more.up + more.down + more.millis > 0 ? [{ router, session, day, ...more }] : [];
  });
}

async function writeTotals(query: Query, known: Known): Promise<void> {
  for (const some of parts([...known], rowsAtOnce)) {
    const values = some.flatMap(([key, { up, down, millis }]) => [...namesOf(key), up, down, millis]);
    await query(
      `INSERT INTO sessions (router, session, up, down, millis) VALUES ${places(some.length, 5)}
       ON CONFLICT (router, session) DO UPDATE SET up = excluded.up, down = excluded.down, millis = excluded.millis`,
      values,
    );
  }
}

async function writeDays(query: Query, used: readonly Used[]): Promise<void> {
  const sums = new Map<string, Used>();
  for (const one of used) {
    const key = keyOf(one.router, one.session, one.day);
    const sum = sums.get(key);
    if (!sum) sums.set(key, { ...one });
    else for (const total of ['up', 'down', 'millis'] as const) sum[total] += one[total];
  }
  for (const some of parts([...sums.values()], rowsAtOnce)) {
    const values = some.flatMap((u) => [u.router, u.session, u.day, u.up, u.down, u.millis]);
    await query(
      `INSERT INTO days (router, session, day, up, down, millis) VALUES ${places(some.length, 6)}
       ON CONFLICT (router, session, day) DO UPDATE SET
         up = days.up + excluded.up, down = days.down + excluded.down, millis = days.millis + excluded.millis`,
      values,
    );
  }
}

/**
 * Writes who and what a session is. Its end overrides what other messages say, whenever it comes. Before that, a
 * message is late when both its number and its time lie before those of another one: the numbers of a journal from a
 * backup begin anew, and clocks are set.
 */
async function describe(query: Query, message: SessionMessage): Promise<void> {
  const { router, session, mac, gateway, user, plan, state, cause, opened, closed, lots, refunds } = message;
  const { seq, at } = message;
  const isLate = 'SELECT 1 FROM told WHERE router = $1 AND session = $2 AND seq > $13 AND at >= $14';
  await query(
    `UPDATE sessions SET mac = $3, gateway = $4, person = $5, plan = $6, state = $7, cause = $8, opened = $9,
       closed = $10, lots = $11, refunds = $12
     WHERE router = $1 AND session = $2 AND closed IS NULL AND ($15 = 1 OR NOT EXISTS (${isLate}))`,
    [
      ...[router, session, mac, gateway, user, plan, state, cause, opened, closed],
      ...[JSON.stringify(lots), JSON.stringify(refunds), seq, at, closed === null ? 0 : 1],
    ],
  );
  if (closed !== null) await query('DELETE FROM told WHERE router = $1 AND session = $2', [router, session]);
  else
    await query(
      `INSERT INTO told (router, session, seq, at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (router, session) DO UPDATE SET seq = excluded.seq, at = excluded.at
       WHERE excluded.seq > told.seq OR excluded.at > told.at`,
      [router, session, seq, at],
    );
}

/** Totals of the sessions that a message tells of. */
function usagesIn(
  message: Heard['message'],
): readonly Pick<SessionUsage, 'session' | (typeof usageColumns)[number]>[] {
  return 'sessions' in message ? message.sessions : [message];
}

function totalsIn({ up, down, millis }: Row): Totals {
  return { up: Number(up), down: Number(down), millis: Number(millis) };
}

function keyOf(...names: readonly unknown[]): string {
  return JSON.stringify(names);
}

function namesOf(key: string): string[] {
  return JSON.parse(key) as string[];
}

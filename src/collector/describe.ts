import type { SessionMessage } from '../mqtt/message.js';
import type { Query } from './database.js';

/**
 * Writes who and what a session is. Its end overrides what other messages say, whenever it comes. Before that, a
 * message is late when both its number and its time lie before those of another one: the numbers of a journal from a
 * backup begin anew, and clocks are set.
 */
export async function describe(query: Query, message: SessionMessage): Promise<void> {
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

import { type Database, places, type Query } from './database.js';

/** A message that could not be read, kept for people. */
export interface Unread {
  readonly topic: string;
  readonly payload: Buffer;
  readonly reason: string;
}

/** The most that is kept of all unreadable messages: messages, and octets of their payloads. */
const [mostUnread, mostOctets] = [10_000, 64 << 20];
/** The most that is kept of one payload, in octets: what it begins with tells what it is. */
const longestPayload = 256 << 10;

/** Keeps what could not be read, as long as there is room. @throws what the database throws */
export function keepUnread(database: Database, unread: Unread, at: number): Promise<void> {
  return database.transaction([], (query) => writeUnread(query, unread, at));
}

/** The same, in a transaction that does more. @throws what the database throws */
export async function writeUnread(
  query: Query,
  { topic, payload, reason }: Unread,
  at: number,
): Promise<void> {
  const kept = payload.subarray(0, longestPayload);
  const cut = payload.length > kept.length ? ` (the first ${kept.length} of ${payload.length} octets)` : '';
  const [row] = await query('SELECT count(*) AS n, sum(octet_length(payload)) AS size FROM unread');
  // The payload is in hex, two digits for an octet.
  const octets = Number(row?.size ?? 0) / 2 + kept.length;
  if (Number(row?.n ?? 0) >= mostUnread || octets > mostOctets) return;
  // PostgreSQL takes no U+0000.
  const values = [topic.replaceAll('\0', ''), kept.toString('hex'), reason + cut, at];
  await query(`INSERT INTO unread (topic, payload, reason, at) VALUES ${places(1, 4)}`, values);
}

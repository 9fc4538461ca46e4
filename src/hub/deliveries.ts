import { type Database, places, type Query, type Row } from '../collector/database.js';

/**
 * Messages to others' endpoints, one row for each endpoint. Times are ms since 1970. A delivery is `waiting` for its
 * first or next attempt at `due`, `delivered`, or `dead`: nobody tries again by themselves. Its id stays the same
 * for all attempts, and is remembered for as long as the row is.
 */
export const deliveryTables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS deliveries (
    endpoint TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, router TEXT NOT NULL, body TEXT NOT NULL,
    made BIGINT NOT NULL, due BIGINT NOT NULL, tries BIGINT NOT NULL, state TEXT NOT NULL, error TEXT,
    PRIMARY KEY (endpoint, id))`,
  "CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (endpoint, due) WHERE state = 'waiting'",
];

/** What is told to those who want to know, once. */
export interface Event {
  readonly type: EventType;
  /** The message's `webhook-id`: the same for the same event, however often it is heard. */
  readonly id: string;
  readonly router: string;
  /** JSON, as it is signed. */
  readonly body: string;
}

/** Types of events. */
export const eventTypes = ['session.closed', 'router.offline', 'balance.low'] as const;
export type EventType = (typeof eventTypes)[number];

/** A delivery whose time has come. */
export interface Delivery {
  readonly endpoint: string;
  readonly id: string;
  readonly body: string;
  /** Attempts that have failed. */
  readonly tries: number;
}

/** Writes down what each endpoint is to be told; what was written before stays as it is. */
export async function enqueue(
  query: Query,
  endpoints: readonly string[],
  { type, id, router, body }: Event,
  now: number,
): Promise<void> {
  for (const endpoint of endpoints)
    await query(
      `INSERT INTO deliveries (endpoint, id, type, router, body, made, due, tries, state)
       VALUES ${places(1, 9)} ON CONFLICT DO NOTHING`,
      [endpoint, id, type, router, body, now, now, 0, 'waiting'],
    );
}

/** Deliveries to an endpoint whose time has come, the oldest first. @throws what the database throws */
export function dueOf(
  database: Database,
  endpoint: string,
  now: number,
  limit: number,
): Promise<readonly Delivery[]> {
  return database.read(async (query) => {
    const rows = await query(
      `SELECT endpoint, id, body, tries FROM deliveries WHERE endpoint = $1 AND state = 'waiting' AND due <= $2
       ORDER BY due, id LIMIT ${limit}`,
      [endpoint, now],
    );
    return rows.map(deliveryIn);
  });
}

function deliveryIn({ endpoint, id, body, tries }: Row): Delivery {
  return { endpoint: String(endpoint), id: String(id), body: String(body), tries: Number(tries) };
}

/** What became of an attempt. */
export type Attempt =
  | { readonly state: 'delivered' }
  | { readonly state: 'waiting'; readonly error: string; readonly due: number }
  | { readonly state: 'dead'; readonly error: string };

/** Writes down what became of an attempt. @throws what the database throws */
export function settle(
  database: Database,
  { endpoint, id }: Pick<Delivery, 'endpoint' | 'id'>,
  attempt: Attempt,
): Promise<void> {
  const { state } = attempt;
  const [error, due] = ['error' in attempt ? attempt.error : null, 'due' in attempt ? attempt.due : 0];
  return database.transaction([], async (query) => {
    await query(
      `UPDATE deliveries SET state = $3, error = $4, due = $5, tries = tries + 1
       WHERE endpoint = $1 AND id = $2 AND state = 'waiting'`,
      [endpoint, id, state, error, due],
    );
  });
}

/** Deliveries to endpoints that are configured no more are dead. @throws what the database throws */
export function buryOthers(database: Database, endpoints: readonly string[]): Promise<void> {
  const names = endpoints.map((_, i) => `$${i + 1}`).join(', ');
  return database.transaction([], async (query) => {
    await query(
      `UPDATE deliveries SET state = 'dead', error = 'the endpoint is not configured'
       WHERE state = 'waiting'${names && ` AND endpoint NOT IN (${names})`}`,
      endpoints,
    );
  });
}

/**
 * Dead deliveries to an endpoint are tried again from the beginning: all, or the one with this id.
 * @returns how many
 * @throws what the database throws
 */
export function revive(
  database: Database,
  endpoint: string,
  id: string | undefined,
  now: number,
): Promise<number> {
  return database.transaction([], async (query) => {
    const rows = await query(
      `UPDATE deliveries SET state = 'waiting', due = $2, tries = 0
       WHERE endpoint = $1 AND state = 'dead'${id === undefined ? '' : ' AND id = $3'} RETURNING id`,
      [endpoint, now, ...(id === undefined ? [] : [id])],
    );
    return rows.length;
  });
}

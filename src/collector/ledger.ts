import type { SessionMessage, UsageMessage } from '../mqtt/message.js';
import { bulk, type Database, type Query } from './database.js';
import { describe } from './describe.js';
import { Tally } from './totals.js';

/** A message that was read. `payload`: as it came. */
export type Heard = { readonly payload?: Uint8Array } & (
  | { readonly topic: 'usage'; readonly message: UsageMessage }
  | { readonly topic: 'session'; readonly message: SessionMessage }
);

/** What became of a batch. */
export interface Applied {
  readonly fresh: number;
  readonly repeated: number;
}

const numberTypes = ['text', 'text', 'text', 'bigint', 'bigint', 'bigint'] as const;

/**
 * Writes a batch, all of it or nothing. A message that was written before changes nothing.
 * @throws what the database throws
 */
export function apply(database: Database, batch: readonly Heard[]): Promise<Applied> {
  const routers = [...new Set(batch.map(({ message }) => message.router))];
  return database.transaction(routers, async (query) => {
    const fresh = await dropRepeats(query, batch);
    const tally = new Tally(query);
    await tally.take(fresh);
    await tally.write();
    for (const heard of fresh) if (heard.topic === 'session') await describe(query, heard.message);
    return { fresh: fresh.length, repeated: batch.length - fresh.length };
  });
}

/** Writes the numbers of messages down. @returns those that had not been written before, each once */
export async function dropRepeats<H extends Heard>(query: Query, batch: readonly H[]): Promise<H[]> {
  const values = batch.map(({ topic, message: { router, boot, seq, prev, at } }) => {
    return [router, topic, boot, seq, prev, at];
  });
  const rows = await bulk(
    query,
    numberTypes,
    values,
    (numbers) => `INSERT INTO messages (router, topic, boot, seq, prev, at) ${numbers}
      ON CONFLICT DO NOTHING RETURNING router, topic, boot, seq`,
  );
  const inserted = new Set(rows.map(({ router, topic, boot, seq }) => keyOf(router, topic, boot, seq)));
  // A message that is twice in the batch was inserted once.
  return batch.filter(({ topic, message: { router, boot, seq } }) =>
    inserted.delete(keyOf(router, topic, boot, seq)),
  );
}

function keyOf(...names: readonly unknown[]): string {
  return names.join('\0');
}

import { readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { millis } from '../../../src/domain/units.js';
import { usageRow } from '../../../src/domain/usage-row.js';
import { openBooks } from '../../../src/wiring/books.js';

/** Writes into the journal of a daemon that is not running that this session has so much of its time left, in ms. */
export async function leaveTime(state: string, id: string, left: number): Promise<void> {
  const { store, book } = await openBooks({ directory: state });
  const session = book.get(id)!;
  const usage = { ...session.usage, millis: millis(session.granted.millis! - left) };
  store.append({ t: 'usage', at: Date.now(), rows: [usageRow({ ...session, usage })] });
  await store.sync();
  await store.close();
}

/** Bytes of a journal: they grow when a run notes its start, right after it has read the books. */
export function sizeOf(state: string): number {
  const files = readdirSync(state).filter((name) => name.startsWith('journal-'));
  return files.reduce((sum, name) => sum + statSync(join(state, name)).size, 0);
}

/** Resolves with the moment at which the journal grows: wall clock, in ms. */
export function grown(state: string, before: number): Promise<number> {
  return new Promise((resolve) => {
    const watcher = watch(state, () => {
      if (sizeOf(state) <= before) return;
      watcher.close();
      resolve(Date.now());
    });
  });
}

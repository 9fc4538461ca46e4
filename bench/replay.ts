import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBooks } from '../src/wiring/books.js';
import { writeMany } from '../test/many/journal.js';
import type { Options } from './options.js';
import { repeated, type Spread, timed } from './pairs.js';

export interface ReplayResult {
  readonly records: number;
  /** Records that are read from the disk and taken into the books in a second. */
  readonly rate: Spread;
}

/** How fast a journal without a snapshot is read into the books: sales and openings, the records that take longest. */
export async function measureReplay({ quick }: Options): Promise<ReplayResult> {
  const sessions = quick ? 5_000 : 20_000;
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  try {
    await writeMany(directory, sessions, Date.now(), false);
    let records = 0;
    const read = async () => {
      const { store, book } = await openBooks({ directory });
      if (book.runningCount !== sessions) throw new Error(`${book.runningCount} sessions of ${sessions}`);
      records = store.stats.lastSeq;
      await store.close();
    };
    const rate = await repeated(quick ? 3 : 5, async () => {
      const ms = await timed(read);
      return (records * 1000) / ms;
    });
    return { records, rate };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

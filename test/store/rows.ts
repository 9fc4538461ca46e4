import { basename } from 'node:path';
import * as assert from 'uvu/assert';
import { fileType } from '../../src/store/header.js';
import { openStore } from '../../src/store/open.js';
import type { StoreOptions } from '../../src/store/options.js';
import type { Outbox } from '../../src/store/outbox.js';
import type { Store } from '../../src/store/store.js';
import { MemoryDisk } from './memory-disk.js';

/** A record as the tests of compaction have it: of each row only the newest counts, and a record without rows stays. */
export interface Rows {
  readonly n: number;
  readonly rows: readonly number[];
  readonly text: string;
}

export function coalesceRows(): (data: unknown) => unknown {
  const known = new Set<number>();
  return (data) => {
    const record = data as Rows;
    if (record.rows.length === 0) return record;
    const rows = record.rows.filter((row) => !known.has(row));
    for (const row of rows) known.add(row);
    if (rows.length === record.rows.length) return record;
    return rows.length > 0 ? { ...record, rows } : undefined;
  };
}

/** Whether a record says what an older one says in this row. */
export function supersedes(later: Rows, row: number): boolean {
  return later.rows.includes(row);
}

/** Paths of the segments that were compacted, the oldest first. */
export function compactedFiles(disk: MemoryDisk): string[] {
  const isCompacted = (path: string) => disk.head(path, 12)[10] === fileType.compacted;
  const paths = [...disk.names.keys()].filter((path) => /^journal-.{21}$/.test(basename(path)));
  return paths.filter(isCompacted).sort();
}

export const directory = '/store';
/** Sinks that never told anything twice: what they are behind with may be left out at once. */
const small = { segmentBytes: 300, tailBytes: 10, repeated: 0 };

export interface Life {
  readonly disk: MemoryDisk;
  readonly store: Store;
  /** Its sink never acknowledges anything. */
  readonly outbox: Outbox;
  readonly records: Map<number, Rows>;
  readonly log: string[];
}

export async function begin(
  disk = new MemoryDisk(),
  options: Partial<StoreOptions> = { coalesce: coalesceRows },
): Promise<Life> {
  const log: string[] = [];
  const { store } = await openStore({
    directory,
    disk,
    ...small,
    log: (_, text) => log.push(text),
    ...options,
  });
  const outbox = store.outbox('dead', 'oldest');
  // A sink is known by its first look.
  outbox.read(1);
  return { disk, store, outbox, records: new Map(), log };
}

/** Usage of four sessions, a record that stays for each third of it, and a snapshot at the end. */
export async function work({ store, records }: Life, count = 20): Promise<void> {
  for (let i = 0; i < count; i++) {
    const n = store.stats.lastSeq + 1;
    const data = { n, rows: n % 3 === 0 ? [] : [n % 4, 4 + (n % 2)], text: 'x'.repeat(n % 7) };
    records.set(store.append(data), data);
  }
  await store.sync();
  await store.snapshot({ records: [...records] });
}

/** A life with several segments that were compacted, and newer ones. */
export async function old(options?: Partial<StoreOptions>): Promise<Life> {
  const life = await begin(undefined, options);
  for (let round = 0; round < 4; round++) {
    await work(life);
    await life.store.idle();
  }
  return life;
}

/** Everything that a sink gets from the beginning. */
export async function delivered(
  disk: MemoryDisk,
): Promise<{ got: Map<number, Rows>; log: readonly string[] }> {
  const { store, outbox, log } = await begin(disk);
  const got = new Map<number, Rows>();
  for (let found = outbox.read(7); found.length > 0; found = outbox.read(7, found.at(-1)!.seq)) {
    for (const { seq, data } of found) {
      assert.ok(seq > Math.max(0, ...got.keys()), 'in order, and once');
      got.set(seq, data as Rows);
    }
  }
  await store.close();
  return { got, log };
}

/** The sink may lack rows of which it got newer ones, and nothing else. */
export function assertComplete(got: Map<number, Rows>, records: Map<number, Rows>, what = ''): void {
  for (const [seq, { n, rows, text }] of records) {
    const found = got.get(seq);
    if (found || rows.length === 0)
      assert.equal({ ...found, rows: [] }, { n, rows: [], text }, `${what} ${seq}`);
    for (const row of rows) {
      const later = [...got].some(([other, data]) => other > seq && supersedes(data, row));
      assert.ok(found?.rows.includes(row) || later, `${what}: row ${row} of ${seq}`);
    }
  }
  for (const seq of got.keys()) assert.ok(records.has(seq), `${what}: ${seq} is made up`);
}

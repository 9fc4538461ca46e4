import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { coalescing } from '../../src/domain/coalesce.js';
import { nodeDisk } from '../../src/store/disk.js';
import { openStore } from '../../src/store/open.js';
import { load, Router, work } from './wear.js';

/** What a router keeps for a server that never answers. */
export interface Kept {
  readonly bytesPerDay: number;
  readonly bytesPerSession: number;
  readonly segments: number;
  /** Bytes that the store writes in an hour, snapshots included. */
  readonly bytesWrittenPerHour: number;
}

/**
 * Measures it over so many days with sessions of so many minutes, on a disk whose syncs take no time.
 * `compacts`: records that others supersede are left out.
 */
export async function measureKept(days: number, minutes: number, compacts: boolean): Promise<Kept> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-kept-'));
  const coalesce = () => coalescing() as (data: unknown) => unknown;
  const disk = { ...nodeDisk, sync: () => turn() };
  const { store } = await openStore({ directory, disk, ...(compacts && { coalesce }) });
  try {
    const router = new Router(store);
    await router.age();
    const first = store.stats.lastSeq;
    const outbox = store.outbox('dead', 'now');
    // It reads what it never brings through.
    outbox.read(1);
    const before = store.stats.bytesWritten;
    await work(router, 24 * days, minutes);
    await store.idle();
    const { backlogBytes, segments, bytesWritten } = store.stats;
    if (outbox.cursor !== first) throw new Error('the sink is not as dead as it should be');
    const sessions = (load.clients * 24 * 60) / minutes;
    return {
      bytesPerDay: Math.round(backlogBytes / days),
      bytesPerSession: Math.round(backlogBytes / days / sessions),
      segments,
      bytesWrittenPerHour: Math.round((bytesWritten - before) / days / 24),
    };
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

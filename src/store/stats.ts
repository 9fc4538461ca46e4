import type { Backlog } from './backlog.js';
import type { Catalog } from './catalog.js';
import type { Journal } from './journal.js';

/** Figures for `status`. */
export interface StoreStats {
  /**
   * `damaged`: something was lost, and the owner has not acknowledged it yet. `behind`: the disk works, but more is kept
   * for a sink than should be.
   */
  readonly state: 'ok' | 'behind' | 'damaged' | 'full' | 'failed';
  readonly lastError?: string;
  readonly lastSeq: number;
  readonly segments: number;
  /** Size of all segments and snapshots. */
  readonly bytes: number;
  /** Of these, what is kept for sinks alone. */
  readonly backlogBytes: number;
  /** Bytes written by this process: what wears the flash. */
  readonly bytesWritten: number;
  readonly lastSyncMs: number;
}

/** What the figures are made of. */
interface Sources {
  readonly journal: Journal;
  readonly catalog: Catalog;
  readonly backlog: Backlog;
  /** The newest sentence on what is damaged or missing. */
  readonly damage: string | undefined;
  /** Who else writes. */
  readonly besides: readonly { readonly bytesWritten: number }[];
}

export function statsOf({ journal, catalog, backlog, damage, besides }: Sources): StoreStats {
  const { health, lastSeq, lastSyncMs, bytesWritten } = journal;
  const { complaint } = backlog;
  const trouble = damage !== undefined ? 'damaged' : complaint !== undefined ? 'behind' : 'ok';
  const lastError = health.lastError ?? damage ?? complaint;
  return {
    state: health.state === 'ok' ? trouble : health.state,
    ...(lastError !== undefined && { lastError }),
    lastSeq,
    segments: catalog.segments.length,
    bytes: catalog.bytes,
    backlogBytes: backlog.bytes,
    bytesWritten: besides.reduce((sum, one) => sum + one.bytesWritten, bytesWritten),
    lastSyncMs,
  };
}

import type { Coalesce } from './coalesce.js';
import type { Disk } from './disk.js';
import type { JournalOptions } from './journal.js';

/** How a store is opened. */
export interface StoreOptions extends Partial<JournalOptions> {
  /** Made with mode 0700 if it is not there. It belongs to one process at a time. */
  readonly directory: string;
  /** Told of faults that no caller hears of. */
  readonly log?: (level: 'warn' | 'error', text: string) => void;
  /** Bytes of records since the last snapshot that ask for a new one. @default 512 KiB */
  readonly snapshotBytes?: number;
  /** Bytes of records that are kept in memory for sinks. @default 256 KiB */
  readonly tailBytes?: number;
  /**
   * Begins to look at a stretch of old records that sinks have yet to read, so that what later ones supersede is left
   * out of it.
   * @default they are kept as they are
   */
  readonly coalesce?: () => Coalesce;
  /**
   * How many records behind its cursor a sink may have told, and tells again after a crash: these stay as
   * they are.
   * @default 1024
   */
  readonly repeated?: number;
  /**
   * When more bytes than this are kept for sinks alone, `stats` and the log say so. No record is refused or
   * dropped because of it: records are kept until the disk is full.
   * @default 8 MiB
   */
  readonly backlogBytes?: number;
  /** @default the real file system */
  readonly disk?: Disk;
}

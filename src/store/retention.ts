import type { Catalog, SnapshotFile } from './catalog.js';
import type { Cursors } from './cursors.js';
import { StoreError, storageError } from './error.js';
import type { Segment } from './segment.js';

/** Snapshots that are kept: the newest, and one to fall back to. */
const snapshotsKept = 2;

/** Decides which files may go. */
export class Retention {
  readonly #catalog: Catalog;
  readonly #cursors: Cursors;
  readonly #warn: (text: string) => void;

  constructor(catalog: Catalog, cursors: Cursors, warn: (text: string) => void) {
    this.#catalog = catalog;
    this.#cursors = cursors;
    this.#warn = warn;
  }

  /** Removes the snapshots before the last two, and the segments that neither these nor a sink will read. */
  prune(): void {
    this.#keep(snapshotsKept);
  }

  /**
   * Runs `write`. If there is no room, gives up the older snapshot and runs `write` once more: a journal that
   * has filled the disk by itself could not become smaller otherwise.
   */
  async withRoom(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (cause) {
      const { code } = storageError('snapshot', cause);
      if (code !== 'storage_full' || this.#catalog.snapshots.length < snapshotsKept) throw cause;
      this.#warn('no room for a snapshot: the oldest one is given up');
      this.#keep(snapshotsKept - 1);
      await write();
    }
  }

  #keep(count: number): void {
    const oldest = this.#catalog.snapshots.at(-count);
    if (!oldest) return;
    for (const file of this.#catalog.snapshots) if (file.number < oldest.number) this.#remove(file);
    const acknowledged = Math.min(this.#cursors.lowestOnDisk, this.#cursors.lowest);
    for (const segment of this.#catalog.segments) {
      if (segment.number > oldest.number) continue;
      const last = Math.min(this.#catalog.lastOf(segment), oldest.seq);
      if (last <= acknowledged) this.#remove(segment);
    }
  }

  #remove(file: Segment | SnapshotFile): void {
    try {
      this.#catalog.remove(file);
    } catch (cause) {
      this.#warn(new StoreError('storage_failed', `cannot remove ${file.path}`, cause).message);
    }
  }
}

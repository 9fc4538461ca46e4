import type { Catalog } from './catalog.js';

const KiB = 1024;

/** How much the journal has grown since the last snapshot, and whether another one is due. */
export class Growth {
  readonly #catalog: Catalog;
  readonly #snapshotBytes: number;
  /** What the disk has refused counts, too: then a snapshot alone can make it durable. */
  bytes: number;

  /** `bytes`: what a start has replayed; `snapshotBytes`: the least that makes a snapshot due. */
  constructor(catalog: Catalog, bytes: number, snapshotBytes = 512 * KiB) {
    this.#catalog = catalog;
    this.#snapshotBytes = snapshotBytes;
    this.bytes = bytes;
  }

  /** Enough has been written since the last snapshot: in proportion to its size, so that snapshots stay a fair part. */
  get wantsSnapshot(): boolean {
    const last = this.#catalog.snapshots.at(-1)?.size ?? 0;
    return this.bytes > Math.max(this.#snapshotBytes, 2 * last);
  }
}

import type { Catalog } from './catalog.js';
import type { Cursors } from './cursors.js';
import type { Disk } from './disk.js';
import { storageError } from './error.js';
import type { Journal } from './journal.js';
import type { Retention } from './retention.js';
import { type Draft, draftSnapshot, writeSnapshot } from './snapshot.js';

/** Takes snapshots, one after the other, and lets go of the files that they make needless. */
export class Snapshots {
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #journal: Journal;
  readonly #safeguard: () => Promise<void>;
  readonly #cursors: Cursors;
  readonly #retention: Retention;
  #last: Promise<void> = Promise.resolve();
  #bytesWritten = 0;

  /** `safeguard`: what must be on the disk before a snapshot, which hides what was missing, is. It does not throw. */
  constructor(
    disk: Disk,
    catalog: Catalog,
    journal: Journal,
    safeguard: () => Promise<void>,
    cursors: Cursors,
    retention: Retention,
  ) {
    this.#disk = disk;
    this.#catalog = catalog;
    this.#journal = journal;
    this.#safeguard = safeguard;
    this.#cursors = cursors;
    this.#retention = retention;
  }

  /** Bytes written by this process. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /**
   * Takes `state` as it is before it returns and then makes it durable, and the records with it.
   * @throws {@link StoreError}
   */
  take(state: object): Promise<void> {
    const cursors = this.#cursors.toPlain();
    const draft = draftSnapshot(this.#catalog, this.#journal.lastSeq, { state, cursors });
    // Segments with a higher number than the snapshot's hold only what it does not cover.
    this.#journal.roll();
    const turn = this.#last.then(async () => {
      await this.#write(draft);
      this.#cursors.saved(cursors);
      this.#retention.prune();
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Resolves when no snapshot is under way. */
  idle(): Promise<void> {
    return this.#last;
  }

  async #write(draft: Draft): Promise<void> {
    const { health } = this.#journal;
    try {
      this.#journal.claim();
      await this.#retention.withRoom(async () => {
        // The records first: a sink must not miss what the state has.
        await this.#journal.sync();
        await this.#safeguard();
        const file = await writeSnapshot(this.#disk, this.#catalog.directory, draft);
        this.#catalog.addSnapshot(file);
        this.#bytesWritten += file.size;
      });
    } catch (cause) {
      const error = storageError('cannot write a snapshot', cause);
      health.failed('snapshot', error);
      throw error;
    }
    health.worked('snapshot');
  }
}

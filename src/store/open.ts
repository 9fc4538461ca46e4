import { Catalog } from './catalog.js';
import { Damages } from './damages.js';
import { nodeDisk } from './disk.js';
import { reasonOf, StoreError, storageError } from './error.js';
import { Head } from './head.js';
import { Lock } from './lock.js';
import type { StoreOptions } from './options.js';
import { type Recovery, recover } from './recovery.js';
import { Store } from './store.js';

/** A store and what was found in its directory. */
export interface OpenedStore {
  readonly store: Store;
  readonly recovered: Pick<Recovery, 'snapshot' | 'records' | 'setAside'>;
}

/**
 * Opens the journal of a directory and recovers what is there.
 *
 * A snapshot soon after the start is worth its bytes. It makes certain what an earlier process, whose disk
 * failed, left in the page cache, and files that were set aside are not reported again.
 * Where nothing can be written, for want of an inode or on a read-only disk, the records are read all the
 * same, and every new record is refused until the directory can be locked.
 * @throws {@link StoreError} `locked` when another process has it, `version` when a newer format is in it (then it
 * is left as it is), `storage_failed` when it cannot be listed.
 */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const { directory, disk = nodeDisk } = options;
  const lock = new Lock(disk, directory);
  const causes: unknown[] = [];
  try {
    causes.push(...attempt(() => disk.makeDirectory(directory)), ...attempt(() => lock.take()));
    const troubles = causes.map((cause) => `nothing can be written (${reasonOf(cause)})`);
    const catalog = new Catalog(disk, directory);
    const head = new Head(disk, directory);
    const damages = new Damages(disk, directory);
    const recovery = await recover(disk, catalog, head.noted);
    // Before anything is written that hides what is missing.
    await damages.note(recovery.damages);
    const { snapshot, records, setAside } = recovery;
    const store = new Store({ disk, catalog, recovery, lock, head, damages }, options);
    return { store, recovered: { snapshot, records, setAside: [...troubles, ...setAside] } };
  } catch (cause) {
    lock.release();
    // A directory that could not be made is not there to be listed: the first of the two says why.
    throw storageError(
      `cannot open ${directory}`,
      cause instanceof StoreError ? cause : (causes[0] ?? cause),
    );
  }
}

/** A daemon that cannot write can still serve what was sold. @returns why writing failed, if it did */
function attempt(work: () => void): unknown[] {
  try {
    work();
    return [];
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    return [cause];
  }
}

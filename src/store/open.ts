import { Catalog } from './catalog.js';
import { nodeDisk } from './disk.js';
import { storageError } from './error.js';
import { takeLock } from './lock.js';
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
 * A snapshot soon after the start is worth its bytes: it ends all doubt about what an earlier process, whose disk
 * failed, has left in the page cache, and what was set aside is not reported again.
 * @throws {@link StoreError} `locked` when another process has it, `version` when a newer format is in it (then it
 * is left as it is), `storage_full` or `storage_failed` when it cannot be read or made safe.
 */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const { directory, disk = nodeDisk } = options;
  let unlock = () => {};
  try {
    disk.makeDirectory(directory);
    unlock = takeLock(disk, directory);
    const catalog = new Catalog(disk, directory);
    const recovery = await recover(disk, catalog);
    const { snapshot, records, setAside } = recovery;
    const store = new Store({ disk, catalog, recovery, unlock }, options);
    return { store, recovered: { snapshot, records, setAside } };
  } catch (cause) {
    unlock();
    throw storageError(`cannot open ${directory}`, cause);
  }
}

import { Catalog } from './catalog.js';
import { Damages } from './damages.js';
import { nodeDisk } from './disk.js';
import { errnoOf, reasonOf, StoreError, storageError } from './error.js';
import { Head } from './head.js';
import { Lock } from './lock.js';
import type { StoreOptions } from './options.js';
import { type Intake, type Recovery, recover, type StoredRecord } from './recovery.js';
import { Store } from './store.js';

/** Without the number of the newest record, what the newest file has lost is not seen. */
const headless = 'the file head is lost or damaged: whether the newest records are all there is not known';

/** A store and what was found in its directory. */
export interface OpenedStore {
  readonly store: Store;
  readonly recovered: {
    /** The state of the newest good snapshot; undefined when there is none. */
    readonly snapshot: unknown;
    /** The records after it, in order. */
    readonly records: readonly StoredRecord[];
    /** One sentence for each thing that was cut, set aside or missing; empty when all is as it was written. */
    readonly setAside: readonly string[];
  };
}

/** Keeps all that is found: for small journals. */
class Collected implements Intake {
  state: unknown;
  readonly records: StoredRecord[] = [];

  snapshot(state: unknown): void {
    this.state = state;
  }

  record(record: StoredRecord): void {
    this.records.push(record);
  }
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
  const found = new Collected();
  const { store, setAside } = await openInto(found, options);
  return { store, recovered: { snapshot: found.state, records: found.records, setAside } };
}

/**
 * Does as {@link openStore}, and hands over what is found while it is read.
 * @throws as {@link openStore} does, and what `intake` throws
 */
export async function openInto(
  intake: Intake,
  options: StoreOptions,
): Promise<Pick<Recovery, 'setAside'> & { readonly store: Store }> {
  const { directory, disk = nodeDisk } = options;
  const lock = new Lock(disk, directory);
  const causes: unknown[] = [];
  try {
    causes.push(...attempt(() => disk.makeDirectory(directory)), ...attempt(() => lock.take()));
    const troubles = causes.map((cause) => `nothing can be written (${reasonOf(cause)})`);
    const catalog = new Catalog(disk, directory);
    const head = new Head(disk, directory);
    const damages = new Damages(disk, directory);
    const recovery = await recover(disk, catalog, head.noted, intake);
    // Before anything is written that hides what is missing.
    // Each snapshot of this version was taken when that file was on the disk.
    const isHeadless = head.noted === 0 && catalog.lastCovered > 0;
    await damages.note([...recovery.damages, ...(isHeadless ? [headless] : [])]);
    const store = new Store({ disk, catalog, recovery, lock, head, damages }, options);
    return { store, setAside: [...troubles, ...recovery.setAside] };
  } catch (cause) {
    lock.release();
    // No fault of the disk has no errno: the books cannot take what they are given, and where must be told.
    if (!(cause instanceof StoreError) && errnoOf(cause) === undefined) throw cause;
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

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { type Disk, nodeDisk } from '../store/disk.js';
import { Keepsake } from '../store/keepsake.js';
import type { Setting } from './target.js';

/** A value that an option had before; null for none. */
type Kept = string | readonly string[] | null;

/** What a set-up has changed, and how it was before the first time. */
export interface SetupRecord {
  readonly settings: readonly (Pick<Setting, 'file' | 'section' | 'option'> & {
    readonly before: Kept;
    readonly after: Kept;
  })[];
  readonly pages: readonly {
    readonly path: string;
    readonly before: string | null;
    readonly after: string;
  }[];
  /** Whole files of UCI, byte for byte in Latin-1, and what `uci` said of them when the set-up was done. */
  readonly files: readonly { readonly file: string; readonly before: string; readonly left: string }[];
  /** The random key that was made. */
  readonly key: string;
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Root believes what root has written. The folder may be the user's as whom the daemon runs (`drop_root`), and what is
 * put back is any file: nobody else is to say which.
 */
const ofRoot: Disk = {
  ...nodeDisk,
  read(path) {
    const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      if (process.getuid?.() === 0 && fstatSync(fd).uid !== 0) throw new Error(`${path} is not root's`);
      return readFileSync(fd);
    } finally {
      closeSync(fd);
    }
  },
};

/** Keeps what a set-up has changed, in the folder of the state, so that it can be undone. */
export class SetupRecords {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Undefined when the target was never set up, or that was undone. */
  load(target: string): SetupRecord | undefined {
    const found = this.#of(target).load() as { readonly record?: SetupRecord | null } | undefined;
    return found?.record ?? undefined;
  }

  /** @throws {@link StoreError} when the disk does not take it */
  async save(target: string, record: SetupRecord): Promise<void> {
    nodeDisk.makeDirectory(this.#directory);
    await this.#of(target).save({ record });
  }

  /** Forgets it: it is undone. @throws {@link StoreError} when the disk does not take that */
  async forget(target: string): Promise<void> {
    await this.#of(target).save({ record: null });
  }

  #of(target: string): Keepsake {
    return new Keepsake(this.#directory, `setup-${target}`, ofRoot);
  }
}

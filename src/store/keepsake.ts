import { join } from 'node:path';
import { type Disk, nodeDisk } from './disk.js';
import { storageError } from './error.js';
import { encodeFrame, frameAt, frameKind } from './frame.js';
import { decodePayload, encodePayload } from './payload.js';
import { writeWholeFile } from './whole-file.js';

/** Plain data in a file of its own beside the journal: what a sink has to know at its next start. */
export class Keepsake {
  readonly #path: string;
  readonly #disk: Disk;

  constructor(directory: string, name: string, disk: Disk = nodeDisk) {
    this.#path = join(directory, name);
    this.#disk = disk;
  }

  /** There is something in its place, readable or not. */
  get isThere(): boolean {
    try {
      return this.#disk.size(this.#path) >= 0;
    } catch {
      return false;
    }
  }

  /** Undefined when there is none, or not as it was written. */
  load(): unknown {
    try {
      const bytes = this.#disk.read(this.#path);
      const frame = frameAt(bytes, 0);
      return frame?.end === bytes.length ? decodePayload(frame.payload) : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Puts `data` in the place of what was there. One call at a time.
   * @throws {@link StoreError} `storage_full` or `storage_failed`; then the old data stays.
   */
  async save(data: object): Promise<void> {
    try {
      await writeWholeFile(this.#disk, this.#path, encodeFrame(frameKind.snapshot, 0, encodePayload(data)));
    } catch (cause) {
      throw storageError(this.#path, cause);
    }
  }
}

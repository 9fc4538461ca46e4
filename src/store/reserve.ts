import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Disk, writeWhole } from './disk.js';
import { storageError } from './error.js';
import type { Health } from './health.js';

const name = 'reserve';
/** Room for the ends of some hundred sessions. */
const size = 64 * 1024;

/**
 * A file that reserves room and is given up when the disk is full. The room is for records that must be
 * written then, such as the end of a session that was paid.
 */
export class Reserve {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #health: Health;
  #isTaken: boolean;
  #wasRefused = false;

  constructor(disk: Disk, directory: string, health: Health) {
    this.#disk = disk;
    this.#directory = directory;
    this.#health = health;
    this.#isTaken = this.#isWhole;
  }

  /** The disk had no room for it when it was last asked. */
  get wasRefused(): boolean {
    return this.#wasRefused;
  }

  /**
   * Takes the room, if it is not taken.
   * @throws `StoreError` `storage_full` or `storage_failed`
   */
  async take(): Promise<void> {
    if (this.#isTaken) return;
    try {
      this.#drop();
      const fd = this.#disk.create(this.#path);
      try {
        // Random bytes, because a file system that compresses would reserve no room for zeros.
        writeWhole(this.#disk, fd, randomBytes(size), 0);
        await this.#disk.sync(fd);
      } finally {
        this.#disk.close(fd);
      }
    } catch (cause) {
      const error = storageError('cannot keep room for a full disk', cause);
      this.#wasRefused = true;
      this.#health.failed('reserve', error);
      this.#dropQuietly();
      throw error;
    }
    this.#isTaken = true;
    this.#wasRefused = false;
    this.#health.worked('reserve');
  }

  /** Gives the room up. @returns whether there was any. */
  giveUp(): boolean {
    if (!this.#isTaken) return false;
    this.#isTaken = false;
    this.#drop();
    return true;
  }

  /** One that the disk does not show is none: it must not keep the daemon from starting. */
  get #isWhole(): boolean {
    try {
      return this.#disk.size(this.#path) === size;
    } catch {
      return false;
    }
  }

  #dropQuietly(): void {
    try {
      this.#drop();
    } catch {
      // What is in its place, and is none, stays.
    }
  }

  get #path(): string {
    return join(this.#directory, name);
  }

  #drop(): void {
    if (this.#disk.list(this.#directory).includes(name)) this.#disk.remove(this.#path);
  }
}

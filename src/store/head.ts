import { dirname, join } from 'node:path';
import type { Disk } from './disk.js';
import { writeWhole } from './disk.js';
import { storageError } from './error.js';
import { encodeFrame, frameAt, frameHeaderSize, frameKind } from './frame.js';
import type { Health } from './health.js';
import { isNumber } from './names.js';

const nothing = Buffer.alloc(0);

/**
 * The number of the newest record that is known to be on the disk, in a small file of its own. A start that finds fewer
 * records than that knows that some are missing, also where the newest file of the journal is empty or gone. Each
 * `FileSafe` has such a file, too.
 *
 * It is written behind each sync of the journal, so it never promises more than there is. It is not synced with it: the
 * flash would be worn twice. A power cut may leave an older number, which promises less. There are two places in the
 * file, written in turn, so that a write that is cut off leaves the other one.
 */
export class Head {
  readonly #disk: Disk;
  readonly #path: string;
  #fd: number | undefined;
  /** Its name may not be on the disk yet. */
  #isNew = false;
  #turn = 0;
  #noted: number;
  #bytesWritten = 0;

  constructor(disk: Disk, directory: string, name = 'head') {
    this.#disk = disk;
    this.#path = join(directory, name);
    const places = this.#places();
    this.#turn = places[0] > places[1] ? 1 : 0;
    this.#noted = Math.max(...places);
  }

  /** The highest number that was noted; 0 when none was, as in journals of 0.1.0, or it cannot be read. */
  get noted(): number {
    return this.#noted;
  }

  /** Bytes written by this process. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Notes that every record up to `seq` is on the disk. What fails is told to `health`, and noted the next time. */
  note(seq: number, health: Health): void {
    if (seq <= this.#noted) return;
    try {
      this.#fd ??= this.#open();
      const bytes = encodeFrame(frameKind.cursors, seq, nothing);
      writeWhole(this.#disk, this.#fd, bytes, this.#turn * frameHeaderSize);
      this.#bytesWritten += bytes.length;
      this.#noted = seq;
      this.#turn = 1 - this.#turn;
      health.worked('head');
    } catch (cause) {
      health.failed('head', storageError(`cannot write ${this.#path}`, cause));
      this.close();
    }
  }

  /** Waits until what was noted is on the disk. What fails is left to the operating system. */
  async sync(): Promise<void> {
    try {
      if (this.#fd === undefined) return;
      await this.#disk.sync(this.#fd);
      if (this.#isNew) await this.#disk.syncDirectory(dirname(this.#path));
      this.#isNew = false;
    } catch {
      this.close();
    }
  }

  close(): void {
    if (this.#fd !== undefined) this.#disk.close(this.#fd);
    this.#fd = undefined;
  }

  #open(): number {
    try {
      return this.#disk.reopen(this.#path);
    } catch {
      const fd = this.#disk.create(this.#path);
      this.#isNew = true;
      return fd;
    }
  }

  #places(): readonly [number, number] {
    try {
      const bytes = this.#disk.head(this.#path, 2 * frameHeaderSize);
      return [numberAt(bytes, 0), numberAt(bytes, frameHeaderSize)];
    } catch {
      return [0, 0];
    }
  }
}

/** 0 where there is none that a record can have. */
function numberAt(bytes: Buffer, at: number): number {
  const { seq = 0 } = frameAt(bytes, at) ?? {};
  return isNumber(seq) ? seq : 0;
}

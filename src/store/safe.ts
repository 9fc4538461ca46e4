import { join } from 'node:path';
import type { Safe } from '../ports/safe.js';
import { type Disk, nodeDisk, writeWhole } from './disk.js';
import { reasonOf, storageError } from './error.js';
import { encodeFrame, frameKind, walkFrames } from './frame.js';
import { Head } from './head.js';
import { Health } from './health.js';
import { decodePayload, encodePayload } from './payload.js';
import { writeWholeFile } from './whole-file.js';

/** A file below this size is not written anew, in bytes. */
const smallFile = 64 * 1024;
/** Beyond this many times what it holds, the file is written anew. */
const mostWaste = 4;
/** The name of no value: a change that changes nothing. */
const nobody = '';

interface Kept {
  readonly value: unknown;
  /** Of its frame. */
  readonly size: number;
}

/**
 * A {@link Safe} in one file, to which each change is appended and synced. The number of the last change that was promised
 * is in a {@link Head} beside it, `NAME.head`, so that damage to the last one is not taken for what a crash has torn.
 */
export class FileSafe implements Safe {
  readonly #path: string;
  readonly #disk: Disk;
  readonly #head: Head;
  readonly #kept = new Map<string, Kept>();
  #seq = 0;
  /** Bytes of the file that are known to be good. */
  #size = 0;
  /** Bytes of the frames that still count. */
  #live = 0;
  /**
   * Something that failed may have left bytes behind the good ones; or this process has written nothing yet: what is in the
   * file may be of one whose sync had failed, which no later sync puts on the disk.
   */
  #isAnew = true;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, name: string, disk: Disk) {
    this.#path = join(directory, name);
    this.#disk = disk;
    this.#head = new Head(disk, directory, `${name}.head`);
  }

  /**
   * Opens the file, or begins with none. What was torn at its end by a crash was never promised; where more is damaged or
   * missing, the file as it was is kept beside it as `NAME.damaged`, and `damaged` hears of it.
   * @throws `StoreError` when it cannot be read
   */
  static async open(
    directory: string,
    name: string,
    damaged: (text: string) => void,
    disk: Disk = nodeDisk,
  ): Promise<FileSafe> {
    const safe = new FileSafe(directory, name, disk);
    try {
      const isThere = disk.list(directory).includes(name);
      const bytes = isThere ? disk.read(safe.#path) : Buffer.alloc(0);
      const isDamaged = safe.#replay(bytes);
      if (isDamaged || safe.#head.noted > safe.#seq) damaged(`${name}: ${await safe.#mend(isThere, bytes)}`);
      return safe;
    } catch (cause) {
      throw storageError(safe.#path, cause);
    }
  }

  *all(): Iterable<readonly [string, unknown]> {
    for (const [name, { value }] of this.#kept) yield [name, value];
  }

  put(name: string, value: object | undefined): Promise<void> {
    const done = this.#turn.then(() => this.#write(name, value));
    this.#turn = done.catch(() => {});
    return done;
  }

  async #write(name: string, value: object | undefined): Promise<void> {
    try {
      const isAnew = this.#isAnew || this.#isWasteful;
      const size = isAnew ? await this.#writeAnew(name, value) : await this.#append(name, value);
      this.#keep(name, value, size);
      // What it cannot take it promises the next time.
      this.#head.note(this.#seq, new Health());
      this.#head.close();
    } catch (cause) {
      this.#isAnew = true;
      throw storageError(this.#path, cause);
    }
  }

  /**
   * Makes the file anew of what is good in it, once there is a copy of it as it was; with no room for one, it stays until
   * the next change, and the next start finds the same.
   * @returns what was found, and where the copy is
   */
  async #mend(isThere: boolean, bytes: Buffer): Promise<string> {
    this.#seq = Math.max(this.#seq, this.#head.noted);
    const copy = `${this.#path}.damaged`;
    try {
      if (isThere) await writeWholeFile(this.#disk, copy, bytes);
    } catch (cause) {
      return `part of it is damaged: no copy of it could be made (${reasonOf(cause)})`;
    }
    await this.put(nobody, undefined).catch(() => {});
    return isThere
      ? `part of it is damaged: the file as it was is ${copy}`
      : 'it is missing, and what was in it';
  }

  get #isWasteful(): boolean {
    return this.#size > smallFile && this.#size > mostWaste * this.#live;
  }

  /** @returns the size of the frame */
  async #append(name: string, value: object | undefined): Promise<number> {
    const frame = frameOf(this.#seq + 1, name, value);
    const fd = this.#disk.reopen(this.#path);
    try {
      writeWhole(this.#disk, fd, frame, this.#size);
      await this.#disk.sync(fd);
    } finally {
      this.#disk.close(fd);
    }
    this.#seq += 1;
    this.#size += frame.length;
    return frame.length;
  }

  async #writeAnew(name: string, value: object | undefined): Promise<number> {
    const others = [...this.#kept].filter(([other]) => other !== name);
    const first = this.#seq + 1;
    const frames = others.map(([other, kept], at) => frameOf(first + at, other, kept.value));
    // Also without a value: the file says by its last number that it is whole.
    const last = frameOf(first + frames.length, name, value);
    const bytes = Buffer.concat([...frames, last]);
    await writeWholeFile(this.#disk, this.#path, bytes);
    this.#seq = first + frames.length;
    this.#size = bytes.length;
    this.#isAnew = false;
    return last.length;
  }

  #keep(name: string, value: unknown, size: number): void {
    this.#live -= this.#kept.get(name)?.size ?? 0;
    this.#kept.delete(name);
    if (value === undefined) return;
    this.#kept.set(name, { value, size });
    this.#live += size;
  }

  /** @returns whether there is damage before the end */
  #replay(bytes: Buffer): boolean {
    let damage = false;
    let torn = false;
    for (const part of walkFrames(bytes, 0, 0, () => Number.POSITIVE_INFINITY)) {
      if (!('kind' in part)) {
        torn = true;
        continue;
      }
      damage ||= torn;
      const { n, v } = decodePayload(part.payload) as { n: string; v?: unknown };
      this.#keep(n, v, part.end - part.start);
      this.#seq = Math.max(this.#seq, part.seq);
      this.#size = part.end;
    }
    return damage;
  }
}

/** Without a value it takes the name out. */
function frameOf(seq: number, name: string, value: unknown): Buffer {
  return encodeFrame(
    frameKind.record,
    seq,
    encodePayload(value === undefined ? { n: name } : { n: name, v: value }),
  );
}

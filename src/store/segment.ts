import type { Disk } from './disk.js';
import { writeWhole } from './disk.js';
import { reasonOf, storageError } from './error.js';
import { type Damage, type Frame, frameHeaderSize, roomForOmissions, walkFrames } from './frame.js';
import { encodeFileHeader, fileHeaderSize, fileType, hasFileHeader } from './header.js';

/**
 * A file of the journal: a file header and frames. Its records begin with `first`, and end before the `first` of any
 * segment with a higher number, which takes their place.
 */
export interface Segment {
  readonly number: number;
  readonly first: number;
  readonly path: string;
  /** In bytes, up to the end of the last frame. */
  readonly size: number;
  /** It was written again, without what later records say better. */
  readonly isCompacted: boolean;
}

/** What is in a segment: every byte is in a frame, in the file header or in `damages`. */
export interface SegmentContents {
  /** Why the disk does not read the segment; then the other members are empty. */
  readonly unreadable?: string;
  readonly bytes: Buffer;
  readonly frames: readonly Frame[];
  readonly damages: readonly Damage[];
}

/** Reads a segment whole. */
export function readSegment(disk: Disk, segment: Segment): SegmentContents {
  let bytes: Buffer;
  try {
    bytes = disk.read(segment.path);
  } catch (cause) {
    return { bytes: Buffer.alloc(0), frames: [], damages: [], unreadable: reasonOf(cause) };
  }
  const frames: Frame[] = [];
  const damages: Damage[] = [];
  // The catalog does not know the type of a file whose first bytes the disk refused to read.
  const isCompacted = segment.isCompacted || hasFileHeader(bytes, fileType.compacted, segment.first);
  const type = isCompacted ? fileType.compacted : fileType.journal;
  if (bytes.length > 0 && !hasFileHeader(bytes, type, segment.first)) {
    damages.push({ start: 0, end: Math.min(bytes.length, fileHeaderSize) });
  }
  const roomIn = isCompacted ? roomForOmissions : undefined;
  for (const found of walkFrames(bytes, fileHeaderSize, segment.first - 1, roomIn)) {
    if ('kind' in found) frames.push(found);
    else damages.push(found);
  }
  return { bytes, frames, damages };
}

/**
 * The highest number that a record in a file of this size can have, if all frames are as short as possible.
 */
export function mostIn({ first, size }: Segment): number {
  return first - 1 + Math.floor(size / frameHeaderSize);
}

/** The segment that is being written. */
export class SegmentWriter implements Segment {
  readonly number: number;
  readonly first: number;
  readonly path: string;
  readonly isCompacted = false;
  readonly fd: number;
  readonly #disk: Disk;
  #size: number;
  #torn = false;

  /**
   * Makes the file with its header and, in one piece, the frames that it begins with.
   * @throws {@link StoreError}; then there is no such file, or one that means nothing.
   */
  constructor(disk: Disk, name: { number: number; first: number; path: string }, frames: readonly Buffer[]) {
    this.#disk = disk;
    this.number = name.number;
    this.first = name.first;
    this.path = name.path;
    const bytes = Buffer.concat([encodeFileHeader(fileType.journal, name.first), ...frames]);
    try {
      this.fd = disk.create(name.path);
    } catch (cause) {
      throw storageError(`cannot make ${name.path}`, cause);
    }
    try {
      writeWhole(disk, this.fd, bytes, 0);
    } catch (cause) {
      this.#discard();
      throw storageError(`cannot write ${name.path}`, cause);
    }
    this.#size = bytes.length;
  }

  get size(): number {
    return this.#size;
  }

  /** Part of a frame is at the end and could not be taken away: nothing may be written here any more. */
  get isTorn(): boolean {
    return this.#torn;
  }

  /**
   * Writes a frame at the end.
   * @throws {@link StoreError}; then the file ends where it did, or {@link isTorn} is set.
   */
  append(frame: Buffer): void {
    try {
      writeWhole(this.#disk, this.fd, frame, this.#size);
    } catch (cause) {
      this.#cut();
      throw storageError(`cannot write ${this.path}`, cause);
    }
    this.#size += frame.length;
  }

  close(): void {
    this.#disk.close(this.fd);
  }

  #cut(): void {
    try {
      this.#disk.truncate(this.fd, this.#size);
    } catch {
      this.#torn = true;
    }
  }

  #discard(): void {
    try {
      this.close();
      this.#disk.remove(this.path);
    } catch {
      // Its number is not used again, and the frames in it are no others than those that another file gets.
    }
  }
}

import { join } from 'node:path';
import { type Disk, removeQuietly } from './disk.js';
import { fileHeaderSize, fileType, hasFileHeader, isOfThisVersion, refuseNewer } from './header.js';
import { formatName, parseName, unfinished } from './names.js';
import type { Segment } from './segment.js';

/** A snapshot on the disk. It covers every record up to `seq`, and every segment with a lower number. */
export interface SnapshotFile {
  readonly number: number;
  readonly seq: number;
  readonly path: string;
  readonly size: number;
}

/** The files of the directory, in the order of their numbers. */
export class Catalog {
  readonly directory: string;
  readonly #disk: Disk;
  #segments: Segment[] = [];
  #snapshots: SnapshotFile[] = [];
  #next = 1;
  #lastCovered = 0;

  /**
   * Lists the directory and removes what was never finished.
   * @throws {@link StoreError} `version` before anything is changed, when any file has a newer format.
   */
  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.directory = directory;
    const names = disk.list(directory);
    for (const name of names) this.#find(name);
    this.#segments.sort((a, b) => a.number - b.number);
    this.#snapshots.sort((a, b) => a.number - b.number);
    for (const name of names) if (name.endsWith(unfinished)) removeQuietly(disk, join(directory, name));
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  get snapshots(): readonly SnapshotFile[] {
    return this.#snapshots;
  }

  /** The last record that a snapshot of this version covered when the directory was listed; 0 without one. */
  get lastCovered(): number {
    return this.#lastCovered;
  }

  /** Size of all files, in bytes. */
  get bytes(): number {
    return [...this.#segments, ...this.#snapshots].reduce((sum, file) => sum + file.size, 0);
  }

  /** A number and path for a new file. */
  name(kind: 'journal' | 'snapshot', seq: number): { readonly number: number; readonly path: string } {
    const number = this.#next++;
    return { number, path: join(this.directory, formatName({ kind, number, seq })) };
  }

  addSegment(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** Lists a segment as its file is now. */
  replace(segment: Segment, next: Segment): void {
    this.#segments = this.#segments.map((s) => (s === segment ? next : s));
  }

  addSnapshot(snapshot: SnapshotFile): void {
    this.#snapshots.push(snapshot);
  }

  /** The last record that a segment may speak for; later numbers belong to the next segment. */
  lastOf(segment: Segment): number {
    let last = Number.POSITIVE_INFINITY;
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const later = this.#segments[i]!;
      if (later.number <= segment.number) break;
      last = Math.min(last, later.first - 1);
    }
    return last;
  }

  /** Every segment with what {@link lastOf} says of it, the oldest first. */
  spans(): { readonly segment: Segment; readonly last: number }[] {
    let last = Number.POSITIVE_INFINITY;
    const spans = this.#segments.toReversed().map((segment) => {
      const span = { segment, last };
      last = Math.min(last, segment.first - 1);
      return span;
    });
    return spans.reverse();
  }

  /** Removes a file from the disk. @throws what the disk throws; then it is still listed. */
  remove(file: Segment | SnapshotFile): void {
    this.#disk.remove(file.path);
    this.forget(file);
  }

  /** Drops a file that is not there any more from the list. */
  forget(file: Segment | SnapshotFile): void {
    this.#segments = this.#segments.filter((s) => s !== file);
    this.#snapshots = this.#snapshots.filter((s) => s !== file);
  }

  #find(name: string): void {
    const parsed = parseName(name);
    if (!parsed) return;
    const { kind, number, seq } = parsed;
    const path = join(this.directory, name);
    const { head, size } = this.#look(path);
    refuseNewer(head, path);
    this.#next = Math.max(this.#next, number + 1);
    if (kind === 'snapshot') {
      if (isOfThisVersion(head)) this.#lastCovered = Math.max(this.#lastCovered, seq);
      this.#snapshots.push({ number, seq, path, size });
      return;
    }
    const isCompacted = hasFileHeader(head, fileType.compacted, seq);
    this.#segments.push({ number, first: seq, path, size, isCompacted });
  }

  /** A file that the disk does not read is listed all the same; its reader finds the fault. */
  #look(path: string): { readonly head: Buffer; readonly size: number } {
    const size = orElse(() => this.#disk.size(path), 0);
    return { head: orElse(() => this.#disk.head(path, fileHeaderSize), Buffer.alloc(0)), size };
  }
}

function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

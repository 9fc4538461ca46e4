import { basename } from 'node:path';
import type { Catalog } from './catalog.js';
import { keepDamage, missingText } from './damage.js';
import type { Disk } from './disk.js';
import { StoreError } from './error.js';
import { type Frame, firstOf, frameKind } from './frame.js';
import { readSegment, type Segment, type SegmentContents } from './segment.js';
import type { Entry } from './tail.js';

/** A file that the disk refuses this often in a row counts as damaged; sinks ask again after some seconds. */
const triesToRead = 3;

/** Records of one segment. */
export interface Chapter {
  /** The records are those after this number. */
  readonly after: number;
  readonly entries: readonly Entry[];
  /** No record follows the last entry up to this number, which is included. */
  readonly upTo: number;
}

/** Reads records back from the segments, for sinks that have fallen behind. */
export class Archive {
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #report: (text: string) => void;
  readonly #reported = new Set<string>();
  /** Errors in a row, by path. */
  readonly #refusals = new Map<string, number>();

  /** `report` is called once for each place where records are damaged or missing. */
  constructor(disk: Disk, catalog: Catalog, report: (text: string) => void) {
    this.#disk = disk;
    this.#catalog = catalog;
    this.#report = report;
  }

  /** The oldest record that is still here; undefined when there is none. */
  get oldest(): number | undefined {
    return this.#catalog.segments[0]?.first;
  }

  /**
   * The records after `after` and up to `last`, as far as one segment has them.
   * @throws {@link StoreError} when the disk does not read the segment; after a few tries the segment counts
   * as damaged.
   */
  read(after: number, last: number): Chapter {
    const segment = this.#holding(after + 1);
    if (!segment || segment.first > last) return { after, entries: [], upTo: last };
    this.#noteGap(after, segment.first);
    const upTo = Math.min(last, this.#catalog.lastOf(segment));
    const contents = this.#contentsOf(segment);
    for (const damage of contents.damages) {
      this.#once(keepDamage(this.#disk, segment.path, contents.bytes, damage).text);
    }
    return { after, entries: this.#entries(contents.frames, Math.max(after, segment.first - 1), upTo), upTo };
  }

  /** Reports a record that is there but cannot be decoded. */
  reportUndecodable(seq: number): void {
    this.#once(`record ${seq} cannot be decoded, and is left out`);
  }

  #contentsOf(segment: Segment): SegmentContents {
    const { path } = segment;
    const contents = readSegment(this.#disk, segment);
    if (contents.unreadable === undefined) {
      this.#refusals.delete(path);
      return contents;
    }
    const refusals = (this.#refusals.get(path) ?? 0) + 1;
    this.#refusals.set(path, refusals);
    const why = `${basename(path)} cannot be read (${contents.unreadable})`;
    if (refusals < triesToRead) throw new StoreError('storage_failed', why);
    this.#once(why);
    return contents;
  }

  /** The newest segment that may have the record, or else the first one after it. */
  #holding(seq: number): Segment | undefined {
    const { segments } = this.#catalog;
    for (let i = segments.length - 1; i >= 0; i--) if (segments[i]!.first <= seq) return segments[i];
    return segments[0];
  }

  #entries(frames: readonly Frame[], after: number, upTo: number): Entry[] {
    const entries: Entry[] = [];
    let before = after;
    for (const frame of frames) {
      const { kind, seq, payload } = frame;
      if (seq <= before || firstOf(frame) > upTo) continue;
      this.#noteGap(before, firstOf(frame));
      if (kind === frameKind.record) entries.push({ seq, payload });
      before = seq;
    }
    this.#noteGap(before, upTo + 1);
    return entries;
  }

  #noteGap(last: number, next: number): void {
    if (next > last + 1) this.#once(missingText(last + 1, next - 1));
  }

  #once(text: string): void {
    if (this.#reported.has(text)) return;
    this.#reported.add(text);
    this.#report(text);
  }
}

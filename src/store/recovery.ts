import { basename } from 'node:path';
import type { Catalog, SnapshotFile } from './catalog.js';
import { noCursors, type PlainCursors } from './cursors.js';
import { keepDamage, missingText, renameDamaged } from './damage.js';
import type { Disk } from './disk.js';
import { reasonOf } from './error.js';
import { type Damage, type Frame, firstOf, frameKind } from './frame.js';
import { decodePayload } from './payload.js';
import { mostIn, readSegment, type Segment, type SegmentContents } from './segment.js';
import { readSnapshot } from './snapshot.js';

/** What the report says when the disk did not sync what was read. */
const unsynced = 'cannot be synced: until the journal is summed up a power cut may take some of it';

/** A record of the journal with its number. */
export interface StoredRecord {
  readonly seq: number;
  readonly data: unknown;
}

/** Takes what a directory holds while it is read, so that no more than one segment of it is in memory. */
export interface Intake {
  /** The state of the newest good snapshot: before any record, and not called where there is none. */
  snapshot(state: unknown): void;
  /** A record after the snapshot, in order. */
  record(record: StoredRecord): void;
}

/** What was found beside the records after all that could be damaged has been looked at. */
export interface Recovery {
  /** One sentence for each thing that was cut, set aside or missing; empty when all is as it was written. */
  readonly setAside: readonly string[];
  /** The sentences about more than a frame that a crash left half written. */
  readonly damages: readonly string[];
  /** Files that were to be renamed, and are not. */
  readonly stuck: string[];
  readonly lastSeq: number;
  readonly cursors: PlainCursors;
  /** Bytes of the segments that were replayed. */
  readonly replayedBytes: number;
}

/**
 * Reads the newest good snapshot and replays what follows it, one segment at a time, into `intake`.
 *
 * When this resolves all records have been synced, for a killed process may have left them in the page cache
 * alone. If that sync fails, or one failed before the process was killed, the disk may lack some of them
 * until the next snapshot. A file that cannot be read counts as damaged: no fault of the disk keeps the
 * daemon from starting.
 * @param noted the number of a record that was on the disk once, of {@link Head}
 */
export async function recover(
  disk: Disk,
  catalog: Catalog,
  noted: number,
  intake: Intake,
): Promise<Recovery> {
  const replay = new Replay(disk, catalog, noted, intake);
  replay.restoreSnapshot();
  await replay.replaySegments();
  return replay.result();
}

class Replay {
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #setAside: string[] = [];
  readonly #damages: string[] = [];
  readonly #stuck: string[] = [];
  readonly #intake: Intake;
  #cursors = noCursors;
  #last = 0;
  #replayedBytes = 0;
  /** The last record that a damaged snapshot covered: its number is not used again. */
  #covered = 0;
  /** The last record that was on the disk for sure. */
  readonly #noted: number;
  /** Segments with a lower number hold nothing that the snapshot does not cover. */
  #from = 0;

  constructor(disk: Disk, catalog: Catalog, noted: number, intake: Intake) {
    this.#disk = disk;
    this.#catalog = catalog;
    this.#noted = noted;
    this.#intake = intake;
  }

  result(): Recovery {
    return {
      setAside: this.#setAside,
      damages: this.#damages,
      stuck: this.#stuck,
      lastSeq: this.#last,
      cursors: this.#cursors,
      replayedBytes: this.#replayedBytes,
    };
  }

  restoreSnapshot(): void {
    for (const file of [...this.#catalog.snapshots].reverse()) {
      const contents = readSnapshot(this.#disk, file);
      if (typeof contents !== 'string') {
        this.#intake.snapshot(contents.state);
        this.#cursors = contents.cursors;
        this.#last = file.seq;
        this.#from = file.number;
        return;
      }
      this.#rejectSnapshot(file, contents);
    }
  }

  async replaySegments(): Promise<void> {
    const segments = this.#catalog.segments.filter((s) => s.number > this.#from);
    for (const segment of segments) {
      const contents = readSegment(this.#disk, segment);
      if (contents.unreadable !== undefined) {
        this.#rejectSegment(segment, contents.unreadable);
        continue;
      }
      this.#replayedBytes += contents.bytes.length;
      const last = this.#catalog.lastOf(segment);
      this.#noteGap(Math.min(segment.first - 1, last));
      for (const frame of contents.frames) if (frame.seq <= last) this.#take(segment, frame, contents);
      await this.#repair(segment, contents);
    }
    this.#noteGap(Math.max(this.#covered, this.#noted));
    if (segments.length > 0) await this.#syncDirectory();
  }

  #rejectSnapshot(file: SnapshotFile, why: string): void {
    this.#catalog.forget(file);
    this.#covered = Math.max(this.#covered, file.seq);
    this.#damaged(`${renameDamaged(this.#disk, file.path, why, this.#stuck)}; an older state is used`);
  }

  #rejectSegment(segment: Segment, why: string): void {
    const last = this.#catalog.lastOf(segment);
    this.#catalog.forget(segment);
    const text = renameDamaged(this.#disk, segment.path, `cannot be read (${why})`, this.#stuck);
    this.#damaged(text);
    if (Number.isFinite(last)) this.#noteGap(last);
    else {
      this.#damaged(`the records after ${this.#last} are missing`);
      // Sinks may know the number of each record that was in there.
      this.#last = Math.max(this.#last, mostIn(segment));
    }
  }

  #take(segment: Segment, frame: Frame, contents: SegmentContents): void {
    const isRecord = frame.kind === frameKind.record;
    this.#noteGap(firstOf(frame) - 1);
    if (frame.kind === frameKind.omitted) {
      this.#last = Math.max(this.#last, frame.seq);
      return;
    }
    const data = this.#decode(segment, frame, contents);
    if (frame.kind === frameKind.cursors && data) this.#takeCursors(data.value as PlainCursors);
    if (!isRecord || frame.seq <= this.#last) return;
    this.#last = frame.seq;
    if (data) this.#intake.record({ seq: frame.seq, data: data.value });
  }

  #takeCursors(found: PlainCursors): void {
    // Frames that a failed sync had written again may be older than the snapshot.
    if (found.revision > this.#cursors.revision) this.#cursors = found;
  }

  #noteGap(upTo: number): void {
    if (upTo <= this.#last) return;
    this.#damaged(missingText(this.#last + 1, upTo));
    this.#last = upTo;
  }

  /**
   * A whole payload that is not MessagePack was written that way; it must not keep the daemon from starting.
   */
  #decode(segment: Segment, frame: Frame, contents: SegmentContents): { value: unknown } | undefined {
    try {
      return { value: decodePayload(frame.payload) };
    } catch {
      this.#damaged(keepDamage(this.#disk, segment.path, contents.bytes, frame).text);
      return undefined;
    }
  }

  async #repair(segment: Segment, { bytes, damages }: SegmentContents): Promise<void> {
    let torn: number | undefined;
    for (const damage of whole(damages)) {
      const { text, kept } = keepDamage(this.#disk, segment.path, bytes, damage);
      const isTail = damage.end === bytes.length;
      if (isTail) this.#setAside.push(text);
      else this.#damaged(text);
      if (isTail && kept) torn = damage.start;
    }
    try {
      await this.#sync(segment, torn);
    } catch (cause) {
      this.#setAside.push(`${basename(segment.path)} ${unsynced} (${reasonOf(cause)})`);
    }
  }

  async #sync({ path }: Segment, size: number | undefined): Promise<void> {
    const fd = this.#disk.reopen(path);
    try {
      if (size !== undefined) this.#disk.truncate(fd, size);
      await this.#disk.sync(fd);
    } finally {
      this.#disk.close(fd);
    }
  }

  async #syncDirectory(): Promise<void> {
    try {
      await this.#disk.syncDirectory(this.#catalog.directory);
    } catch (cause) {
      this.#setAside.push(`${this.#catalog.directory} ${unsynced} (${reasonOf(cause)})`);
    }
  }

  #damaged(text: string): void {
    this.#setAside.push(text);
    this.#damages.push(text);
  }
}

/**
 * Damages that touch are one: a power cut leaves a new file with zeros from somewhere in its header to its end, and that
 * is a torn tail.
 */
function whole(damages: readonly Damage[]): Damage[] {
  const joined: Damage[] = [];
  for (const { start, end } of damages) {
    const before = joined.at(-1);
    if (before?.end === start) joined[joined.length - 1] = { start: before.start, end };
    else joined.push({ start, end });
  }
  return joined;
}

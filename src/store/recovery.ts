import { basename, dirname, join } from 'node:path';
import type { Catalog, SnapshotFile } from './catalog.js';
import { noCursors, type PlainCursors } from './cursors.js';
import { keepDamage, missingText } from './damage.js';
import type { Disk } from './disk.js';
import { type Damage, type Frame, firstOf, frameKind } from './frame.js';
import { decodePayload } from './payload.js';
import { readSegment, type Segment, type SegmentContents } from './segment.js';
import { readSnapshot } from './snapshot.js';

/** A record of the journal with its number. */
export interface StoredRecord {
  readonly seq: number;
  readonly data: unknown;
}

/** What the directory holds after all that could be damaged has been looked at. */
export interface Recovery {
  /** The state of the newest good snapshot; undefined when there is none. */
  readonly snapshot: unknown;
  /** The records after it, in order. */
  readonly records: readonly StoredRecord[];
  /** One sentence for each thing that was cut, set aside or missing; empty when all is as it was written. */
  readonly setAside: readonly string[];
  readonly lastSeq: number;
  readonly cursors: PlainCursors;
  /** Bytes of the segments that were replayed. */
  readonly replayedBytes: number;
}

/**
 * Reads the newest good snapshot and replays what follows it, one segment at a time.
 *
 * What is returned has been synced: a killed process may have left it in the page cache alone. Only where syncs failed
 * before it was killed may the disk still lack some of it, until the next snapshot.
 * @throws what the disk throws.
 */
export async function recover(disk: Disk, catalog: Catalog): Promise<Recovery> {
  const replay = new Replay(disk, catalog);
  replay.restoreSnapshot();
  await replay.replaySegments();
  return replay.result();
}

class Replay {
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #setAside: string[] = [];
  readonly #records: StoredRecord[] = [];
  #state: unknown;
  #cursors = noCursors;
  #last = 0;
  #replayedBytes = 0;
  /** The last record that a damaged snapshot covered: its number is not used again. */
  #covered = 0;
  /** Segments with a lower number hold nothing that the snapshot does not cover. */
  #from = 0;

  constructor(disk: Disk, catalog: Catalog) {
    this.#disk = disk;
    this.#catalog = catalog;
  }

  result(): Recovery {
    return {
      snapshot: this.#state,
      records: this.#records,
      setAside: this.#setAside,
      lastSeq: this.#last,
      cursors: this.#cursors,
      replayedBytes: this.#replayedBytes,
    };
  }

  restoreSnapshot(): void {
    for (const file of [...this.#catalog.snapshots].reverse()) {
      const contents = readSnapshot(this.#disk, file);
      if (contents) {
        this.#state = contents.state;
        this.#cursors = contents.cursors;
        this.#last = file.seq;
        this.#from = file.number;
        return;
      }
      this.#rejectSnapshot(file);
    }
  }

  async replaySegments(): Promise<void> {
    const segments = this.#catalog.segments.filter((s) => s.number > this.#from);
    for (const segment of segments) {
      const contents = readSegment(this.#disk, segment);
      this.#replayedBytes += contents.bytes.length;
      const last = this.#catalog.lastOf(segment);
      this.#noteGap(Math.min(segment.first - 1, last));
      for (const frame of contents.frames) if (frame.seq <= last) this.#take(segment, frame, contents);
      await this.#repair(segment, contents);
    }
    this.#noteGap(this.#covered);
    if (segments.length > 0) await this.#disk.syncDirectory(this.#catalog.directory);
  }

  #rejectSnapshot(file: SnapshotFile): void {
    const name = basename(file.path);
    const aside = `damaged-${name}`;
    this.#disk.rename(file.path, join(dirname(file.path), aside));
    this.#catalog.forget(file);
    this.#covered = Math.max(this.#covered, file.seq);
    this.#setAside.push(`${name} is damaged and was renamed to ${aside}; an older state is used`);
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
    if (data) this.#records.push({ seq: frame.seq, data: data.value });
  }

  #takeCursors(found: PlainCursors): void {
    // Frames that a failed sync had written again may be older than the snapshot.
    if (found.revision > this.#cursors.revision) this.#cursors = found;
  }

  #noteGap(upTo: number): void {
    if (upTo <= this.#last) return;
    this.#setAside.push(missingText(this.#last + 1, upTo));
    this.#last = upTo;
  }

  /** A payload that is whole but not MessagePack was written so; it must not keep the daemon from starting. */
  #decode(segment: Segment, frame: Frame, contents: SegmentContents): { value: unknown } | undefined {
    try {
      return { value: decodePayload(frame.payload) };
    } catch {
      this.#setAside.push(keepDamage(this.#disk, segment.path, contents.bytes, frame).text);
      return undefined;
    }
  }

  async #repair(segment: Segment, contents: SegmentContents): Promise<void> {
    const kept = contents.damages.map((d) => this.#keep(segment, contents, d));
    const tail = contents.damages.at(-1);
    const isTorn = tail?.end === contents.bytes.length && kept.at(-1) === true;
    const fd = this.#disk.reopen(segment.path);
    try {
      if (isTorn) this.#disk.truncate(fd, tail.start);
      await this.#disk.sync(fd);
    } finally {
      this.#disk.close(fd);
    }
  }

  #keep(segment: Segment, contents: SegmentContents, damage: Damage): boolean {
    const { text, kept } = keepDamage(this.#disk, segment.path, contents.bytes, damage);
    this.#setAside.push(text);
    return kept;
  }
}

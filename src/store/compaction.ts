import type { Catalog } from './catalog.js';
import { type Coalesce, coalesceFrames } from './coalesce.js';
import { type Disk, removeQuietly, writeSynced } from './disk.js';
import { storageError } from './error.js';
import { encodeFileHeader, fileType } from './header.js';
import { unfinished } from './names.js';
import type { Repeats } from './repeats.js';
import { readSegment, type Segment } from './segment.js';
import { SharedRun } from './shared-run.js';

/** A segment is written again when no more than this share of its bytes is left. */
const worthwhile = 0.75;

/**
 * Makes the segments smaller that are kept for sinks alone. Each is written again, once, without the parts
 * that later records supersede. Segments that recovery reads stay as they are, and so do damaged ones.
 *
 * A pass goes from the newest segment that the last snapshot covers to the oldest one. Two kinds of segments
 * are only read, for what they supersede in the others: those after the last but one snapshot, which recovery
 * may fall back to, and those that a sink may tell again ({@link Repeats}).
 */
export class Compaction {
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #repeats: Repeats;
  readonly #coalesce: () => Coalesce;
  readonly #warn: (text: string) => void;
  readonly #passes = new SharedRun(() => this.#pass());
  /** Segments that were looked at and are better left as they are. */
  readonly #left = new WeakSet<Segment>();
  #bytesWritten = 0;
  #stopped = false;

  /** `coalesce` is called for each pass. */
  constructor(
    disk: Disk,
    catalog: Catalog,
    repeats: Repeats,
    coalesce: () => Coalesce,
    warn: (text: string) => void,
  ) {
    this.#disk = disk;
    this.#catalog = catalog;
    this.#repeats = repeats;
    this.#coalesce = coalesce;
    this.#warn = warn;
  }

  /** Bytes written by this process. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Makes a pass, after the one under way. Never rejects: what fails is tried again by the next pass. */
  run(): Promise<void> {
    return this.#passes.request();
  }

  /** Resolves when no pass is under way. */
  idle(): Promise<void> {
    return this.#passes.idle();
  }

  /** Ends the pass under way after its segment, for good. */
  stop(): Promise<void> {
    this.#stopped = true;
    return this.idle();
  }

  async #pass(): Promise<void> {
    const [spare, newest] = this.#catalog.snapshots.slice(-2);
    if (!spare || !newest || this.#stopped) return;
    const covered = this.#catalog.segments.filter((s) => s.number < newest.number).reverse();
    const isOld = (s: Segment) => s.number < spare.number && !s.isCompacted && !this.#left.has(s);
    const repeated = this.#repeats.segments();
    const due = new Set(covered.filter((s) => isOld(s) && !repeated.has(s)));
    if (due.size === 0) return;
    try {
      const coalesce = this.#coalesce();
      for (const segment of covered) {
        if (due.has(segment)) await this.#compact(segment, coalesce);
        // A segment that stays as it is supersedes parts of older ones.
        else if (!segment.isCompacted && !this.#left.has(segment)) await this.#reduce(segment, coalesce);
      }
      await this.#disk.syncDirectory(this.#catalog.directory);
    } catch (cause) {
      const error = storageError('cannot compact the journal', cause);
      // A full disk is reported by the call that must write.
      if (error.code !== 'storage_full') this.#warn(error.message);
    }
  }

  async #compact(segment: Segment, coalesce: Coalesce): Promise<void> {
    const frames = await this.#reduce(segment, coalesce);
    const bytes = frames && Buffer.concat([encodeFileHeader(fileType.compacted, segment.first), ...frames]);
    if (!bytes || bytes.length > segment.size * worthwhile) this.#left.add(segment);
    else await this.#replace(segment, bytes);
  }

  /**
   * The frames that are left of a segment; undefined when it is damaged, for the sinks must report the
   * damage.
   */
  async #reduce(segment: Segment, coalesce: Coalesce): Promise<Buffer[] | undefined> {
    if (!this.#isWanted(segment)) return undefined;
    const contents = readSegment(this.#disk, segment);
    const frames = await coalesceFrames(contents, this.#catalog.lastOf(segment), coalesce);
    return contents.damages.length > 0 ? undefined : frames;
  }

  /**
   * Puts the new file in the place of the old one by its name: readers find either of them whole, also after
   * a crash.
   */
  async #replace(segment: Segment, bytes: Buffer): Promise<void> {
    const { number, first, path } = segment;
    const temporary = path + unfinished;
    removeQuietly(this.#disk, temporary);
    try {
      await writeSynced(this.#disk, temporary, bytes);
      this.#bytesWritten += bytes.length;
      // A sink that is catching up may have begun to tell these records.
      if (this.#isWanted(segment) && !this.#repeats.segments().has(segment)) {
        this.#disk.rename(temporary, path);
        this.#catalog.replace(segment, { number, first, path, size: bytes.length, isCompacted: true });
      }
    } finally {
      removeQuietly(this.#disk, temporary);
    }
  }

  /** The segment is still listed, and compaction goes on: a segment goes once all sinks have read it. */
  #isWanted(segment: Segment): boolean {
    return !this.#stopped && this.#catalog.segments.includes(segment);
  }
}

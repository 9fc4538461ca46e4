import type { Catalog } from './catalog.js';
import type { Disk } from './disk.js';
import { StoreError, storageError } from './error.js';
import { encodeFrame, type FrameKind, frameKind } from './frame.js';
import { Health } from './health.js';
import type { Lock } from './lock.js';
import { SegmentWriter } from './segment.js';
import { SharedRun } from './shared-run.js';

/** A frame that is written but not known to be on the disk. */
interface Pending {
  readonly seq: number;
  readonly bytes: Buffer;
}

/** How the journal behaves. */
export interface JournalOptions {
  /** Size of a segment above which a new one begins, in bytes. */
  readonly segmentBytes: number;
  /** Bytes that may wait for a sync. Appends beyond that are refused while syncs fail. */
  readonly pendingBytes: number;
}

/** What the journal tells. */
export interface JournalEvents {
  /** A sync has made records durable. */
  durable(): void;
  /** A fault was repaired at once. */
  warn(text: string): void;
}

/**
 * The writing end: frames into segments, and segments onto the disk.
 *
 * After a failed sync nobody knows which of the pages since the last good sync are on the disk, and a second
 * sync of the same file may succeed without having written them. So the journal gives the files up: it keeps
 * every frame since the last good sync in memory, writes these frames into a new segment, and syncs that. The
 * caller of {@link sync} gets the error when that fails too; the frames stay, and the next try begins with
 * them.
 */
export class Journal {
  readonly health = new Health();
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #lock: Lock;
  readonly #options: JournalOptions;
  readonly #events: JournalEvents;
  #lastSeq: number;
  #durableSeq: number;
  #current: SegmentWriter | undefined;
  /** Every file that is open, the current one included. */
  readonly #open = new Set<SegmentWriter>();
  readonly #unsynced = new Set<SegmentWriter>();
  #pending: Pending[] = [];
  #pendingBytes = 0;
  /** The files that the pending frames were in, until these have been written again. */
  #givenUp: SegmentWriter[] = [];
  #newNames = false;
  readonly #syncs = new SharedRun(() => this.#commit());
  #bytesWritten = 0;
  #lastSyncMs = 0;

  /** `lastSeq` is durable. Where `lock` is not taken yet, it is with the first frame. */
  constructor(
    disk: Disk,
    catalog: Catalog,
    lock: Lock,
    lastSeq: number,
    options: JournalOptions,
    events: JournalEvents,
  ) {
    this.#disk = disk;
    this.#catalog = catalog;
    this.#lock = lock;
    this.#lastSeq = lastSeq;
    this.#durableSeq = lastSeq;
    this.#options = options;
    this.#events = events;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** The last record that is known to be on the disk. */
  get durableSeq(): number {
    return this.#durableSeq;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Bytes written by this process. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** How long the last sync took, in milliseconds. */
  get lastSyncMs(): number {
    return this.#lastSyncMs;
  }

  /**
   * Writes a frame and returns its number: a record's own, or the last record's.
   * @throws {@link StoreError}; then the journal is as it was.
   */
  append(kind: FrameKind, payload: Uint8Array): number {
    const seq = kind === frameKind.record ? this.#lastSeq + 1 : this.#lastSeq;
    let bytes: Buffer;
    try {
      this.claim();
      bytes = encodeFrame(kind, seq, payload);
      this.#write(bytes);
    } catch (cause) {
      const error = storageError('cannot append', cause);
      this.health.failed('append', error);
      throw error;
    }
    this.health.worked('append');
    this.#lastSeq = seq;
    this.#pending.push({ seq, bytes });
    this.#pendingBytes += bytes.length;
    return seq;
  }

  /** Takes the directory for this process: before anything is written to it. @throws what {@link Lock.take} throws */
  claim(): void {
    this.#lock.take();
  }

  /** Puts whatever is appended from now on into a new segment. */
  roll(): void {
    this.#current = undefined;
  }

  /**
   * Waits until everything appended before the call is on the disk. Calls that come while a sync is under way
   * share the next one.
   * @throws {@link StoreError}; then nobody knows which of these records are on the disk.
   */
  sync(): Promise<void> {
    return this.hasPending ? this.#syncs.request() : Promise.resolve();
  }

  /** Closes the files, after any sync under way. What is not synced is left to the operating system. */
  async close(): Promise<void> {
    await this.#syncs.idle();
    this.#giveUp();
  }

  #write(bytes: Buffer): void {
    if (this.#givenUp.length > 0 && this.#pendingBytes + bytes.length > this.#options.pendingBytes) {
      throw new StoreError('storage_failed', 'too much is waiting for a sync that works');
    }
    const room = this.#options.segmentBytes - bytes.length;
    if (this.#current && this.#current.size > room) this.roll();
    this.#current ??= this.#begin();
    try {
      this.#current.append(bytes);
    } finally {
      if (this.#current.isTorn) this.roll();
    }
    this.#unsynced.add(this.#current);
    this.#bytesWritten += bytes.length;
  }

  /** Opens a segment, with the frames whose files were given up, if there are any. */
  #begin(): SegmentWriter {
    const isOrphaned = this.#givenUp.length > 0;
    const frames = isOrphaned ? this.#pending.map((p) => p.bytes) : [];
    const first = isOrphaned ? this.#durableSeq + 1 : this.#lastSeq + 1;
    const writer = new SegmentWriter(this.#disk, { first, ...this.#catalog.name('journal', first) }, frames);
    this.#removeReplaced(first);
    this.#newNames = true;
    this.#bytesWritten += writer.size;
    this.#catalog.addSegment(writer);
    this.#open.add(writer);
    if (isOrphaned) this.#unsynced.add(writer);
    return writer;
  }

  /** Removes the files given up that have no durable record, so that failing syncs do not fill the disk. */
  #removeReplaced(first: number): void {
    for (const segment of this.#givenUp) {
      if (segment.first < first) continue;
      try {
        this.#catalog.remove(segment);
      } catch {
        // The file does no harm: a later file takes its place.
      }
    }
    this.#givenUp = [];
  }

  async #commit(): Promise<void> {
    const started = performance.now();
    try {
      await this.#flush().catch((cause) => this.#flushAgain(cause));
    } catch (cause) {
      this.#giveUp();
      const error = storageError('cannot sync', cause);
      this.health.failed('sync', error);
      throw error;
    }
    this.health.worked('sync');
    this.#lastSyncMs = performance.now() - started;
    this.#closeOld();
    this.#events.durable();
  }

  async #flushAgain(cause: unknown): Promise<void> {
    this.#giveUp();
    await this.#flush();
    this.#events.warn(`${storageError('a sync failed', cause).message}; all was written again`);
  }

  /** Syncs what is pending now. */
  async #flush(): Promise<void> {
    if (this.#givenUp.length > 0) this.#current = this.#begin();
    const frames = this.#pending.length;
    const files = [...this.#unsynced];
    const newNames = this.#newNames;
    this.#unsynced.clear();
    this.#newNames = false;
    for (const file of files) await this.#disk.sync(file.fd);
    if (newNames) await this.#disk.syncDirectory(this.#catalog.directory);
    const synced = this.#pending.splice(0, frames);
    for (const { seq, bytes } of synced) {
      this.#durableSeq = seq;
      this.#pendingBytes -= bytes.length;
    }
  }

  #giveUp(): void {
    for (const file of this.#open) file.close();
    this.#givenUp.push(...this.#open);
    this.#open.clear();
    this.#unsynced.clear();
    this.#current = undefined;
  }

  #closeOld(): void {
    for (const file of this.#open) {
      if (file === this.#current || this.#unsynced.has(file)) continue;
      file.close();
      this.#open.delete(file);
    }
  }
}

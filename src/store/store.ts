import { Archive } from './archive.js';
import { Backlog } from './backlog.js';
import type { Catalog } from './catalog.js';
import { Compaction } from './compaction.js';
import { Cursors } from './cursors.js';
import type { Damages } from './damages.js';
import type { Disk } from './disk.js';
import { StoreError } from './error.js';
import { frameKind } from './frame.js';
import { Growth } from './growth.js';
import type { Head } from './head.js';
import { Journal } from './journal.js';
import type { Lock } from './lock.js';
import type { StoreOptions } from './options.js';
import { Outbox } from './outbox.js';
import { encodePayload } from './payload.js';
import type { Recovery } from './recovery.js';
import { Repeats } from './repeats.js';
import { Reserve } from './reserve.js';
import { Retention } from './retention.js';
import { safeguardOf } from './safeguard.js';
import { Snapshots } from './snapshots.js';
import { type StoreStats, statsOf } from './stats.js';
import { Tail } from './tail.js';

const KiB = 1024;

/** An open directory. */
interface Opened {
  readonly disk: Disk;
  readonly catalog: Catalog;
  readonly recovery: Recovery;
  readonly lock: Lock;
  readonly head: Head;
  readonly damages: Damages;
}

/** The durable journal: records in order, a snapshot of what they add up to, and a cursor for each sink. */
export class Store {
  readonly #catalog: Catalog;
  readonly #lock: Lock;
  readonly #cursors: Cursors;
  readonly #tail: Tail;
  readonly #archive: Archive;
  readonly #journal: Journal;
  readonly #snapshots: Snapshots;
  readonly #reserve: Reserve;
  readonly #compaction: Compaction | undefined;
  readonly #backlog: Backlog;
  readonly #outboxes = new Map<string, Outbox>();
  readonly #head: Head;
  readonly #damages: Damages;
  readonly #growth: Growth;
  #closed = false;

  /** Use {@link openStore}. */
  constructor({ disk, catalog, recovery, lock, head, damages }: Opened, options: StoreOptions) {
    const { segmentBytes = 256 * KiB, pendingBytes = 4096 * KiB, log = () => {} } = options;
    const warn = (text: string) => log('warn', `journal: ${text}`);
    this.#catalog = catalog;
    this.#lock = lock;
    this.#head = head;
    this.#damages = damages;
    this.#growth = new Growth(catalog, recovery.replayedBytes, options.snapshotBytes);
    this.#cursors = new Cursors(recovery.cursors);
    this.#tail = new Tail(options.tailBytes ?? 256 * KiB);
    this.#archive = new Archive(disk, catalog, (text) => {
      void damages.note([text]);
      log('error', `journal: ${text}`);
    });
    const durable = () => {
      head.note(this.#journal.durableSeq, this.#journal.health);
      for (const outbox of this.#outboxes.values()) outbox.wake();
    };
    const limits = { segmentBytes, pendingBytes };
    this.#journal = new Journal(disk, catalog, lock, recovery.lastSeq, limits, { durable, warn });
    this.#reserve = new Reserve(disk, catalog.directory, this.#journal.health);
    const retention = new Retention(catalog, this.#cursors, warn);
    const safeguard = safeguardOf(disk, head, this.#journal, recovery.stuck, damages);
    this.#snapshots = new Snapshots(disk, catalog, this.#journal, safeguard, this.#cursors, retention);
    const repeats = new Repeats(catalog, this.#cursors, options.repeated ?? 1024);
    this.#compaction = options.coalesce && new Compaction(disk, catalog, repeats, options.coalesce, warn);
    this.#backlog = new Backlog(catalog, this.#cursors, options.backlogBytes ?? 8192 * KiB, warn);
  }

  /**
   * Writes a record and returns its number, which counts up by one. It outlives this process at once, and a power
   * cut after the next {@link sync}; until then it is also held in memory.
   *
   * `data` is plain: null, booleans, numbers, strings, byte arrays, arrays and objects of these.
   * @throws {@link StoreError} `storage_full` or `storage_failed`; then nothing was written.
   */
  append(data: object): number {
    this.#demandOpen();
    const payload = encodePayload(data);
    this.#growth.bytes += payload.length;
    const seq = this.#journal.append(frameKind.record, payload);
    this.#tail.add(seq, payload);
    return seq;
  }

  /**
   * Waits until every record appended before the call is on the disk.
   * @throws {@link StoreError} `storage_full` or `storage_failed`: nobody knows whether they are. They stay in the
   * journal; a later sync or snapshot that works makes them durable.
   */
  async sync(): Promise<void> {
    this.#demandOpen();
    // Cursors go along with records: by themselves they are not worth a write to the flash.
    if (this.#journal.hasPending) this.#writeCursors();
    await this.#journal.sync();
  }

  /**
   * Takes the room for a full disk where the disk has refused it last, so that no snapshot is written in vain: one that is
   * due by what was written is.
   * @throws {@link StoreError} `storage_full` or `storage_failed`: there is still none.
   */
  async demandRoom(): Promise<void> {
    this.#demandOpen();
    if (this.#reserve.wasRefused && !this.wantsSnapshot) await this.#reserve.take();
  }

  /**
   * Makes `state`, plain data with long lists, as it is at the call, durable in the place of every record so far, and
   * removes the files that nobody needs any more. The snapshot before it and the segments after that one are kept, in
   * case this one is damaged later.
   * @throws {@link StoreError} `storage_full` or `storage_failed`; then a snapshot before it may be the one that counts.
   */
  async snapshot(state: object): Promise<void> {
    this.#demandOpen();
    const covered = this.#growth.bytes;
    await this.#snapshots.take(state);
    this.#growth.bytes -= Math.min(covered, this.#growth.bytes);
    try {
      // A disk without room for the reserve is full.
      await this.#reserve.take();
    } finally {
      // Compaction comes after the reserve, whose room it must not take, and nobody waits for it.
      void this.#compact();
    }
  }

  /**
   * Gives up the room that is kept for a full disk: what is appended next is likely to fit. The next
   * {@link snapshot} takes it again. @returns false when there is none left.
   */
  giveRoom(): boolean {
    return this.#reserve.giveUp();
  }

  /** Enough has been written since the last snapshot. */
  get wantsSnapshot(): boolean {
    return this.#growth.wantsSnapshot;
  }

  /**
   * The outbox of a sink, the same one each time. One that was never there begins with the next record or with the
   * oldest that is kept. Its records are kept until it acknowledges them or is given to {@link dropOutbox}.
   */
  outbox(sink: string, from: 'now' | 'oldest'): Outbox {
    const known = this.#outboxes.get(sink);
    if (known) return known;
    if (this.#cursors.of(sink) === undefined) {
      const { lastSeq } = this.#journal;
      this.#cursors.set(sink, from === 'now' ? lastSeq : (this.#archive.oldest ?? lastSeq + 1) - 1);
    }
    const outbox = new Outbox(sink, this.#cursors, this.#journal, this.#tail, this.#archive);
    this.#outboxes.set(sink, outbox);
    return outbox;
  }

  /** The sinks that have a cursor, those of earlier runs included. */
  get sinks(): readonly string[] {
    return this.#cursors.sinks;
  }

  /** Forgets a sink: what only it was waiting for goes with the next snapshot. */
  dropOutbox(sink: string): void {
    this.#outboxes.get(sink)?.onAppend(undefined);
    this.#outboxes.delete(sink);
    this.#cursors.remove(sink);
  }

  get stats(): StoreStats {
    return statsOf({
      ...{ journal: this.#journal, catalog: this.#catalog, backlog: this.#backlog },
      damage: this.#damages.texts.at(-1),
      besides: [this.#snapshots, this.#head, ...(this.#compaction ? [this.#compaction] : [])],
    });
  }

  /** What was found damaged or missing and is not acknowledged yet, in sentences for the owner. */
  get damages(): readonly string[] {
    return this.#damages.texts;
  }

  /** Notes that something beside the journal is damaged or missing. */
  noteDamage(text: string): Promise<void> {
    return this.#damages.note([text]);
  }

  /** The owner has seen what is damaged. @returns how many sentences there were */
  acknowledgeDamage(): Promise<number> {
    return this.#damages.acknowledge();
  }

  /** Resolves when no snapshot is under way, and nothing that follows from one. */
  async idle(): Promise<void> {
    await this.#snapshots.idle();
    await this.#compaction?.idle();
  }

  /** Syncs, closes the files and gives the directory free, also when it throws as {@link sync} does. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#snapshots.idle();
    await this.#compaction?.stop();
    try {
      this.#writeCursors();
      await this.#journal.sync();
    } finally {
      await this.#damages.idle();
      this.#head.close();
      await this.#journal.close();
      this.#lock.release();
    }
  }

  async #compact(): Promise<void> {
    await this.#compaction?.run();
    this.#backlog.watch();
  }

  #writeCursors(): void {
    if (!this.#cursors.hasChanged) return;
    try {
      this.#journal.append(frameKind.cursors, encodePayload(this.#cursors.toPlain()));
      this.#cursors.written();
    } catch {
      // Old cursors make a sink send some records again, which does no harm.
    }
  }

  #demandOpen(): void {
    if (this.#closed) throw new StoreError('storage_failed', 'the store is closed');
  }
}

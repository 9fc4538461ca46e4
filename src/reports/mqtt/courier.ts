import { PacketTooLarge } from '../../mqtt/error.js';
import type { Timer } from '../../mqtt/link.js';
import type { Topic } from '../../mqtt/message.js';
import type { Outbox, OutboxRecord } from '../../ports/sink.js';
import type { Fold, FoldState, Told } from './fold.js';

/** A message that is to be carried. */
export interface Parcel {
  readonly topic: Topic;
  readonly payload: Buffer;
}

/** What the next start begins with: plain data. Each message before `fold` has arrived or is in `pending`. */
export interface Kept {
  readonly fold: FoldState;
  readonly pending: readonly (Parcel & { readonly seq: number })[];
}

export interface CourierParts {
  readonly outbox: Outbox;
  readonly fold: Fold;
  /** What an earlier run had not brought through. */
  readonly pending: Kept['pending'];
  readonly timer: Timer;
  /** Monotonic time, ms. */
  readonly mono: () => number;
  readonly encode: (told: Told) => Parcel;
  /** Resolves when the broker has it. Rejects when it was refused or may be lost, or with {@link PacketTooLarge}. */
  readonly send: (parcel: Parcel) => Promise<void>;
  /** Divides a message that is too large into parts of at most `room` octets; none when it has no parts. */
  readonly divide: (parcel: Parcel, room: number) => readonly Parcel[];
  /** Keeps the state for the next start; rejects when it cannot. */
  readonly save: (kept: Kept) => Promise<void>;
  /** How often usage is to be reported, in ms. */
  readonly interval: number;
  readonly failed: (cause: Error) => void;
}

interface Waiting extends Parcel {
  /** Number of the record that made the message. */
  readonly seq: number;
  state: 'waiting' | 'sent' | 'arrived';
}

/** Records that are turned into messages at once. */
const chunk = 32;
/** In flight: messages, and bytes of them. */
const [mostSent, mostBytes] = [16, 256 * 1024];
/**
 * How much may pass before the state is kept again: ms, records, bytes of messages. The store leaves more records than
 * these uncompacted behind the acknowledged one (`Repeats` of the store), so records that are read again are whole. A
 * disk that refuses the state refuses snapshots, too, and without a snapshot the store compacts nothing.
 */
const [keepMs, keepRecords, keepBytes] = [600_000, 256, 128 * 1024];
/** Wait after the broker refused a message or the disk failed, in ms. */
const pauseMs = 10_000;
/** How long {@link Courier.stop} waits for messages under way, in ms. */
const farewellMs = 2_000;

/**
 * Carries the journal to the broker: each message in its order, as often as it takes.
 *
 * It acknowledges the outbox up to a state on the disk, which holds the messages that had not arrived. After a crash it
 * sends them again and folds the few records behind the state anew, before the store compacts them: to the same bytes.
 */
export class Courier {
  readonly #parts: CourierParts;
  readonly #queue: Waiting[];
  readonly #sending = new Set<Promise<void>>();
  #read: number;
  #kept: number;
  #keptAt: number;
  #bytesSince = 0;
  #keeping: Promise<void> | undefined;
  #keepNotBefore = 0;
  #window = 0;
  #connection = 0;
  #paused = false;
  #cancel = () => {};
  #stopped = false;

  constructor(parts: CourierParts) {
    this.#parts = parts;
    const { seq } = parts.fold.state;
    this.#read = seq;
    this.#kept = seq;
    this.#keptAt = parts.mono();
    this.#queue = parts.pending.map((one) => ({ ...one, state: 'waiting' }));
  }

  /** Records and messages that have not arrived. */
  get backlog(): number {
    return Math.max(0, this.#parts.outbox.backlog - (this.#read - this.#kept)) + this.#queue.length;
  }

  /** Folds the records since the kept state again; resolves when they are folded and the new state is kept. */
  async start(): Promise<void> {
    const { outbox, fold, interval } = this.#parts;
    outbox.ack(this.#kept);
    while (!this.#isKeepDue() && this.#fill()) {}
    // All reports of an earlier interval are in the queue now.
    if (this.#read > this.#kept || fold.interval !== interval) await this.#keep(interval);
    outbox.onAppend(() => this.#pump());
    this.#pump();
  }

  /** There is a connection, which takes `receiveMaximum` messages before it acknowledges one. */
  connected(receiveMaximum: number): void {
    this.#connection += 1;
    this.#window = Math.min(mostSent, receiveMaximum);
    this.#paused = false;
    this.#cancel();
    for (const one of this.#queue) if (one.state === 'sent') one.state = 'waiting';
    this.#pump();
  }

  /** Keeps the unacknowledged messages: their records may be compacted before the next connection. */
  disconnected(): void {
    this.#window = 0;
    this.#cancel();
    if (this.#read > this.#kept && !this.#keeping && !this.#stopped) void this.#keep();
  }

  /** Sends nothing more, waits a little for what is under way, and keeps how far it came. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    this.#parts.outbox.onAppend(undefined);
    const late = new Promise<void>((resolve) => {
      this.#cancel = this.#parts.timer.after(farewellMs, resolve);
    });
    await Promise.race([Promise.all(this.#sending), late]);
    this.#cancel();
    await this.#keeping;
    await this.#keep();
  }

  #pump(): void {
    if (this.#isKeepDue()) void this.#keep();
    while (!this.#stopped && !this.#paused && this.#window > 0) {
      const next = this.#next();
      if (!next) return;
      const sent = this.#send(next).finally(() => this.#sending.delete(sent));
      this.#sending.add(sent);
    }
  }

  /** The next message to send, if one more may be on its way. */
  #next(): Waiting | undefined {
    const sent = this.#queue.filter(({ state }) => state === 'sent');
    const bytes = sent.reduce((sum, { payload }) => sum + payload.length, 0);
    if (sent.length >= this.#window || (sent.length > 0 && bytes >= mostBytes)) return undefined;
    const waiting = () => this.#queue.find(({ state }) => state === 'waiting');
    return waiting() ?? (this.#fill() ? waiting() : undefined);
  }

  /** Turns more records into messages. @returns whether there are any */
  #fill(): boolean {
    if (this.#keeping) return false;
    const { fold, encode } = this.#parts;
    for (let records = this.#readOn(); records.length > 0; records = this.#readOn()) {
      const told = records.flatMap((record) => fold.take(record));
      this.#read = Math.max(this.#read, records.at(-1)!.seq);
      for (const one of told) {
        const parcel = encode(one);
        this.#bytesSince += parcel.payload.length;
        this.#queue.push({ ...parcel, seq: one.message.seq, state: 'waiting' });
      }
      if (told.length > 0) return true;
    }
    return false;
  }

  #readOn(): OutboxRecord[] {
    try {
      return this.#parts.outbox.read(chunk, this.#read);
    } catch (cause) {
      this.#pause(cause as Error);
      return [];
    }
  }

  async #send(one: Waiting): Promise<void> {
    const connection = this.#connection;
    one.state = 'sent';
    try {
      await this.#parts.send(one);
      one.state = 'arrived';
    } catch (cause) {
      // The connection has ended: the next one sends the unacknowledged messages again.
      if (connection !== this.#connection || this.#window === 0) return;
      // Later messages may arrive before this one now. They hold totals, so the order does no harm.
      one.state = 'waiting';
      if (cause instanceof PacketTooLarge) this.#divide(one, cause);
      else this.#pause(cause as Error);
    }
    while (this.#queue[0]?.state === 'arrived') this.#queue.shift();
    this.#pump();
  }

  /** Replaces a message by its parts. One without parts is logged and left out: it would hold up all behind it. */
  #divide(one: Waiting, cause: PacketTooLarge): void {
    const parts = this.#parts.divide(one, cause.room);
    if (parts.length === 0) this.#parts.failed(cause);
    const waiting = parts.map((part) => ({ ...part, seq: one.seq, state: 'waiting' as const }));
    this.#queue.splice(this.#queue.indexOf(one), 1, ...waiting);
  }

  #pause(cause: Error): void {
    this.#paused = true;
    this.#parts.failed(cause);
    this.#cancel();
    this.#cancel = this.#parts.timer.after(pauseMs, () => {
      this.#paused = false;
      this.#pump();
    });
  }

  #isKeepDue(): boolean {
    const now = this.#parts.mono();
    if (this.#stopped || this.#keeping || this.#read === this.#kept || now < this.#keepNotBefore)
      return false;
    const records = this.#read - this.#kept;
    return now - this.#keptAt >= keepMs || records >= keepRecords || this.#bytesSince >= keepBytes;
  }

  #keep(interval = this.#parts.fold.interval): Promise<void> {
    const { fold, save, outbox, failed, mono } = this.#parts;
    const state = { ...fold.state, interval };
    const open = this.#queue.filter((one) => one.state !== 'arrived');
    const pending = open.map(({ seq, topic, payload }) => ({ seq, topic, payload }));
    const kept = () => {
      [this.#kept, this.#keptAt, this.#bytesSince] = [state.seq, mono(), 0];
      fold.setInterval(interval);
      outbox.ack(state.seq);
    };
    const lost = (cause: Error) => {
      this.#keepNotBefore = mono() + pauseMs;
      failed(cause);
    };
    this.#keeping = save({ fold: state, pending })
      .then(kept, lost)
      .then(() => {
        this.#keeping = undefined;
        this.#pump();
      });
    return this.#keeping;
  }
}

import type { Outbox, OutboxRecord } from '../sink.js';
import type { Fold, FoldState } from './fold.js';
import type { Timer } from './link.js';
import type { Topic } from './message.js';

/** A message that is to be carried. */
export interface Parcel {
  readonly topic: Topic;
  readonly payload: Buffer;
}

export interface CourierParts {
  readonly outbox: Outbox;
  readonly fold: Fold;
  readonly timer: Timer;
  /** Monotonic time, ms. */
  readonly mono: () => number;
  readonly encode: (told: ReturnType<Fold['take']>[number]) => Parcel;
  /** Resolves when the broker has it; rejects when it has not, or nobody knows. */
  readonly send: (parcel: Parcel) => Promise<void>;
  /** Keeps the state for the next start; rejects when it cannot. */
  readonly save: (state: FoldState) => Promise<void>;
  /** How often usage is to be reported, in ms. */
  readonly interval: number;
  readonly failed: (cause: Error) => void;
}

interface Waiting extends Parcel {
  /** Of the record that made it. */
  readonly seq: number;
  state: 'waiting' | 'sent' | 'arrived';
}

/** Records that are turned into messages at once. */
const chunk = 32;
/** In flight: messages, and bytes of them. */
const [mostSent, mostBytes] = [16, 256 * 1024];
/** The state is kept when this has passed since the last time, in ms and in records. */
const [keepMs, keepRecords] = [600_000, 2_000];
/** After something that the broker refused or the disk would not do, in ms. */
const pauseMs = 10_000;
/** What is under way at the end has so long to arrive, in ms. */
const farewellMs = 2_000;

/**
 * Carries the journal to the broker: each message in its order, as often as it takes.
 *
 * The outbox is acknowledged up to a state that is on the disk and before which everything has arrived. After a crash
 * the fold begins there again, and says some of it again, in the same words.
 */
export class Courier {
  readonly #parts: CourierParts;
  #queue: Waiting[] = [];
  #read: number;
  #kept: number;
  #keptAt: number;
  #window = 0;
  #keeping: Promise<void> | undefined;
  readonly #sending = new Set<Promise<void>>();
  #connection = 0;
  #paused = false;
  #keepNotBefore = 0;
  #cancel = () => {};
  #stopped = false;

  constructor(parts: CourierParts) {
    this.#parts = parts;
    const { seq } = parts.fold.state;
    this.#read = seq;
    this.#kept = seq;
    this.#keptAt = parts.mono();
  }

  /** Records that have not arrived as messages. */
  get backlog(): number {
    const arrived = (this.#queue[0]?.seq ?? this.#read + 1) - 1;
    return Math.max(0, this.#parts.outbox.backlog - Math.max(0, arrived - this.#kept));
  }

  /** Takes up what was kept. */
  start(): void {
    const { outbox } = this.#parts;
    outbox.ack(this.#kept);
    outbox.onAppend(() => this.#pump());
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

  disconnected(): void {
    this.#window = 0;
    this.#cancel();
  }

  /** Sends nothing more, waits a little for what is under way, and keeps how far it came when nothing is left open. */
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
    if (this.#queue.length === 0 && this.#read > this.#kept) await this.#keep();
  }

  #pump(): void {
    if (this.#stopped || this.#paused || this.#window === 0) return;
    while (this.#queue.length > 0 || this.#fill()) {
      const next = this.#next();
      if (!next) return;
      const sent = this.#send(next).finally(() => this.#sending.delete(sent));
      this.#sending.add(sent);
    }
    this.#changeInterval();
  }

  /** The next message to send, if one more may be on its way. */
  #next(): Waiting | undefined {
    const sent = this.#queue.filter((one) => one.state === 'sent');
    const bytes = sent.reduce((sum, { payload }) => sum + payload.length, 0);
    if (sent.length >= this.#window || (sent.length > 0 && bytes >= mostBytes)) return undefined;
    const next = this.#queue.find((one) => one.state === 'waiting');
    if (next || this.#isKeepDue() || !this.#fill()) return next;
    return this.#queue.find((one) => one.state === 'waiting');
  }

  /** Turns more records into messages. @returns whether there are any */
  #fill(): boolean {
    const { fold, encode } = this.#parts;
    if (this.#keeping) return false;
    if (this.#queue.length === 0 && this.#isKeepDue()) {
      void this.#keep();
      return false;
    }
    for (;;) {
      const records = this.#readOn();
      if (records.length === 0) return false;
      const told = records.flatMap((record) => fold.take(record));
      this.#read = Math.max(this.#read, records.at(-1)!.seq);
      this.#queue.push(
        ...told.map((one) => ({ ...encode(one), seq: one.message.seq, state: 'waiting' as const })),
      );
      if (told.length > 0) return true;
    }
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
      // When the connection has ended, the next one begins with it anyhow.
      if (connection !== this.#connection || this.#window === 0) return;
      // Those behind it that are under way may go before it now: their totals say all the same.
      one.state = 'waiting';
      this.#pause(cause as Error);
    }
    while (this.#queue[0]?.state === 'arrived') this.#queue.shift();
    this.#pump();
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
    if (this.#read === this.#kept || now < this.#keepNotBefore) return false;
    return now - this.#keptAt >= keepMs || this.#read - this.#kept >= keepRecords;
  }

  /** Only with an empty queue: all that the state says has arrived. */
  #keep(state = this.#parts.fold.state): Promise<void> {
    const { fold, save, outbox, failed, mono } = this.#parts;
    const kept = () => {
      this.#kept = state.seq;
      this.#keptAt = mono();
      fold.setInterval(state.interval);
      outbox.ack(state.seq);
    };
    const lost = (cause: Error) => {
      this.#keepNotBefore = mono() + pauseMs;
      failed(cause);
    };
    this.#keeping = save(state)
      .then(kept, lost)
      .then(() => {
        this.#keeping = undefined;
        this.#pump();
      });
    return this.#keeping;
  }

  /** Only when all that could ever have been sent has arrived: a repeat must not be cut otherwise than it was. */
  #changeInterval(): void {
    const { fold, interval, mono } = this.#parts;
    if (fold.interval === interval || this.#keeping || mono() < this.#keepNotBefore) return;
    if (this.#queue.length === 0) void this.#keep({ ...fold.state, interval });
  }
}

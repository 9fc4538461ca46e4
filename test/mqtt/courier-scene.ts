import { coalescing } from '../../src/domain/coalesce.js';
import type { JournalRecord } from '../../src/domain/record.js';
import { encodeMessage } from '../../src/mqtt/message.js';
import type { Outbox, OutboxRecord } from '../../src/ports/sink.js';
import { Courier, type Kept, type Parcel } from '../../src/reports/mqtt/courier.js';
import { divide } from '../../src/reports/mqtt/divide.js';
import { Fold, freshState } from '../../src/reports/mqtt/fold.js';
import { settled, TestClock } from '../rig/clock.js';

export class MemoryOutbox implements Outbox {
  records: OutboxRecord[] = [];
  cursor = 0;
  reads = 0;
  #listener: (() => void) | undefined;

  get backlog(): number {
    return (this.records.at(-1)?.seq ?? 0) - this.cursor;
  }
  read(limit: number, after = this.cursor): OutboxRecord[] {
    this.reads += 1;
    const from = Math.max(after, this.cursor);
    return this.records.filter(({ seq }) => seq > from).slice(0, limit);
  }
  ack(seq: number): void {
    this.cursor = Math.max(this.cursor, seq);
  }
  onAppend(listener: (() => void) | undefined): void {
    this.#listener = listener;
  }
  /** Leaves out of the records after this one what later ones supersede, as the store does with old ones. */
  compact(after: number): void {
    const coalesce = coalescing();
    const left = this.records.toReversed().flatMap((record) => {
      const data = coalesce(record.data as JournalRecord);
      if (record.seq <= after) return record;
      return data ? { seq: record.seq, data } : [];
    });
    this.records = left.reverse();
  }
  append(...records: readonly OutboxRecord[]): void {
    this.records.push(...records);
    this.#listener?.();
  }
}

export interface Sent extends Parcel {
  readonly arrive: () => void;
  readonly fail: (cause: Error) => void;
}

export class World {
  readonly clock = new TestClock();
  readonly outbox = new MemoryOutbox();
  readonly sent: Sent[] = [];
  kept: Kept;
  saves = 0;
  saving: 'works' | 'fails' = 'works';
  readonly errors: string[] = [];
  courier!: Courier;

  constructor(interval = 1_000) {
    this.kept = { fold: freshState('b1', interval), pending: [] };
    this.begin(interval);
  }

  /** A new run, from what was kept. */
  begin(interval = this.kept.fold.interval): void {
    this.courier = new Courier({
      outbox: this.outbox,
      fold: new Fold('r1', structuredClone(this.kept.fold)),
      pending: this.kept.pending.map((one) => ({ ...one, payload: Buffer.from(one.payload) })),
      timer: this.clock,
      mono: () => this.clock.mono(),
      interval,
      encode: ({ topic, message }) => ({ topic, payload: encodeMessage(topic, message, 'msgpack') }),
      send: (parcel) =>
        new Promise((arrive, fail) => {
          this.sent.push({ ...parcel, arrive, fail });
        }),
      divide,
      save: async (state) => {
        this.saves += 1;
        if (this.saving === 'fails') throw new Error('the disk is full');
        this.kept = structuredClone(state);
      },
      failed: ({ message }) => this.errors.push(message),
    });
    void this.courier.start();
  }

  /** Every message that is sent arrives, until there are no more. */
  async arriveAll(): Promise<void> {
    for (let i = 0; i < this.sent.length; i++) {
      this.sent[i]!.arrive();
      await settled();
    }
  }
}

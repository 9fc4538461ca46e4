// A router upstream, without a portal: the fold, the courier and the link of the daemon on a journal in memory.
import { systemClock } from '../../src/clock.js';
import type { JournalRecord } from '../../src/domain/record.js';
import { Link } from '../../src/mqtt/link.js';
import { encodeMessage, type Format } from '../../src/mqtt/message.js';
import type { Outbox, OutboxRecord } from '../../src/ports/sink.js';
import { Courier } from '../../src/reports/mqtt/courier.js';
import { divide } from '../../src/reports/mqtt/divide.js';
import { Fold, freshState } from '../../src/reports/mqtt/fold.js';

export class MemoryOutbox implements Outbox {
  #records: OutboxRecord[] = [];
  #last = 0;
  #cursor = 0;
  #listener: (() => void) | undefined;

  get backlog(): number {
    return this.#last - this.#cursor;
  }

  read(limit: number, after = this.#cursor): OutboxRecord[] {
    const first = this.#records[0]?.seq ?? 0;
    const from = Math.max(0, Math.max(after, this.#cursor) + 1 - first);
    return this.#records.slice(from, from + limit);
  }

  ack(seq: number): void {
    this.#cursor = Math.max(this.#cursor, seq);
    this.#records = this.#records.filter((record) => record.seq > seq);
  }

  onAppend(listener: (() => void) | undefined): void {
    this.#listener = listener;
  }

  append(data: JournalRecord): void {
    this.#last += 1;
    this.#records.push({ seq: this.#last, data });
    this.#listener?.();
  }
}

export class SimulatedRouter {
  readonly outbox = new MemoryOutbox();
  readonly #link: Link;
  readonly #courier: Courier;
  /** Octets of the messages that it has made. */
  bytes = 0;

  constructor(url: string, name: string, format: Format = 'msgpack', up = () => {}) {
    this.#courier = new Courier({
      outbox: this.outbox,
      fold: new Fold(name, freshState('run', 1)),
      pending: [],
      interval: 1,
      timer: systemClock,
      mono: systemClock.mono,
      encode: ({ topic, message }) => {
        const payload = encodeMessage(topic, message, format);
        this.bytes += payload.length;
        return { topic, payload };
      },
      send: ({ topic, payload }) => this.#link.publish({ topic: `turnpike/${name}/${topic}`, payload }),
      divide,
      save: async () => {},
      failed: () => {},
    });
    this.#link = new Link({
      url,
      options: () => ({ clientId: name, clean: false, keepalive: 60 }),
      subscriptions: [],
      timer: systemClock,
      // Not the waits of a fleet: a test has none to spare.
      random: () => 0,
      events: {
        up: ({ receiveMaximum }) => {
          up();
          this.#courier.connected(receiveMaximum);
        },
        down: () => this.#courier.disconnected(),
        message: () => {},
      },
    });
  }

  /** Messages' records that have not arrived. */
  get backlog(): number {
    return this.#courier.backlog;
  }

  start(): void {
    void this.#courier.start();
    this.#link.start();
  }

  async stop(): Promise<void> {
    await this.#courier.stop();
    await this.#link.stop();
  }
}

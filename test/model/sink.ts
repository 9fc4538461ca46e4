// Somebody who reads the outbox as a server's reporter does: at least once, in order, and adds up what it is told.
import * as assert from 'uvu/assert';
import type { JournalRecord, PlainSession } from '../../src/domain/record.js';
import type { NamedUsageRow, UsageRow } from '../../src/domain/usage-row.js';
import type { Store } from '../../src/store/store.js';
import type { Used } from './terms.js';

interface Story {
  used: Used;
  /** What its lots were paid with, by the key of the sale. */
  readonly paid: Map<
    string,
    { readonly currency: string; readonly cents: bigint; readonly voucher: boolean }
  >;
  refunds: readonly { readonly currency: string; readonly cents: bigint }[];
  cause: string | undefined;
  isClosed: boolean;
}

export class Sink {
  readonly name: string;
  readonly stories = new Map<string, Story>();
  #lastSeq = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Reads what there is, and acknowledges it or not; what was read before and comes again changes nothing. */
  read(store: Store, acknowledges: boolean): void {
    const outbox = store.outbox(this.name, 'oldest');
    let at = outbox.cursor;
    for (let found = outbox.read(200, at); found.length > 0; found = outbox.read(200, at)) {
      for (const { seq, data } of found) {
        at = seq;
        if (seq > this.#lastSeq) this.#take(data as JournalRecord);
        this.#lastSeq = Math.max(this.#lastSeq, seq);
      }
    }
    if (acknowledges) outbox.ack(at);
  }

  /** Sold less given back, by currency, of all that it was told. */
  revenue(): Map<string, bigint> {
    const sum = new Map<string, bigint>();
    const add = (currency: string, cents: bigint) => sum.set(currency, (sum.get(currency) ?? 0n) + cents);
    for (const { paid, refunds, cause, isClosed } of this.stories.values()) {
      const isLost = isClosed && (cause === 'payment-failed' || cause === 'payment-reversed');
      for (const { currency, cents, voucher } of paid.values()) if (!isLost || voucher) add(currency, cents);
      for (const { currency, cents } of isClosed ? refunds : []) add(currency, -cents);
    }
    return sum;
  }

  #take(record: JournalRecord): void {
    if (record.t === 'sold') this.#sold(record.key, record.session);
    else if (record.t === 'revoked' && 'id' in record) this.#revoked(record.id, record.key);
    else if (record.t === 'usage') for (const row of record.rows) this.#used(row);
    else if (record.t === 'session') this.#changed(record.what, record.session);
  }

  #sold(key: string, session: PlainSession): void {
    const story = this.#storyOf(session.id);
    assert.not(story.isClosed, `${this.name}: ${session.id} is sold after its end`);
    assert.not(story.paid.has(key), `${this.name}: ${key} is sold twice`);
    const { paid, voucher } = session.lots.at(-1)!.funding;
    const money = { currency: paid?.currency ?? 'USD', cents: BigInt(paid?.amount ?? 0) };
    story.paid.set(key, { ...money, voucher: voucher !== undefined });
    this.#grows(session.id, session.usage);
  }

  #revoked(id: string, key: string): void {
    const { paid } = this.#storyOf(id);
    assert.ok(paid.delete(key), `${this.name}: ${key} is taken back and was not sold`);
    if (paid.size === 0) this.stories.delete(id);
  }

  #used(row: UsageRow | NamedUsageRow): void {
    assert.ok(Array.isArray(row));
    const [id, up, down, millis, age] = row as UsageRow;
    this.#grows(id, { up, down, millis, age });
  }

  #changed(what: string, session: PlainSession): void {
    const { id, usage, cause, refunds } = session;
    const story = this.stories.get(id);
    assert.ok(story, `${this.name}: ${id} is ${what} and was not sold`);
    assert.not(story.isClosed, `${this.name}: ${id} is ${what} after its end`);
    this.#grows(id, usage);
    story.cause = cause;
    story.isClosed = what === 'closed';
    story.refunds = refunds.map(({ money }) => ({ currency: money.currency, cents: BigInt(money.amount) }));
  }

  /** The differences that a reporter makes of totals are never negative. */
  #grows(id: string, used: Used): void {
    const story = this.#storyOf(id);
    const { up, down, millis, age } = used;
    for (const [name, n] of Object.entries({ up, down, millis, age })) {
      const before = story.used[name as keyof Used];
      assert.ok(n >= before, `${this.name}: ${name} of ${id} falls from ${before} to ${n}`);
    }
    story.used = { up, down, millis, age };
  }

  #storyOf(id: string): Story {
    let story = this.stories.get(id);
    if (!story) {
      const used = { up: 0, down: 0, millis: 0, age: 0 };
      story = { used, paid: new Map(), refunds: [], cause: undefined, isClosed: false };
      this.stories.set(id, story);
    }
    return story;
  }
}

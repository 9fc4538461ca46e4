import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../../src/store/open.js';
import type { StoreOptions } from '../../src/store/options.js';
import type { Outbox } from '../../src/store/outbox.js';
import type { Store } from '../../src/store/store.js';
import fc from '../rig/properties.js';
import { MemoryDisk, type Pick } from './memory-disk.js';
import { coalesceRows, compactedFiles, type Rows, supersedes } from './rows.js';

const directory = '/store';

type Step =
  | { readonly do: 'append' | 'race'; readonly size: number; readonly rows: readonly number[] }
  | { readonly do: 'sync' | 'snapshot' | 'kill' | 'reopen' }
  | { readonly do: 'cut'; readonly choices: readonly number[] }
  | { readonly do: 'deliver'; readonly count: number; readonly ack: boolean }
  | { readonly do: 'fail'; readonly call: string; readonly after: number; readonly times: number };

const rows = fc.uniqueArray(fc.nat(3), { maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), size: fc.nat(60), rows }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('race' as const), size: fc.nat(60), rows }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sync' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('snapshot', 'kill', 'reopen' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('cut' as const),
      choices: fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      count: fc.integer({ min: 1, max: 9 }),
      ack: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      call: fc.constantFrom('write', 'truncate', 'sync', 'create', 'rename', 'remove', 'syncDirectory'),
      after: fc.nat(3),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

/** A store beside a plain account of what it must hold. */
class Model {
  disk = new MemoryDisk();
  store!: Store;
  outbox!: Outbox;
  readonly options: Partial<StoreOptions>;
  /** What the outbox said that is damaged or missing. */
  readonly errors: string[] = [];
  /** What was appended, by number; after a power cut, what was left of it. */
  records = new Map<number, Rows>();
  durable = 0;
  delivered = new Map<number, Rows>();
  /** What was delivered while no more was under way than was agreed: it comes again as it was. */
  told = new Map<number, Rows>();
  #made = 0;
  readonly #repeated: number;
  #unknown = false;
  #syncFailed = false;

  constructor(segmentBytes: number, tailBytes: number, repeated: number) {
    const log = (level: string, text: string) => {
      if (level === 'error') this.errors.push(text);
    };
    this.options = { segmentBytes, tailBytes, repeated, coalesce: coalesceRows, log };
    this.#repeated = repeated;
  }

  async open(mayMiss: boolean): Promise<void> {
    const { store, recovered } = await openStore({ directory, disk: this.disk, ...this.options });
    const found = new Map((recovered.snapshot as { records: [number, Rows][] } | undefined)?.records);
    for (const { seq, data } of recovered.records) {
      assert.not(found.has(seq));
      found.set(seq, data as Rows);
    }
    for (const [seq, data] of found) assert.equal(data, this.records.get(seq), `record ${seq}`);
    const promised = Math.max(this.durable, ...this.delivered.keys());
    for (const seq of this.records.keys()) {
      if (!mayMiss || seq <= promised) assert.ok(found.has(seq), `record ${seq} is lost`);
    }
    if (!mayMiss && !this.#unknown) assert.equal(recovered.setAside, []);
    this.store = store;
    this.records = found;
    this.durable = Math.max(this.durable, ...found.keys());
    this.outbox = store.outbox('sink', 'oldest');
  }

  async run(s: Step): Promise<void> {
    if (s.do === 'append') this.#append(s.size, s.rows);
    else if (s.do === 'race') await this.#race(s.size, s.rows);
    else if (s.do === 'sync') await this.#attempt(() => this.store.sync());
    else if (s.do === 'snapshot')
      await this.#attempt(() => this.store.snapshot({ records: [...this.records] }));
    else if (s.do === 'deliver') this.#deliver(s.count, s.ack);
    else if (s.do === 'fail') this.#fail(s.call, s.after, s.times);
    else await this.#restart(s);
  }

  /** Nothing fails any more: whatever is there is delivered. */
  async finish(): Promise<void> {
    this.disk.before = () => {};
    await this.store.sync();
    assert.is(this.outbox.backlog, this.store.stats.lastSeq - this.outbox.cursor);
    while (this.outbox.backlog > 0) this.#deliver(5, true);
    for (const seq of this.records.keys()) this.#check(seq, this.delivered.get(seq));
    if (!this.#unknown) assert.equal(this.errors, []);
    compactions += compactedFiles(this.disk).length;
    await this.store.close();
    assert.is(this.disk.openFiles, 0);
    await this.open(false);
    await this.store.close();
  }

  #append(size: number, rows: readonly number[]): void {
    const data = { n: ++this.#made, rows, text: 'x'.repeat(size) };
    const { lastSeq } = this.store.stats;
    try {
      const seq = this.store.append(data);
      assert.is(seq, lastSeq + 1);
      this.records.set(seq, data);
    } catch (cause) {
      this.#expectCode(cause);
    }
  }

  /** Calls while others are under way. */
  async #race(size: number, rows: readonly number[]): Promise<void> {
    const first = this.#attempt(() => this.store.sync());
    this.#append(size, rows);
    const snapshot = this.#attempt(() => this.store.snapshot({ records: [...this.records] }));
    this.#append(size, rows);
    const last = this.#attempt(() => this.store.sync());
    this.#append(size, rows);
    await Promise.all([first, snapshot, last]);
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    const last = this.store.stats.lastSeq;
    try {
      await work();
      this.durable = Math.max(this.durable, last);
      this.#syncFailed = false;
    } catch (cause) {
      this.#syncFailed = true;
      this.#expectCode(cause);
    }
  }

  #deliver(count: number, ack: boolean): void {
    const before = this.outbox.cursor;
    const found = this.outbox.read(count);
    assert.ok(found.length <= count);
    let last = before;
    for (const { seq, data } of found) {
      assert.ok(seq > last);
      for (let gone = last + 1; gone < seq; gone++) this.#check(gone, undefined);
      this.#check(seq, data as Rows);
      this.#checkRepeat(seq, data as Rows);
      this.delivered.set(seq, data as Rows);
      last = seq;
    }
    if (ack) this.outbox.ack(last);
  }

  /** A sink may get a record whole, or without rows of which it gets a newer one, and nothing else. */
  #check(seq: number, got: Rows | undefined): void {
    const written = this.records.get(seq);
    if (written === undefined) assert.is(got, undefined, `record ${seq} is made up`);
    if (written === undefined) return;
    if (got === undefined && written.rows.length === 0) assert.unreachable(`record ${seq} was left out`);
    assert.equal({ ...written, rows: [] }, { ...(got ?? written), rows: [] });
    const later = [...this.records].filter(([other]) => other > seq).map(([, data]) => data);
    for (const row of written.rows) {
      const has = got?.rows.includes(row) || later.some((data) => supersedes(data, row));
      assert.ok(has, `row ${row} of record ${seq} was left out`);
    }
  }

  /** What was told comes again as it was, as long as no more was under way than was agreed. */
  #checkRepeat(seq: number, data: Rows): void {
    const before = this.told.get(seq);
    const ahead = [...this.records.keys()].filter(
      (other) => other > this.outbox.cursor && other < seq,
    ).length;
    if (before) assert.equal(data, before, `record ${seq} is told in other words`);
    if (ahead < this.#repeated) this.told.set(seq, data);
  }

  #fail(call: string, after: number, times: number): void {
    let [wait, left] = [after, times];
    this.#unknown = true;
    this.disk.before = (name) => {
      if (name !== call || left === 0 || wait-- > 0) return;
      left--;
      throw Object.assign(new Error('simulated'), { code: wait % 2 === 0 ? 'ENOSPC' : 'EIO' });
    };
  }

  async #restart(s: Step): Promise<void> {
    this.disk.before = () => {};
    if (s.do === 'reopen') await this.store.close();
    // After a failed sync the page cache has what the disk may lack, and nobody can tell: that is a power cut, too.
    const isCut = s.do === 'cut' || (s.do === 'kill' && this.#syncFailed);
    const choices = s.do === 'cut' ? s.choices : [0];
    this.disk = isCut ? this.disk.afterPowerCut(picker(choices)) : this.disk.afterKill();
    this.#syncFailed = false;
    await this.open(isCut);
    if (isCut) this.#unknown = true;
  }

  #expectCode(cause: unknown): void {
    assert.ok(cause instanceof Error && 'code' in cause, String(cause));
    assert.ok(cause.code === 'storage_full' || cause.code === 'storage_failed', String(cause));
  }
}

let compactions = 0;

function picker(choices: readonly number[]): Pick {
  let i = 0;
  return (max) => choices[i++ % choices.length]! % (max + 1);
}

test('no order of calls, crashes and faults loses what is durable or makes up a record', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 80, size: 'max' }),
      fc.constantFrom(90, 300, 5000),
      fc.constantFrom(60, 100_000),
      fc.constantFrom(0, 3, 10),
      async (steps, segmentBytes, tailBytes, repeated) => {
        const model = new Model(segmentBytes, tailBytes, repeated);
        await model.open(false);
        for (const s of steps) await model.run(s);
        await model.finish();
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 1500), includeErrorInReport: true },
  );
  assert.ok(compactions > 100, `${compactions} segments were compacted`);
});

test.run();

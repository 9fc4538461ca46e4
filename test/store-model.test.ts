import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../src/store/open.js';
import type { Outbox } from '../src/store/outbox.js';
import type { Store } from '../src/store/store.js';
import { MemoryDisk, type Pick } from './store-memory-disk.js';

const directory = '/store';

type Step =
  | { readonly do: 'append' | 'race'; readonly size: number }
  | { readonly do: 'sync' | 'snapshot' | 'kill' | 'reopen' }
  | { readonly do: 'cut'; readonly choices: readonly number[] }
  | { readonly do: 'deliver'; readonly count: number; readonly ack: boolean }
  | { readonly do: 'fail'; readonly call: string; readonly after: number; readonly times: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), size: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('race' as const), size: fc.nat(60) }) },
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
  readonly options: { segmentBytes: number; tailBytes: number };
  /** What was appended, by number; after a power cut, what was left of it. */
  records = new Map<number, unknown>();
  durable = 0;
  delivered = new Set<number>();
  #made = 0;
  #unknown = false;
  #syncFailed = false;

  constructor(segmentBytes: number, tailBytes: number) {
    this.options = { segmentBytes, tailBytes };
  }

  async open(mayMiss: boolean): Promise<void> {
    const { store, recovered } = await openStore({ directory, disk: this.disk, ...this.options });
    const found = new Map((recovered.snapshot as { records: [number, unknown][] } | undefined)?.records);
    for (const { seq, data } of recovered.records) {
      assert.not(found.has(seq));
      found.set(seq, data);
    }
    for (const [seq, data] of found) assert.equal(data, this.records.get(seq), `record ${seq}`);
    const promised = Math.max(this.durable, ...this.delivered);
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
    if (s.do === 'append') this.#append(s.size);
    else if (s.do === 'race') await this.#race(s.size);
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
    for (const seq of this.records.keys())
      assert.ok(this.delivered.has(seq), `record ${seq} was not delivered`);
    await this.store.close();
    assert.is(this.disk.openFiles, 0);
    await this.open(false);
    await this.store.close();
  }

  #append(size: number): void {
    const data = { n: ++this.#made, text: 'x'.repeat(size) };
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
  async #race(size: number): Promise<void> {
    const first = this.#attempt(() => this.store.sync());
    this.#append(size);
    const snapshot = this.#attempt(() => this.store.snapshot({ records: [...this.records] }));
    this.#append(size);
    const last = this.#attempt(() => this.store.sync());
    this.#append(size);
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
      assert.equal(data, this.records.get(seq));
      for (let gone = last + 1; gone < seq; gone++)
        assert.not(this.records.has(gone), `${gone} was left out`);
      this.delivered.add(seq);
      last = seq;
    }
    if (ack) this.outbox.ack(last);
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
      async (steps, segmentBytes, tailBytes) => {
        const model = new Model(segmentBytes, tailBytes);
        await model.open(false);
        for (const s of steps) await model.run(s);
        await model.finish();
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 1500), includeErrorInReport: true },
  );
});

test.run();

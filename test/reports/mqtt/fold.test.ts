// What is said upstream is a function of the journal: nothing that is cut, repeated or late changes what adds up.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalRecord } from '../../../src/domain/record.js';
import { encodeMessage, type UsageMessage } from '../../../src/mqtt/message.js';
import type { OutboxRecord } from '../../../src/ports/sink.js';
import { Fold, type FoldState, freshState, type Told } from '../../../src/reports/mqtt/fold.js';
import { at, closedRecord, idOf, numbered, plainSession, usageRecord } from '../../mqtt/journal.js';
import fc from '../../rig/properties.js';

const interval = 60_000;
const fresh = () => new Fold('r1', freshState('boot-1', interval));
const used = (up: number, down = 0, millis = 0) => ({ up, down, millis });
const opened = (id: string): JournalRecord => ({
  t: 'session',
  at,
  what: 'opened',
  session: plainSession(id, used(0)),
});
const usages = (told: readonly Told[]) => told.flatMap((t) => (t.topic === 'usage' ? [t.message] : []));
const takeAll = (fold: Fold, records: readonly OutboxRecord[]) => records.flatMap((r) => fold.take(r));

test('usage is reported at its interval, as what is new and as what there is in all', () => {
  const [a, b] = [idOf(1), idOf(2)];
  const told = takeAll(
    fresh(),
    numbered([
      opened(a),
      usageRecord(at, [[a, used(10, 100, 1000)]]),
      usageRecord(at + 20_000, [[a, used(15, 150, 2000)]]),
      usageRecord(at + 40_000, [[b, used(1)]]),
      usageRecord(at + 59_990, [[a, used(20, 200, 3000)]]),
    ]),
  );
  const [first, second, ...more] = usages(told);
  assert.equal(more, []);
  assert.equal([first?.seq, first?.prev, second?.seq, second?.prev], [2, 0, 5, 2]);
  assert.equal(
    second?.sessions.map((s) => [
      s.session,
      s.up_bytes,
      s.total_up_bytes,
      s.down_bytes,
      s.total_down_bytes,
      s.millis,
    ]),
    [
      [a, 10, 20, 100, 200, 2000],
      [b, 1, 1, 0, 0, 0],
    ],
  );
});

test('a close is reported at once, with its final usage, what was paid and what is owed', () => {
  const a = idOf(1);
  const told = takeAll(
    fresh(),
    numbered([opened(a), usageRecord(at, [[a, used(10)]]), closedRecord(at + 1, a, used(12, 7, 5))]),
  );
  assert.equal(
    told.map(({ topic, message }) => [topic, message.seq, message.prev]),
    [
      ['session', 1, 0],
      ['usage', 2, 0],
      ['usage', 3, 2],
      ['session', 3, 1],
    ],
  );
  const closed = told[3]!.message as Extract<Told, { topic: 'session' }>['message'];
  assert.equal(
    [closed.event, closed.cause, closed.total_up_bytes, closed.user, closed.plan],
    ['closed', 'user', 12, 'ada', 'data'],
  );
  assert.equal(closed.lots[0], {
    plan: 'data',
    steps: 3,
    method: 'cash',
    reference: 'till 7',
    paid: '0.15',
    currency: 'USD',
    count: 1,
  });
  assert.equal(closed.refunds, [
    { method: 'cash', reference: 'till 7', amount: '0.05', currency: 'USD', count: 1 },
  ]);
});

test('what a run left unreported is reported under its own name', () => {
  const a = idOf(1);
  const boot = { t: 'boot', at: at + 90_000, boot: 'boot-2' } as const;
  const told = takeAll(
    fresh(),
    numbered([
      usageRecord(at, [[a, used(1)]]),
      usageRecord(at + 10, [[a, used(2)]]),
      boot,
      usageRecord(at + 200_000, [[a, used(5)]]),
    ]),
  );
  assert.equal(
    usages(told).map((m) => [m.boot, m.seq, m.sessions[0]?.up_bytes]),
    [
      ['boot-1', 1, 1],
      ['boot-1', 2, 1],
      ['boot-2', 4, 3],
    ],
  );
});

test('a sale that was taken back leaves nothing behind', () => {
  const fold = fresh();
  const id = idOf(1);
  const sold = { t: 'sold', at, key: 'k', digest: 'd', session: plainSession(id, used(0)) } as const;
  takeAll(fold, numbered([sold, { t: 'revoked', at, key: 'k', id }]));
  assert.equal(fold.state.sessions, []);
});

/** One thing that happens on a router. */
type Act =
  | {
      readonly do: 'use';
      readonly session: number;
      readonly up: number;
      readonly down: number;
      readonly millis: number;
    }
  | { readonly do: 'flush'; readonly wait: number }
  | { readonly do: 'close'; readonly session: number }
  | { readonly do: 'boot' };

const session = fc.nat(5);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('use' as const),
      session,
      up: fc.nat(6_000_000_000),
      down: fc.nat(6_000_000_000),
      millis: fc.nat(100_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('flush' as const), wait: fc.nat(80_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), session }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('boot' as const) }) },
);

type Totals = [up: number, down: number, millis: number];

/** The journal of these acts, and what every session used in the end. All are closed at last. */
function journalOf(acts: readonly Act[]): { records: OutboxRecord[]; used: Map<string, Totals> } {
  const records: JournalRecord[] = [];
  const usedBy = new Map<string, Totals>();
  const live = new Map<number, string>();
  const changed = new Set<string>();
  let [made, now, boots] = [0, at, 1];
  const asUsed = ([up, down, millis]: Totals) => ({ up, down, millis });
  const close = (n: number) => {
    const id = live.get(n);
    if (id === undefined) return;
    records.push(closedRecord(now, id, asUsed(usedBy.get(id)!)));
    live.delete(n);
    changed.delete(id);
  };
  for (const a of acts) {
    if (a.do === 'use') {
      if (!live.has(a.session)) {
        live.set(a.session, idOf(made++));
        usedBy.set(live.get(a.session)!, [0, 0, 0]);
        records.push(opened(live.get(a.session)!));
      }
      const id = live.get(a.session)!;
      const [up, down, millis] = usedBy.get(id)!;
      usedBy.set(id, [up + a.up, down + a.down, millis + a.millis]);
      changed.add(id);
    } else if (a.do === 'flush') {
      now += a.wait;
      const rows = [...changed].map((id) => [id, asUsed(usedBy.get(id)!)] as const);
      if (rows.length > 0) records.push(usageRecord(now, rows));
      changed.clear();
    } else if (a.do === 'close') close(a.session);
    else records.push({ t: 'boot', at: now, boot: `boot-${++boots}` });
  }
  for (const n of [...live.keys()]) close(n);
  return { records: numbered(records), used: usedBy };
}

/** Says everything, and is killed now and then: it begins again at a state that it kept earlier. */
function sayAll(records: readonly OutboxRecord[], kills: readonly number[]): UsageMessage[] {
  const said: UsageMessage[] = [];
  const kept: FoldState[] = [freshState('boot-1', interval)];
  const turns = [...kills, 0];
  for (const [turn, kill] of turns.entries()) {
    const from = kept[kill % kept.length]!;
    kept.length = kept.indexOf(from) + 1;
    // As it is kept: through the disk and back.
    const fold = new Fold('r1', JSON.parse(JSON.stringify(from)) as FoldState);
    const end = turn === turns.length - 1 ? records.length : kill % (records.length + 1);
    for (const record of records.slice(0, end)) {
      said.push(...usages(fold.take(record)));
      kept.push(fold.state);
    }
  }
  return said;
}

test('killed, repeated and shuffled: differences without repeats and totals in any order are what was used', () => {
  fc.assert(
    fc.property(
      fc.array(act, { maxLength: 60, size: 'max' }),
      fc.array(fc.nat(1000), { maxLength: 6 }),
      fc.integer(),
      (acts, kills, seed) => {
        const { records, used: expected } = journalOf(acts);
        const said = shuffled(sayAll(records, kills), seed);
        const once = new Map<string, Buffer>();
        const sums = new Map<string, Totals>();
        const totals = new Map<string, Totals>();
        for (const message of said) {
          for (const s of message.sessions) {
            const known = totals.get(s.session) ?? [0, 0, 0];
            totals.set(s.session, [
              Math.max(known[0], s.total_up_bytes),
              Math.max(known[1], s.total_down_bytes),
              Math.max(known[2], s.total_millis),
            ]);
          }
          const key = `${message.boot} ${message.seq}`;
          const bytes = encodeMessage('usage', message, 'msgpack');
          if (once.has(key)) {
            assert.ok(once.get(key)!.equals(bytes), `${key} is not the same again`);
            continue;
          }
          once.set(key, bytes);
          for (const s of message.sessions) {
            const [up, down, millis] = sums.get(s.session) ?? [0, 0, 0];
            sums.set(s.session, [up + s.up_bytes, down + s.down_bytes, millis + s.millis]);
          }
        }
        for (const [id, total] of expected) {
          if (total.every((n) => n === 0)) continue;
          assert.equal(sums.get(id), total, 'the sum of the differences');
          assert.equal(totals.get(id), total, 'the totals');
        }
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 1000) },
  );
});

test('every gap shows: each report names the one before it', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
      let last = 0;
      for (const { seq, prev } of usages(takeAll(fresh(), journalOf(acts).records))) {
        assert.is(prev, last);
        assert.ok(seq > prev);
        last = seq;
      }
    }),
  );
});

function shuffled<T>(list: readonly T[], seed: number): T[] {
  let state = seed | 1;
  const weight = () => {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    return state >>> 8;
  };
  return list
    .map((one) => [weight(), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one);
}

test.run();

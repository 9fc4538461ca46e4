import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { coalescing } from '../../src/domain/coalesce.js';
import type { JournalRecord, PlainSession, SessionChange } from '../../src/domain/record.js';
import type { NamedUsageRow, UsageRow } from '../../src/domain/usage-row.js';

const row = (id: string, up: number) => [id, up, 0, 0, 0, 0, []] as unknown as UsageRow;
const named = (id: string) => ({ id, usage: {}, baselines: [] }) as unknown as NamedUsageRow;
const usage = (...rows: (UsageRow | NamedUsageRow)[]): JournalRecord => ({ t: 'usage', at: 1, rows });
const session = (id: string, what: SessionChange = 'closed'): JournalRecord => ({
  t: 'session',
  at: 1,
  what,
  session: { id } as PlainSession,
});

/** What is left of records in the order of what happened. */
function left(...records: JournalRecord[]): JournalRecord[] {
  const coalesce = coalescing();
  return [...records]
    .reverse()
    .map((record) => coalesce(record))
    .filter((record) => record !== undefined)
    .reverse();
}

test('of usage the newest row of each session is left, in the record in which it was', () => {
  const records = [usage(row('a', 1), row('b', 1)), usage(row('a', 2), row('c', 1)), usage(row('a', 3))];
  assert.equal(left(...records), [usage(row('b', 1)), usage(row('c', 1)), usage(row('a', 3))]);
});

test('a record of the session itself supersedes its usage, and usage after it stays', () => {
  assert.equal(left(usage(row('a', 1)), session('a'), usage(row('b', 1))), [
    session('a'),
    usage(row('b', 1)),
  ]);
  const later = [session('a', 'low'), usage(row('a', 2))];
  assert.equal(left(usage(row('a', 1)), ...later), later);
});

test('rows of the first journals are the same', () => {
  assert.equal(left(usage(named('a'), named('b')), usage(row('a', 1))), [
    usage(named('b')),
    usage(row('a', 1)),
  ]);
});

test('nothing else is ever left out, and what stays whole is the very record', () => {
  const sold = { t: 'sold', at: 1, key: 'k', digest: 'd', session: { id: 'a' } as PlainSession } as const;
  const records: JournalRecord[] = [
    { t: 'boot', at: 1, boot: 'x' },
    sold,
    session('a', 'opened'),
    session('a', 'suspended'),
    session('a', 'suspended'),
    { t: 'revoked', at: 1, key: 'k', id: 'a' },
    { t: 'voided', at: 1, batch: 'b' },
    { t: 'logout', at: 1, key: 'k', digest: 'd', sessions: ['a'] },
    usage(row('b', 1)),
    session('a'),
    sold,
  ];
  const kept = left(...records);
  assert.is(kept.length, records.length);
  for (const [i, record] of records.entries()) assert.is(kept[i], record);
});

test.run();

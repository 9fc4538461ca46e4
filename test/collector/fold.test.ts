// Append, then fold: the books are those of the ledger that writes each message at once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { append } from '../../src/collector/append.js';
import type { Database } from '../../src/collector/database.js';
import { catchUp, fold } from '../../src/collector/fold.js';
import { apply, type Heard } from '../../src/collector/ledger.js';
import { report } from '../../src/collector/report.js';
import { idOf } from '../mqtt/journal.js';
import fc from '../rig/properties.js';
import { at, id, told, usage, withDatabase } from './fleet.js';

const tables = [
  `CREATE TABLE heard (id INTEGER PRIMARY KEY, shard INTEGER NOT NULL, at BIGINT NOT NULL, topic TEXT NOT NULL,
    payload BLOB NOT NULL)`,
  'CREATE TABLE folded (shard INTEGER PRIMARY KEY, id BIGINT NOT NULL, at BIGINT NOT NULL)',
];

/** A SQLite file that appends, as only PostgreSQL does outside of tests. */
async function withAppending(work: (database: Database) => Promise<void>): Promise<void> {
  await withDatabase(async (database) => {
    await database.transaction([], async (query) => {
      for (const statement of tables) await query(statement);
    });
    await work({ ...database, appends: true });
  });
}

/** All that is shown of what was collected. */
async function booksOf(database: Database): Promise<unknown> {
  const all = [];
  for (const by of ['router', 'session', 'day'] as const) all.push((await report(database, by)).lines);
  return all;
}

const hour = 3_600_000;
const numbers = fc.record({
  router: fc.constantFrom('r1', 'r2'),
  boot: fc.constantFrom('a', 'b', 'a.2'),
  seq: fc.integer({ min: 1, max: 6 }),
  prev: fc.integer({ min: 0, max: 5 }),
  // Two days, and clocks that are set.
  at: fc.integer({ min: 0, max: 30 }).map((hours) => at + hours * hour),
});
const total = fc.integer({ min: 0, max: 50 });
const reportOfUsage = fc
  .tuple(numbers, fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), total), { maxLength: 4 }))
  .map(([n, rows]) =>
    usage(
      n.router,
      rows.map(([session, used]) => [idOf(session), used] as const),
      n,
    ),
  );
const change = fc
  .record({
    ...{ numbers, total, session: fc.integer({ min: 1, max: 3 }), plan: fc.constantFrom('s', 'm', 'l') },
    event: fc.constantFrom('opened', 'low', 'closed'),
  })
  .map(({ numbers: n, total: used, session, plan, event }) => {
    const totals = { total_up_bytes: used, total_down_bytes: 2 * used, total_millis: 1000 * used };
    const closed = event === 'closed' ? n.at : null;
    return told(n.router, { event, plan, closed, session: idOf(session), ...totals }, n);
  });

const nameOf = ({ topic, message: { router, boot, seq } }: Heard) => [topic, router, boot, seq].join();

/** What came: messages of which a number has one content, some of them again and again, in batches. */
const arrivals = fc
  .tuple(
    fc.uniqueArray(fc.oneof(reportOfUsage, change), { selector: nameOf, minLength: 1, maxLength: 14 }),
    fc.array(
      fc.record({
        picks: fc.array(fc.nat(), { maxLength: 5 }),
        next: fc.constantFrom('nothing', 'fold', 'die', 'die late'),
      }),
      { minLength: 1, maxLength: 10 },
    ),
  )
  .map(([all, steps]) =>
    steps.map(({ picks, next }) => ({ next, batch: picks.map((n) => all[n % all.length]!) })),
  );

/** A database that ends in the middle of each transaction, or just before its end. */
const dying = (database: Database, isLate: boolean): Database => ({
  ...database,
  transaction: (names, work) =>
    database.transaction(names, async (query) => {
      let left = isLate ? Number.POSITIVE_INFINITY : 3;
      const result = await work(async (sql, values) => {
        left -= 1;
        if (left < 0) throw new Error('killed');
        return query(sql, values);
      });
      if (isLate && !names.includes('turnpike: append')) throw new Error('killed');
      return result;
    }),
});

test('books of appended and folded messages are those of messages that are written at once', async () => {
  const property = fc.asyncProperty(arrivals, (steps) =>
    withDatabase((once) =>
      withAppending(async (later) => {
        // No disk is waited for: what these files hold ends with the test.
        for (const file of [once, later]) await file.read((query) => query('PRAGMA synchronous = OFF'));
        for (const { batch, next } of steps) {
          await apply(once, batch);
          await append(later, batch, at);
          if (next === 'fold') await fold(later, at);
          if (next.startsWith('die')) await fold(dying(later, next === 'die late'), at).catch(() => {});
        }
        assert.equal(await booksOf(later), await booksOf(once));
      }),
    ),
  );
  await fc.assert(property, { numRuns: Number(process.env.RUNS ?? 10) });
});

test('whoever reads sees all that was acknowledged', async () => {
  await withAppending(async (database) => {
    await append(database, [usage('r1', [[id, 700]]), told('r1', { user: 'ada' })], at);
    const [line] = (await report(database, 'router')).lines;
    assert.equal(line?.slice(0, 5), ['r1', 1, 700, 700, 0]);
  });
});

test('who a session is, is known before its totals are', async () => {
  await withAppending(async (database) => {
    await append(database, [told('r1', { user: 'ada', total_up_bytes: 9 })], at);
    const rows = await database.read((query) => query('SELECT person, up FROM sessions'));
    assert.equal(rows, [{ person: 'ada', up: 0 }]);
  });
});

test('a message that the database refuses goes to “unread”, and the others are folded', async () => {
  await withAppending(async (database) => {
    const routers = Array.from({ length: 9 }, () => 'r1');
    const batch = routers.map((name, i) =>
      usage(name, [[idOf(i), 10]], { boot: i === 4 ? 'odd' : 'b', seq: i + 1, prev: i }),
    );
    await append(database, batch, at);
    const refusing: Database = {
      ...database,
      transaction: (names, work) =>
        database.transaction(names, (query) =>
          work(async (sql, values = []) => {
            if (sql.includes('INTO messages') && values.includes('odd'))
              throw Object.assign(new Error('too long'), { code: '54000' });
            return query(sql, values);
          }),
        ),
    };
    assert.equal(await fold(refusing, at), { messages: 8, repeated: 0, unread: 1 });
    const rows = await database.read((query) => query('SELECT topic, reason FROM unread'));
    assert.equal(rows, [{ topic: 'r1/usage', reason: 'too long' }]);
    assert.is((await report(database, 'router')).lines[0]?.[1], 8);
  });
});

test('nothing is folded again where somebody has just done it, and nothing where nobody may write', async () => {
  await withAppending(async (database) => {
    await append(database, [usage('r1', [[id, 1]])], at);
    await fold(database, at);
    await append(database, [usage('r1', [[id, 2]], { seq: 2, prev: 1 })], at);
    const ofUp = async () => (await database.read((query) => query('SELECT up FROM sessions')))[0]?.up;
    await catchUp(database, at + 1_000, 30_000);
    assert.is(await ofUp(), 1);
    const replica: Database = {
      ...database,
      transaction: () => Promise.reject(Object.assign(new Error('read-only'), { code: '25006' })),
    };
    await catchUp(replica, at + 40_000, 30_000);
    assert.is(await ofUp(), 1);
    await catchUp(database, at + 40_000, 30_000);
    assert.is(await ofUp(), 2);
  });
});

test.run();

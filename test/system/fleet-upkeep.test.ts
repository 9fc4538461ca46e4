// The days of a fleet's tables on a real PostgreSQL: made ahead, dropped, and in nobody's way.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { append } from '../../src/collector/append.js';
import type { Database, Query } from '../../src/collector/database.js';
import { fold } from '../../src/collector/fold.js';
import { forget } from '../../src/collector/forget.js';
import { renewDays, upkeepLock } from '../../src/collector/partitions.js';
import { report } from '../../src/collector/report.js';
import { usage } from '../collector/fleet.js';
import { idOf } from '../mqtt/journal.js';
import { until } from '../rig/until.js';
import { ask, count, day, nameOf, partitions, postgresFor } from './rig/fleet-database.js';

const { withPostgres } = await postgresFor(test);

test('days are made ahead and dropped as a whole, but no message that is in no total yet', async () => {
  await withPostgres(async (open) => {
    const database = await open();
    const now = Date.now();
    await append(database, [usage('r1', [[idOf(1), 10]], { at: now })], now);
    assert.is(await count(database, nameOf('heard', now)), 1);
    const later = now + 8 * day;
    await forget(database, later - 90 * day, later);
    const names = await partitions(database, 'heard');
    assert.ok(names.includes(nameOf('heard', later + 7 * day)), names.join());
    assert.ok(names.includes(nameOf('heard', now)), 'it is not folded');
    assert.not(names.includes(nameOf('heard', now + day)), 'it is empty, and over');
    await fold(database, later);
    await forget(database, later - 90 * day, later);
    assert.not((await partitions(database, 'heard')).includes(nameOf('heard', now)));
    assert.ok((await partitions(database, 'messages')).includes(nameOf('messages', now)));
    assert.equal((await report(database, 'router')).lines[0]?.slice(0, 3), ['r1', 1, 10]);
  });
});

test('messages outside all days are kept as well, and a day that comes takes those that are its own', async () => {
  await withPostgres(async (open) => {
    const database = await open();
    const now = Date.now();
    const soon = now + 20 * day;
    const odd = [soon, 5, Number.MAX_SAFE_INTEGER].map((time, i) =>
      usage('r1', [[idOf(i), 10]], { seq: i + 1, prev: i, at: time }),
    );
    await append(database, odd, now);
    await fold(database, now);
    assert.is(await count(database, 'messages_other'), 3);
    await forget(database, soon - 90 * day, soon);
    assert.is(await count(database, nameOf('messages', soon)), 1);
    assert.is(await count(database, 'messages'), 2, 'the one of 1970 is forgotten');
    await append(database, odd, soon);
    assert.is((await fold(database, soon)).repeated, 2);
  });
});

/** Resolves when so many transactions wait for locks of others. */
const waiting = (database: Database, wanted: number) =>
  until(`${wanted} wait`, async () => {
    const sql =
      "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND backend_type = 'client backend'";
    return Number((await ask(database, sql))[0]?.n) >= wanted;
  });

test('days are made while messages with odd clocks are folded: neither ends the other', async () => {
  await withPostgres(async (open) => {
    const [database, looking] = [await open(), await open()];
    const now = Date.now();
    const last = (['messages', 'heard'] as const).map((table) => nameOf(table, now + 7 * day));
    for (const name of last) await database.transaction([], (query) => query(`DROP TABLE ${name}`));
    await append(database, [usage('r1', [[idOf(1), 10]], { at: 5 })], now);
    let upkeep: Promise<unknown> | undefined;
    // The fold has read what it folds when the upkeep comes.
    const folding: Database = {
      ...database,
      transaction: (names, work) =>
        database.transaction(names, (query) => {
          const ask = async (...[sql, values]: Parameters<Query>) => {
            if (sql.startsWith('INSERT INTO messages')) {
              upkeep ??= open();
              await waiting(looking, 1);
            }
            return query(sql, values);
          };
          return work(Object.assign(ask, { isPostgres: true }));
        }),
    };
    assert.is((await fold(folding, now)).messages, 1);
    await upkeep;
    assert.equal(await count(database, 'messages_other'), 1);
    for (const [i, table] of ['messages', 'heard'].entries())
      assert.ok((await partitions(database, table)).includes(last[i]!), last[i]);
  });
});

test('days are dropped while somebody reads and somebody folds: nobody ends another', async () => {
  await withPostgres(async (open) => {
    const [database, looking] = [await open(), await open()];
    const now = Date.now();
    await append(database, [usage('r1', [[idOf(1), 10]], { at: now })], now);
    await fold(database, now);
    const later = now + 8 * day;
    await append(database, [usage('r1', [[idOf(1), 30]], { at: now + day, seq: 2, prev: 1 })], later);
    const step = <T>(work: (query: Query) => Promise<T>) => database.transaction([upkeepLock], work);
    const { upkeep, folded } = await database.read(async (query) => {
      await query('LOCK TABLE ONLY messages IN ACCESS SHARE MODE');
      const upkeep = renewDays(step, later, now + day);
      await waiting(looking, 1);
      const folded = fold(looking, later);
      await waiting(database, 2);
      return { upkeep, folded };
    });
    const [, { messages }] = await Promise.all([upkeep, folded]);
    assert.is(messages, 1);
    assert.equal((await report(database, 'router')).lines[0]?.slice(0, 3), ['r1', 1, 30]);
    for (const table of ['messages', 'heard'])
      assert.not((await partitions(database, table)).includes(nameOf(table, now)), table);
  });
});

test.run();

// Reports while collectors write: what they read, how, and which messages are missing.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/collector/database.js';
import { apply } from '../../src/collector/ledger.js';
import { report } from '../../src/collector/report.js';
import { id, told, usage, withDatabase } from './fleet.js';

const gapsIn = async (database: Database) => (await report(database, 'router')).lines[0]?.at(-1);
const run = (boot: string, numbers: readonly (readonly [seq: number, prev: number])[]) =>
  numbers.map(([seq, prev]) => usage('r1', [[id, 1]], { boot, seq, prev }));

test('a new journal with equal old numbers hides no gap', async () => {
  const whole = [[1, 0], [3, 1], [6, 3], [8, 6]] as const; // biome-ignore format: a table
  await withDatabase(async (database) => {
    await apply(database, run('old', whole));
    await apply(database, run('new', whole.toSpliced(2, 1)));
    assert.is(await gapsIn(database), 1);
  });
  await withDatabase(async (database) => {
    await apply(database, run('old', whole));
    await apply(database, run('new', whole.slice(2)));
    assert.is(await gapsIn(database), 1, 'its first messages are missing');
  });
});

test('a restart, and a report in parts, are no gaps', async () => {
  await withDatabase(async (database) => {
    const first = run('a', [[1, 0], [3, 1]]); // biome-ignore format: a table
    const second = run('b', [[6, 3], [8, 6]]); // biome-ignore format: a table
    await apply(database, [...first, ...run('a.2', [[3, 1]]), ...second, ...run('b.2', [[8, 6]])]);
    assert.is(await gapsIn(database), 0);
  });
});

test('more routers and sessions than one statement reads come in order, each once', async () => {
  await withDatabase(async (database) => {
    const names = Array.from({ length: 50 }, (_, i) => `r${100 + i}`);
    const session = [[id, 1000]] as const;
    await apply(
      database,
      ['', ...names].map((router) => usage(router, session)),
    );
    for (const by of ['router', 'day'] as const)
      assert.equal(
        (await report(database, by)).lines.map(([router]) => router),
        ['', ...names],
      );
  });
});

test('what a report reads keeps nobody from writing meanwhile', async () => {
  await withDatabase(async (database) => {
    await database.read(async (query) => {
      await query('SELECT 1');
      await apply(database, [told('r1', {})]);
      assert.is((await query('SELECT 1 FROM sessions')).length, 1);
    });
  });
});

test('no message is looked up once for each other message', async () => {
  await withDatabase(async (database) => {
    const plans: string[] = [];
    const explained: Database = {
      ...database,
      read: (work) =>
        database.read((query) =>
          work(async (sql, values) => {
            if (sql.includes('messages')) {
              const steps = await query(`EXPLAIN QUERY PLAN ${sql}`, values);
              plans.push(...steps.map(({ detail }) => String(detail)));
            }
            return query(sql, values);
          }),
        ),
    };
    await apply(database, [told('r1', {})]);
    await report(explained, 'router');
    assert.ok(plans.length > 0);
    assert.not.match(plans.join(), 'CORRELATED');
  });
});

test.run();

// One router that is broken, or hostile, spoils what is known of no other.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/collector/database.js';
import { Inbox } from '../../src/collector/inbox.js';
import { apply } from '../../src/collector/ledger.js';
import { report } from '../../src/collector/report.js';
import { csv, terminalTable } from '../../src/collector/table.js';
import { keepUnread } from '../../src/collector/unread.js';
import { idOf } from '../mqtt/journal.js';
import { at, id, told, usage, withDatabase } from './fleet.js';

const most = Number.MAX_SAFE_INTEGER;
async function sessionOf(database: Database): Promise<Record<string, unknown>> {
  const { columns, lines } = await report(database, 'session');
  return Object.fromEntries(columns.map((name, i) => [name, lines[0]?.[i]]));
}

test('a session that opened beyond all calendars is a line like any other', async () => {
  await withDatabase(async (database) => {
    await apply(database, [told('odd', { opened: 9e15 }), told('r1', {})]);
    const { lines } = await report(database, 'session');
    assert.equal(
      lines.map((line) => [line[0], line[7]]),
      [
        ['odd', '+275760-09-13T00:00:00.000Z'],
        ['r1', '2026-09-21T14:13:20.000Z'],
      ],
    );
  });
});

test('sums beyond what a database and JavaScript count are exact', async () => {
  await withDatabase(async (database) => {
    const all = Array.from({ length: 1_100 }, (_, i) => [idOf(i), most] as const);
    await apply(database, [usage('odd', all), usage('r1', [[id, 5_000]])]);
    const sum = String(BigInt(most) * 1_100n);
    const seconds = (BigInt(most) * 1_100n) / 1_000n;
    const odd = ['odd', 1_100, sum, sum, seconds > BigInt(most) ? String(seconds) : Number(seconds)];
    assert.equal(
      (await report(database, 'router')).lines.map((line) => line.slice(0, 5)),
      [odd, ['r1', 1, 5_000, 5_000, 5]],
    );
    assert.equal((await report(database, 'day')).lines[0]?.slice(2), odd.slice(1));
  });
});

test('what a terminal would obey is shown, in a table, a spreadsheet and the log', async () => {
  const evil = '\u001b]0;owned\u0007\u009b2J\u202e';
  const table = { columns: ['router'], lines: [[`${evil}r`], ['Zoë ☕']] };
  const shown = '\\u{1b}]0;owned\\u{7}\\u{9b}2J\\u{202e}r';
  assert.equal([...terminalTable(table)], ['router\n', `${shown}\n`, 'Zoë ☕\n']);
  assert.equal([...csv(table)], ['router\r\n', `${shown}\r\n`, 'Zoë ☕\r\n']);
  await withDatabase(async (database) => {
    const said: string[] = [];
    const inbox = new Inbox(database, (_level, text) => said.push(text));
    await inbox.take({ unread: { topic: `t/${evil}`, payload: Buffer.from('?'), reason: 'malformed' } });
    assert.not.match(said.join(), /\p{Cc}/u);
  });
});

test('no cell of a spreadsheet begins a formula, and numbers stay numbers', () => {
  const formulas = ['=1', '+1', '-2+3+cmd|/c calc', '@SUM(A1)', ' =1', '＝1', '-', '-1e5'];
  const numbers: (string | number)[] = ['-5', '-1.50', -3, '0.5', 7];
  const cells = (values: readonly (string | number)[]) =>
    [...csv({ columns: ['c'], lines: values.map((one) => [one]) })].slice(1).map((line) => line.slice(0, -2));
  assert.equal(
    cells(formulas),
    formulas.map((one) => `'${one}`),
  );
  assert.equal(cells(numbers), numbers.map(String));
  assert.equal(cells(['\t=1', '\r=1', '\n=1']), [`'\t=1`, `"'\r=1"`, `"'\n=1"`]);
});

test('payloads that nobody can read are kept up to so many octets', async () => {
  await withDatabase(async (database) => {
    const unread = { topic: 't', payload: Buffer.alloc(10 << 20, 1), reason: 'malformed' };
    await keepUnread(database, unread, at);
    const sizes = 'SELECT reason, length(payload) AS size FROM unread';
    assert.equal(await database.read((query) => query(sizes)), [
      { reason: 'malformed (the first 262144 of 10485760 octets)', size: 2 * 262_144 },
    ]);
    const full: Database = {
      ...database,
      transaction: (_routers, work) =>
        work(async (sql) => {
          assert.not.match(sql, 'INSERT');
          return [{ n: 1, size: 128 << 20 }];
        }),
    };
    await keepUnread(full, { ...unread, payload: Buffer.from('?') }, at);
  });
});

test('an “opened” that comes after its “low” sets neither state nor plan back', async () => {
  await withDatabase(async (database) => {
    const low = { event: 'low', state: 'suspended', plan: 'large' };
    await apply(database, [told('r1', low, { seq: 9, prev: 4, at: at + 9 })]);
    await apply(database, [told('r1', {}, { seq: 4, at: at + 4 })]);
    const late = await sessionOf(database);
    assert.equal([late.state, late.plan], ['suspended', 'large']);
    await apply(database, [told('r1', { plan: 'next' }, { boot: 'c', seq: 5, at: at + 20 })]);
    assert.is((await sessionOf(database)).plan, 'next', 'a journal from a backup counts from where it was');
  });
});

test.run();

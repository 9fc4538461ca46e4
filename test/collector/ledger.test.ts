// What the collector writes down, on SQLite: repeats, losses and any order come to the same totals.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/collector/database.js';
import { FileMutex } from '../../src/collector/file-mutex.js';
import { forget } from '../../src/collector/forget.js';
import { Inbox } from '../../src/collector/inbox.js';
import { apply, type Heard } from '../../src/collector/ledger.js';
import { report } from '../../src/collector/report.js';
import { openSqlite } from '../../src/collector/sqlite.js';
import { csv, terminalTable } from '../../src/collector/table.js';
import { Fold, freshState } from '../../src/reports/mqtt/fold.js';
import { at, closedRecord, idOf, numbered, plainSession, usageRecord } from '../mqtt/journal.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-ledger-'));
test.after(() => rmSync(dir, { recursive: true }));
let files = 0;

async function withDatabase(work: (database: Database, file: string) => Promise<void>): Promise<void> {
  const file = join(dir, `${++files}.sqlite`);
  const database = await openSqlite(file);
  try {
    await work(database, file);
  } finally {
    await database.close();
  }
}

const [a, b] = [idOf(1), idOf(2)];
const used = (up: number, down: number, millis: number) => ({ up, down, millis });

/** What a router says of two sessions, over midnight: `at` is 14:13:20 UTC. */
function told(router: string): Heard[] {
  const fold = new Fold(router, freshState('b1', 60_000));
  const night = at + 10 * 3_600_000;
  return numbered([
    { t: 'session', at, what: 'opened', session: plainSession(a, used(0, 0, 0)) },
    usageRecord(at, [
      [a, used(100, 1000, 10_000)],
      [b, used(2 ** 40, 0, 0)],
    ]),
    usageRecord(at + 60_000, [[a, used(150, 1500, 20_000)]]),
    usageRecord(night, [[a, used(300, 3000, 30_000)]]),
    closedRecord(night + 5, a, used(333, 3333, 33_000)),
  ]).flatMap((record) => fold.take(record));
}

const byDay = async (database: Database) => (await report(database, 'day')).lines;

test('sums by session and day, also when everything comes twice', async () => {
  await withDatabase(async (database) => {
    const all = told('r1');
    assert.equal(await apply(database, all), { fresh: all.length, repeated: 0 });
    const days = await byDay(database);
    assert.equal(days, [
      ['r1', '2026-09-21', 2, 150 + 2 ** 40, 1500, 20],
      ['r1', '2026-09-22', 1, 183, 1833, 13],
    ]);
    assert.equal(await apply(database, [...all, ...all]), { fresh: 0, repeated: 2 * all.length });
    assert.equal(await byDay(database), days);
  });
});

test('backwards, one by one, with holes: the totals stay what they are', async () => {
  await withDatabase(async (database) => {
    const all = told('r1');
    for (const one of [...all].reverse()) await apply(database, [one]);
    const [first] = (await report(database, 'router')).lines;
    assert.equal(first?.slice(0, 5), ['r1', 2, 333 + 2 ** 40, 3333, 33]);
  });
  await withDatabase(async (database) => {
    const last = told('r1').slice(-1);
    await apply(database, last);
    const [first] = (await report(database, 'router')).lines;
    assert.equal(first?.slice(2, 7), [333, 3333, 33, '0.15 USD', '0.05 USD']);
  });
});

test('a hole in the numbers shows, and two routers are two', async () => {
  await withDatabase(async (database) => {
    const all = told('r1');
    await apply(database, [...all.filter((_, i) => i !== 2), ...told('r2')]);
    const { lines } = await report(database, 'router');
    assert.equal(
      lines.map((line) => [line[0], line.at(-1)]),
      [
        ['r1', 1],
        ['r2', 0],
      ],
    );
  });
});

test('who it was and how it ended is kept, and a late "opened" does not undo the end', async () => {
  await withDatabase(async (database) => {
    const all = told('r1');
    await apply(database, all.slice(-1));
    await apply(database, all.slice(0, 1));
    const { columns, lines } = await report(database, 'session');
    const line = Object.fromEntries(columns.map((name, i) => [name, lines[0]?.[i]]));
    assert.equal([line.session, line.user, line.cause, line.state], [a, 'ada', 'user', 'terminated']);
    assert.is(line.closed, '2026-09-22T00:13:20.005Z');
  });
});

test('what is forgotten by its number is still known by its totals', async () => {
  await withDatabase(async (database) => {
    await apply(database, told('r1'));
    const days = await byDay(database);
    await forget(database, at + 10 ** 9, at + 10 ** 9);
    await apply(database, told('r1'));
    assert.equal(await byDay(database), days);
  });
});

test('names that are meant to break a statement are names', async () => {
  await withDatabase(async (database) => {
    const odd = `r"'; DROP TABLE sessions;--\n\t`;
    await apply(database, told(odd));
    assert.is((await report(database, 'router')).lines[0]?.[0], odd);
  });
});

test('times beyond all calendars are written down as well', async () => {
  await withDatabase(async (database) => {
    const [usage] = told('r1').filter((one) => one.topic === 'usage');
    const message = { ...usage!.message, at: Number.MAX_SAFE_INTEGER } as never;
    await apply(database, [{ topic: 'usage', message }]);
    assert.is((await byDay(database))[0]?.[1], '+275760-09');
  });
});

test('the inbox writes together what came together, and each is told when it is there', async () => {
  await withDatabase(async (database) => {
    const inbox = new Inbox(database, () => {});
    const unread = { topic: 't', payload: Buffer.from('?'), reason: 'malformed' };
    await Promise.all([...told('r1').map((heard) => inbox.take({ heard })), inbox.take({ unread })]);
    assert.equal(inbox.stats, { messages: told('r1').length, repeated: 0, unread: 1, commits: 1 });
  });
});

test('a message that the database does not take is set aside, and holds up nobody', async () => {
  await withDatabase(async (database) => {
    const poison = told('poison').at(-1)!;
    const refusing: Database = {
      ...database,
      transaction(routers, work) {
        return routers.includes('poison')
          ? Promise.reject(Object.assign(new Error('no'), { code: '22003' }))
          : database.transaction(routers, work);
      },
    };
    const said: string[] = [];
    const inbox = new Inbox(refusing, (_level, text) => said.push(text));
    await Promise.all([...told('r1'), poison].map((heard) => inbox.take({ heard })));
    assert.is(inbox.stats.unread, 1);
    assert.is((await report(database, 'router')).lines.length, 1);
    assert.match(said.at(-1)!, 'poison/session');
  });
});

test('tables for people and for spreadsheets', () => {
  const table = {
    columns: ['name', 'n'],
    lines: [
      ['=cmd()', 1],
      ['a "b", c', 20],
      ['-5', 3],
    ],
  };
  assert.is([...terminalTable(table)].join(''), `name       n\n=cmd()     1\na "b", c  20\n-5         3\n`);
  assert.is([...csv(table)].join(''), `name,n\r\n'=cmd(),1\r\n"a ""b"", c",20\r\n-5,3\r\n`);
});

const holder = `
const { createServer } = require('net');
const path = process.argv[1];
createServer(() => {}).listen('\\0' + path, () => process.stdout.write('held'));
`;

test('a mutex that a killed process held is free', async () => {
  const file = join(dir, 'mutex');
  const { createHash } = await import('node:crypto');
  const name = `turnpike-${createHash('sha256').update(file).digest('hex').slice(0, 32)}`;
  const child: ChildProcess = spawn(process.execPath, ['-e', holder, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  let ran = false;
  const turn = new FileMutex(file).run(async () => {
    ran = true;
  });
  await new Promise(setImmediate);
  assert.not(ran);
  child.kill('SIGKILL');
  await turn;
  assert.ok(ran);
});

test('the lock of a killed collector is waited for, and removed when it is old', async () => {
  await withDatabase(async (database, file) => {
    const lock = `${file}.lock`;
    mkdirSync(lock);
    const minute = Date.now() / 1000 - 60;
    utimesSync(lock, minute, minute);
    await apply(database, told('r1'));
    mkdirSync(lock);
    const applied = apply(database, told('r2'));
    await new Promise(setImmediate);
    rmdirSync(lock);
    assert.ok((await applied).fresh > 0);
  });
});

test('two with one file take turns', async () => {
  await withDatabase(async (one, file) => {
    const other = await openSqlite(file);
    await Promise.all(Array.from({ length: 20 }, (_, i) => apply(i % 2 === 0 ? one : other, told(`r${i}`))));
    assert.is((await report(other, 'router')).lines.length, 20);
    await other.close();
  });
});

test.run();

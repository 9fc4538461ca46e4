// A fleet's database on a real PostgreSQL: appended messages, folds that are ended, and an old database.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { append } from '../../src/collector/append.js';
import { type Database, loadDriver, tables } from '../../src/collector/database.js';
import { fold } from '../../src/collector/fold.js';
import { forget } from '../../src/collector/forget.js';
import { apply, type Heard } from '../../src/collector/ledger.js';
import { isRefusal } from '../../src/collector/refusal.js';
import { report } from '../../src/collector/report.js';
import { told, usage, withDatabase } from '../collector/fleet.js';
import { idOf } from '../mqtt/journal.js';
import { seeded, whole } from '../rig/random.js';
import { inTime } from '../rig/until.js';
import { ask, count, day, nameOf, partitions, postgresFor } from './rig/fleet-database.js';

const { server, withPostgres } = await postgresFor(test);

async function booksOf(database: Database): Promise<unknown> {
  const all = [];
  for (const by of ['router', 'session', 'day'] as const) all.push((await report(database, by)).lines);
  return all;
}

/** Messages of some routers in the order in which they came: some late, some twice. */
function traffic(routers: number, reports: number, now: number): Heard[] {
  const random = seeded(18);
  const made = Array.from({ length: reports }, (_, turn) =>
    Array.from({ length: routers }, (_, r) => {
      const numbers = { seq: turn + 1, prev: turn, at: now - day + turn * 7_200_000 };
      const rows = Array.from({ length: 5 }, (_, n) => [idOf(n), (turn + 1) * 100 * (n + 1)] as const);
      return usage(`r${r}`, rows, numbers);
    }),
  ).flat();
  const ends = Array.from({ length: routers }, (_, r) => {
    const totals = { total_up_bytes: 99_999, total_down_bytes: 1, total_millis: 5_000 };
    return told(`r${r}`, { event: 'closed', closed: now, session: idOf(1), ...totals }, { at: now });
  });
  const all = [...made, ...ends];
  for (let i = 0; i < all.length; i += 3) all.splice(whole(random, i, all.length), 0, all[i]!);
  return all;
}

function* batchesOf(all: readonly Heard[], size: number): Generator<Heard[]> {
  for (let i = 0; i < all.length; i += size) yield all.slice(i, i + size);
}

test('two collectors append and fold, and folds are ended by the server: the books are those of SQLite', async () => {
  await withPostgres(async (open) => {
    const [one, two, admin] = [await open(), await open(), await open()];
    const now = Date.now();
    const all = traffic(12, 12, now);
    let isOver = false;
    let ended = 0;
    const folds = [one, two].map(async (database) => {
      while (!isOver)
        await fold(database, Date.now()).catch((cause: Error) => {
          assert.not(isRefusal(cause), cause.message);
          ended += 1;
        });
    });
    // A place is locked for writing by whoever folds.
    const kill = `SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l USING (pid)
      WHERE l.relation = to_regclass('folded') AND a.pid <> pg_backend_pid()`;
    for (const batch of batchesOf(all, 10)) {
      await append(one, batch, now);
      await ask(admin, kill);
    }
    isOver = true;
    await Promise.all(folds);
    console.log(`${ended} folds were ended`);
    await withDatabase(async (ledger) => {
      for (const batch of batchesOf(all, 10)) await apply(ledger, batch);
      assert.equal(await booksOf(two), await booksOf(ledger));
    });
  });
});

test('a database of an earlier version keeps all that it has, and knows its repeats', async () => {
  await withPostgres(async (open) => {
    const now = Date.now();
    const before = await open();
    const all = traffic(3, 12, now);
    // As it was before there were partitions.
    await before.transaction([], async (query) => {
      await query('DROP TABLE messages, heard, folded, sessions, days, told, unread');
      await query('DROP SEQUENCE heard_id');
      for (const statement of tables) await query(statement);
    });
    const future = usage('r0', [[idOf(9), 1]], { boot: 'odd', seq: 1, at: now + 400 * day });
    const old = [...all.slice(0, -9), future];
    await apply(before, old);
    const numbers = await count(before, 'messages');
    const after = await open();
    assert.is(await count(after, 'messages'), numbers);
    const tomorrow = nameOf('messages_before', now + day);
    assert.ok((await partitions(after, 'messages')).includes(tomorrow));
    await append(after, [...all, future], now);
    const { repeated } = await fold(after, now);
    assert.ok(repeated >= old.filter(({ topic }) => topic === 'usage').length);
    await withDatabase(async (ledger) => {
      await apply(ledger, [...all, future]);
      assert.equal(await booksOf(after), await booksOf(ledger));
    });
    // It goes as a whole when its last day is forgotten.
    await forget(after, now + 2 * day, now + 92 * day);
    const left = await partitions(after, 'messages');
    assert.not(left.includes(tomorrow), left.join());
  });
});

test('whoever listens is told that there are new totals', async () => {
  await withPostgres(async (open) => {
    const database = await open();
    const { Client } = loadDriver<{ Client: new (options: object) => Listening }>('pg');
    const client = new Client({ connectionString: server!.url });
    await client.connect();
    try {
      const told = new Promise((resolve) => client.on('notification', resolve));
      await client.query('LISTEN turnpike_folded');
      await append(database, [usage('r1', [[idOf(1), 10]])], Date.now());
      await fold(database, Date.now());
      await inTime('a notification', told);
    } finally {
      await client.end();
    }
  });
});

interface Listening {
  connect(): Promise<void>;
  query(sql: string): Promise<unknown>;
  on(event: 'notification', listener: (message: unknown) => void): void;
  end(): Promise<void>;
}

test('a message that PostgreSQL refuses goes to “unread”, and the others are folded', async () => {
  await withPostgres(async (open) => {
    const database = await open();
    const now = Date.now();
    const random = seeded(1);
    // An index takes no name of so many octets that cannot be packed.
    const long = Array.from({ length: 9_000 }, () => whole(random, 32, 126)).map((n) =>
      String.fromCharCode(n),
    );
    const boots = ['a', long.join(''), 'c'];
    const batch = boots.map((boot, i) => usage('r1', [[idOf(i), 10]], { boot, at: now }));
    await append(database, batch, now);
    assert.equal(await fold(database, now), { messages: 2, repeated: 0, unread: 1 });
    assert.match(String((await ask(database, 'SELECT reason FROM unread'))[0]?.reason), 'index row');
  });
});

test.run();

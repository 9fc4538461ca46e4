// A database that is in trouble: messages wait for it, and none is taken for the fault.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/collector/database.js';
import { Inbox } from '../../src/collector/inbox.js';
import type { Heard } from '../../src/collector/ledger.js';
import { openPostgres } from '../../src/collector/postgres.js';
import { isRefusal } from '../../src/collector/refusal.js';
import { inTime } from '../rig/until.js';

/** A message of the protocol (PostgreSQL, chapter "Message Formats"): its letter, its length, what is in it. */
function wire(letter: string, body: Buffer | string): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.from([letter.charCodeAt(0), 0, 0, 0, 0]);
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}
const ready = wire('Z', 'I');
const welcome = Buffer.concat([wire('R', Buffer.alloc(4)), ready]);
const done = Buffer.concat([wire('1', ''), wire('2', ''), wire('n', ''), wire('C', 'OK\0'), ready]);

/** A server that says yes to every statement. Whoever has its connection can end it, as a restart does. */
async function yesServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    socket.once('data', () => {
      socket.write(welcome);
      // One statement is under way at a time: a Query, or what ends with a Sync; Terminate is `X`.
      socket.on('data', (bytes: Buffer) => {
        const isWhole = bytes[0] === 0x51 || bytes.subarray(-5).equals(Buffer.from([0x53, 0, 0, 0, 4]));
        if (isWhole) socket.write(done);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  const url = `postgres://noc@127.0.0.1:${(server.address() as AddressInfo).port}/fleet?sslmode=disable`;
  return { url, drop, close: () => server.close() };
}

test('a restart of PostgreSQL in the middle of a transaction ends nothing but the transaction', async () => {
  const server = await yesServer();
  const database = await openPostgres(server.url);
  const died = database.transaction(['r1'], async (query) => {
    server.drop();
    for (;;) await query('SELECT 1');
  });
  const cause = await inTime(
    'the error',
    died.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  assert.instance(cause, Error);
  assert.not(isRefusal(cause), String(cause));
  const next = database.transaction(['r1'], async () => 'written');
  assert.is(await inTime('the next transaction', next), 'written');
  await database.close();
  server.close();
});

/** Usage of a router, without sessions. */
const heardOf = (router: string): Heard => ({
  topic: 'usage',
  message: { version: 1, router, boot: 'b', seq: 1, prev: 0, at: 1, sessions: [] },
});

/** A database that throws `faults` one after the other in the transactions of a router, and then takes everything. */
function troubled(router: string, faults: readonly Error[]) {
  const left = [...faults];
  const taken: string[] = [];
  const database: Database = {
    name: 'troubled',
    async transaction(routers, work) {
      if (routers.includes(router) && left.length > 0) throw left.shift();
      return work(async (sql, values = []) => {
        if (sql.includes('INTO unread')) taken.push(`unread ${values[0]}`);
        if (!sql.includes('INTO messages')) return [];
        const rows = Array.from({ length: values.length / 6 }, (_, i) => values.slice(6 * i, 6 * i + 6));
        taken.push(...rows.map(([name]) => String(name)));
        return rows.map(([name, topic, boot, seq]) => ({
          router: name!,
          topic: topic!,
          boot: boot!,
          seq: seq!,
        }));
      });
    },
    read: () => Promise.reject(new Error('nobody reads')),
    close: async () => {},
  };
  return { database, taken };
}

const failure = (message: string, code?: string) => Object.assign(new Error(message), code ? { code } : {});

test('a message whose connection dropped is written when the database is back, and is nobody’s fault', async () => {
  const faults = [
    failure('Connection terminated unexpectedly'),
    failure('terminating connection due to administrator command', '57P01'),
  ];
  const { database, taken } = troubled('r1', faults);
  const inbox = new Inbox(database, () => {});
  await inTime('the message', inbox.take({ heard: heardOf('r1') }));
  assert.equal([taken, inbox.stats.unread], [['r1'], 0]);
});

test('a message that the database cannot take now holds up no other', async () => {
  const { database, taken } = troubled('odd', Array(1_000).fill(failure('no idea', 'XX000')));
  const inbox = new Inbox(database, () => {});
  void inbox.take({ heard: heardOf('odd') });
  await inTime('the others', Promise.all(['r1', 'r2'].map((name) => inbox.take({ heard: heardOf(name) }))));
  assert.equal([taken, inbox.stats.unread], [['r1', 'r2'], 0]);
  await inbox.stop();
});

test('a message that comes just as another one is written is written, too', async () => {
  const { database, taken } = troubled('', []);
  for (let turns = 0; turns < 12; turns += 1) {
    const inbox = new Inbox(database, () => {});
    await inbox.take({ heard: heardOf('first') });
    for (let turn = 0; turn < turns; turn += 1) await undefined;
    await inTime(`the one after ${turns} turns`, inbox.take({ heard: heardOf('second') }));
  }
  assert.is(taken.length, 24);
});

test('what names the message’s data sets it aside', async () => {
  const { database, taken } = troubled('r1', [failure('bigint out of range', '22003')]);
  const inbox = new Inbox(database, () => {});
  await inTime('the message', inbox.take({ heard: heardOf('r1') }));
  assert.equal(taken, ['unread r1/usage']);
});

test('a message that comes just as the partition of its day is made is no unread one', async () => {
  const { database, taken } = troubled('r1', [failure('violates partition constraint', '23514')]);
  const inbox = new Inbox(database, () => {});
  await inTime('the message', inbox.take({ heard: heardOf('r1') }));
  assert.equal([taken, inbox.stats.unread], [['r1'], 0]);
});

test('trouble of the database is none of the message’s', () => {
  const sqlite = (message: string) => Object.assign(new Error(message), { name: 'SQLite3Error' });
  const refusals = [
    ...['22003', '22021', '23502', '54000'].map((code) => failure('', code)),
    ...['NOT NULL constraint failed: a.b', 'datatype mismatch'].map(sqlite),
  ];
  const troubles = [
    ...['57P01', '40P01', '40001', '53100', '08006', '25P02', 'ECONNRESET', 'EPIPE'].map((code) =>
      failure('', code),
    ),
    ...['disk I/O error', 'database or disk is full', 'database is locked'].map(sqlite),
    failure('Connection terminated unexpectedly'),
  ];
  assert.equal([refusals.every(isRefusal), troubles.some(isRefusal)], [true, false]);
});

test.run();

// A daemon that is killed and starts again with many sessions, at its own gate: packets of both sides of the gate are counted.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeMany } from '../many/journal.js';
import { until } from '../rig/until.js';
import { grown, leaveTime, sizeOf } from './rig/left.js';
import { OwnShop } from './rig/own-shop.js';
import { Steady, startEcho } from './rig/steady.js';

/** Sessions beside those of the test. */
const others = 200;
/** How long after the books are read a session may go on whose time is over, in ms, on a machine with much else to do. */
const mostMs = 1_000;

let dir: string;
let state: string;
let shop: OwnShop;
const room = (n: number) => shop.rooms[2 + n]!;
const client = (n: number) => shop.clients[n]!;

test.before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  state = join(dir, 'state');
  await writeMany(state, others, Date.now());
  shop = await OwnShop.open(4, [], undefined, { state });
  await startEcho(shop.rooms[1]!);
});

test.after(async () => {
  await shop?.close();
  rmSync(dir, { recursive: true, force: true });
});

test('who has paid has not one datagram lost, and who has not has none', async () => {
  const { id } = await shop.sell(client(0), 100);
  const [paid, stranger] = [new Steady(room(0)), new Steady(room(1))];
  await paid.goesOn();
  await shop.daemon.end('SIGKILL');
  await paid.goesOn();
  await shop.daemon.start();
  await until('active again', async () => (await shop.session(id)).state === 'active');
  await paid.goesOn();
  const { sent, back } = await paid.stop();
  assert.is(back, sent);
  const none = await stranger.stop(true);
  assert.ok(none.sent > 0);
  assert.is(none.back, 0);
  await shop.end(id);
});

test('a cap that is reached while the daemon is away holds, and what passed is billed', async () => {
  const { id } = await shop.sell(client(2), 5);
  const before = await shop.crossed(client(2));
  await shop.daemon.end('SIGKILL');
  const given = new AbortController();
  const download = client(2).download(20_000_000, { signal: given.signal });
  const crossed = async () => (await shop.crossed(client(2))) - before;
  await until('nearly all of it', async () => (await crossed()) > 4_900_000);
  await shop.daemon.start();
  await until('ended', async () => (await shop.session(id)).state === 'expired');
  given.abort();
  await download;
  const passed = await crossed();
  assert.ok(passed <= 5_000_000, `${passed} passed`);
  assert.ok(
    Math.abs((await shop.billed(id)) - passed) < 6_000,
    `${await shop.billed(id)} billed, ${passed} passed`,
  );
});

test('time that ends while the daemon starts is over in the kernel at once', async () => {
  const { id } = await shop.sell(client(3), 1_000, 'time');
  const stream = new Steady(room(3));
  await stream.goesOn();
  await shop.daemon.end('SIGKILL');
  await leaveTime(state, String(id), 50);
  await stream.goesOn();
  const read = grown(state, sizeOf(state));
  await shop.daemon.start();
  await until('closed', async () => (await shop.session(id)).state === 'expired');
  const { lastAt, back, sent } = await stream.stop(true);
  const ms = lastAt - (await read);
  console.log(`  shut ${ms} ms after the books were read`);
  assert.ok(back < sent && ms < mostMs, `${ms} ms after the books were read`);
});

test.run();

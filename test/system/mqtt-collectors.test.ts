// Collectors on a real Mosquitto: a broker that is killed amid 10,000 reports, two that share the load, PostgreSQL.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, reportOf } from '../mqtt/collector.js';
import { at, closedRecord, idOf, usageRecord } from '../mqtt/journal.js';
import { SimulatedRouter } from '../mqtt/router.js';
import { until } from '../rig/until.js';
import { Mosquitto } from './rig/mosquitto.js';
import { Postgres } from './rig/postgres.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-collectors-'));
/** What a test has opened: closed after it, however it ended. */
const opened: (() => Promise<unknown>)[] = [];
test.after.each(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
test.after(() => rmSync(dir, { recursive: true }));

/** From one turn to the next, in ms: reports are on their way all the time, and not all of them at once. */
const paceMs = 15;
const routers = 20;
const sessions = 10;
const used = (n: number) => ({ up: 1_000 * n, down: 9_000 * n, millis: 500 * n });

async function broker(): Promise<Mosquitto> {
  const one = await Mosquitto.start();
  opened.push(() => one.close());
  return one;
}

async function collector(url: string, database: string, name: string): Promise<Collector> {
  const one = new Collector(['--broker', url, '--database', database, '--client-id', name]);
  opened.push(() => one.end());
  await one.start();
  return one;
}

function fleet(url: string): SimulatedRouter[] {
  return Array.from({ length: routers }, (_, i) => {
    const router = new SimulatedRouter(url, `router-${i}`);
    opened.push(() => router.stop());
    router.start();
    return router;
  });
}

const idsOf = (i: number) => Array.from({ length: sessions }, (_, n) => idOf(1e6 + i * 1000 + n));

/** One report of each router for each turn: half a report for each of its sessions. */
function report(router: SimulatedRouter, i: number, turn: number): void {
  const rows = idsOf(i)
    .filter((_, n) => n % 2 === turn % 2)
    .map((id) => [id, used(turn)] as const);
  router.outbox.append(usageRecord(at + turn * 1000, rows));
}

function close(router: SimulatedRouter, i: number, turn: number): void {
  for (const id of idsOf(i)) router.outbox.append(closedRecord(at + turn * 1000, id, used(turn)));
}

/** Waits until every router's totals are what it used, and fails with what they are. */
async function settled(database: string, turn: number): Promise<void> {
  const { up, down } = used(turn);
  const expected = Array.from({ length: routers }, (_, i) => [
    `router-${i}`,
    sessions * up,
    sessions * down,
  ]).sort();
  await until('all totals', () => {
    const lines = reportOf(database, 'router');
    const found = lines.map((l) => [l.router, Number(l.up_bytes), Number(l.down_bytes)]).sort();
    assert.equal(found, expected);
    assert.ok(reportOf(database, 'session').every(({ state }) => state === 'terminated'));
    const days = reportOf(database, 'day').reduce((sum, { down_bytes }) => sum + Number(down_bytes), 0);
    assert.is(days, routers * sessions * down);
    return true;
  });
}

test('a broker that is killed and comes back amid 10,000 reports: all totals are right', async () => {
  const server = await broker();
  const database = join(dir, 'killed.sqlite');
  await collector(server.url, database, 'one');
  const all = fleet(server.url);
  const turns = 10_000 / routers;
  for (let turn = 1; turn <= turns; turn++) {
    for (const [i, router] of all.entries()) report(router, i, turn);
    if (turn === turns / 2) {
      await server.kill();
      await until('everybody has reports to send', () => all.every((router) => router.backlog > 0));
      await server.start();
    }
    await pause(paceMs);
  }
  for (const [i, router] of all.entries()) close(router, i, turns + 1);
  await settled(database, turns + 1);
});

test('two collectors share the load; one is killed, and nothing is missing or counted twice', async () => {
  const server = await broker();
  const database = join(dir, 'shared.sqlite');
  const [one, two] = [
    await collector(server.url, database, 'one'),
    await collector(server.url, database, 'two'),
  ];
  const all = fleet(server.url);
  const turns = 60;
  for (let turn = 1; turn <= turns; turn++) {
    for (const [i, router] of all.entries()) report(router, i, turn);
    if (turn === turns / 2) await one.end('SIGKILL');
    await pause(paceMs);
  }
  for (const [i, router] of all.entries()) close(router, i, turns + 1);
  // The messages that the broker had dealt to the killed collector wait for it: its session lasts for 30 days.
  await one.start();
  await settled(database, turns + 1);
  assert.is(await one.end(), 0);
  assert.is(await two.end(), 0);
  const counts = [one, two].map(({ log }) => Number(/stopped: (\d+) messages/.exec(log)?.[1]));
  assert.ok(
    counts.every((n) => n > 0),
    `${counts}`,
  );
  assert.is(
    reportOf(database, 'router').reduce((sum, { gaps }) => sum + Number(gaps), 0),
    0,
  );
});

test('PostgreSQL, two collectors, one killed: the same totals', async () => {
  const postgres = await Postgres.start();
  if (!postgres) return console.log('skipped: there is no PostgreSQL on this machine');
  opened.push(async () => postgres.close());
  const database = postgres.url;
  const server = await broker();
  const [one] = [await collector(server.url, database, 'one'), await collector(server.url, database, 'two')];
  const all = fleet(server.url);
  const turns = 60;
  for (let turn = 1; turn <= turns; turn++) {
    for (const [i, router] of all.entries()) report(router, i, turn);
    if (turn === turns / 2) await one.end('SIGKILL');
    await pause(paceMs);
  }
  for (const [i, router] of all.entries()) close(router, i, turns + 1);
  await one.start();
  await settled(database, turns + 1);
});

test.run();

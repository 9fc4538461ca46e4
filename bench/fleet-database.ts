// The collector on PostgreSQL, with fsync: each report written into totals at once, beside append and fold.
import { append } from '../src/collector/append.js';
import type { Database } from '../src/collector/database.js';
import { fold } from '../src/collector/fold.js';
import { apply, type Heard } from '../src/collector/ledger.js';
import { openPostgres } from '../src/collector/postgres.js';
import { encodeMessage, type UsageMessage } from '../src/mqtt/message.js';
import { Collector, reportOf } from '../test/mqtt/collector.js';
import { idOf } from '../test/mqtt/journal.js';
import { Mosquitto } from '../test/system/rig/mosquitto.js';
import { Postgres } from '../test/system/rig/postgres.js';
import { startHelper } from './child.js';

const [routers, clients] = [Number(process.env.ROUTERS ?? 1_000), 50];
/** How long the fleet reports, and how often, in all. */
const [seconds, rate] = [Number(process.env.SECONDS ?? 60), Number(process.env.RATE ?? 1_667)];
/** What as many connections have in hand is written in one commit. */
const connections = 64;
const rounds = 3;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const line = (what: string, value: string) => console.log(`${what.padEnd(58)} ${value}`);
const whole = (n: number) => Math.round(n).toLocaleString('en-US');
const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!;

/** The report of a router, with a total for each client that grows from turn to turn. */
function reportFrom(router: string, turn: number): Heard {
  const total = (n: number) => ({
    total_up_bytes: turn * (50_000 + 1_000 * n),
    total_down_bytes: turn * (900_000 + 20_000 * n),
    total_millis: turn * 60_000,
  });
  const used = { up_bytes: 50_000, down_bytes: 900_000, millis: 60_000 };
  const sessions = Array.from({ length: clients }, (_, n) => ({ session: idOf(n), ...used, ...total(n) }));
  const numbers = { router, boot: 'b', seq: turn, prev: turn - 1, at: Date.now() };
  const message: UsageMessage = { version: 1, ...numbers, sessions };
  return { topic: 'usage', message, payload: encodeMessage('usage', message, 'msgpack') };
}

/** Reports of so many routers, one each. */
const turnOf = (count: number, name: string, turn: number) =>
  Array.from({ length: count }, (_, i) => reportFrom(`${name}-${i}`, turn));

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function inBatches(all: readonly Heard[], write: (batch: Heard[]) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < all.length; i += connections) await write(all.slice(i, i + connections));
}

/** Both ways in turns, eight reports from each of the same routers. */
async function inTurns(database: Database): Promise<void> {
  const [old, appended, both]: number[][] = [[], [], []];
  const [count, turns] = [2 * connections, 8];
  for (let round = 0; round < rounds; round += 1) {
    const all = (name: string) =>
      Array.from({ length: turns }, (_, n) => turnOf(count, name, round * turns + n + 1)).flat();
    const [first, second] = [all('old'), all('new')];
    old!.push((count * turns) / (await secondsOf(() => inBatches(first, (some) => apply(database, some)))));
    const took = await secondsOf(() => inBatches(second, (some) => append(database, some, Date.now())));
    const folded = await secondsOf(() => fold(database, Date.now()));
    appended!.push((count * turns) / took);
    both!.push((count * turns) / (took + folded));
  }
  const [one, two, three] = [median(old!), median(appended!), median(both!)];
  line('into PostgreSQL, totals at once: reports a second', whole(one));
  line('appended: reports a second', `${whole(two)}, ${(two / one).toFixed(1)} times`);
  line('appended and folded: reports a second', `${whole(three)}, ${(three / one).toFixed(1)} times`);
}

/** What a fold costs where no session comes twice: the limit of a fleet in which each router reports once a minute. */
async function distinct(database: Database): Promise<void> {
  const count = 2_000;
  for (const [turn, what] of [
    [1, 'new'],
    [2, 'known'],
  ] as const) {
    // biome-ignore format: a table
    await inBatches(turnOf(count, 'many', turn), (some) => append(database, some, Date.now()));
    const took = await secondsOf(() => fold(database, Date.now()));
    const perSecond = (count * clients) / took;
    line(
      `folded, all sessions different and ${what}: sessions a second`,
      `${whole(perSecond)}: ${whole((perSecond * 60) / clients)} routers with a report a minute`,
    );
  }
}

/** The whole way: simulated routers, Mosquitto, the collector as a process, PostgreSQL. */
async function sustained(url: string): Promise<void> {
  const broker = await Mosquitto.start({ lines: ['allow_anonymous true', 'max_inflight_messages 100'] });
  const fleet = await startHelper('fleet-child.js', [broker.url, String(routers), String(clients)]);
  const options = ['--broker', broker.url, '--database', url, '--connections', String(connections)];
  const collector = new Collector(options);
  const database = await openPostgres(url);
  try {
    await collector.start();
    const everyMs = (routers * 1000) / rate;
    const reports = Math.ceil((seconds * 1000) / everyMs);
    const before = await numberedIn(database);
    const watch = watchLag(database);
    const took = await secondsOf(() => fleet.ask({ reports, everyMs }));
    const late = await secondsOf(() => arrived(database, before + routers * reports));
    const { worst, last } = await watch.end();
    line('routers, clients of each, seconds', `${whole(routers)}, ${clients}, ${whole(took)}`);
    line('reports a second', whole((routers * reports) / (took + late)));
    line('the last one is in the database after', `${late.toFixed(1)} s`);
    line('lag of the folded totals: worst, at the end', `${worst.toFixed(1)} s, ${last.toFixed(1)} s`);
    const expected = (reports * clients * 60_000) / 1000;
    const found = reportOf(url, 'router').filter(({ router }) => router!.startsWith('router-'));
    const wrong = found.filter((one) => Number(one.seconds) !== expected).length + routers - found.length;
    line('routers whose totals are not what was sent, of', `${wrong}, ${whole(routers)}`);
    line('lost', String(found.reduce((sum, { gaps }) => sum + Number(gaps), 0)));
  } finally {
    await collector.end();
    await database.close();
    await fleet.stop();
    await broker.close();
  }
}

/** How many messages were numbered so far. */
async function numberedIn(database: Database): Promise<number> {
  const [row] = await database.read((query) => query('SELECT last_value AS n FROM heard_id'));
  return Number(row?.n);
}

/** Resolves when so many messages are numbered, or after a minute. */
async function arrived(database: Database, expected: number): Promise<void> {
  for (let left = 240; left > 0 && (await numberedIn(database)) < expected; left -= 1) await pause(250);
}

/** Looks every 2 s how long ago the fold began that is in the totals of all routers. */
function watchLag(database: Database) {
  const lags: number[] = [];
  const look = async () => {
    const sql = 'SELECT min(at) AS at FROM folded';
    const [row] = await database.read((query) => query(sql));
    if (row?.at) lags.push((Date.now() - Number(row.at)) / 1000);
  };
  const began = Date.now();
  const timer = setInterval(() => void (Date.now() - began > 20_000 && look()), 2_000);
  return {
    async end() {
      clearInterval(timer);
      await look();
      return { worst: Math.max(...lags), last: lags.at(-1)! };
    },
  };
}

/** Measures, if there is a PostgreSQL on this machine. */
export async function measureDatabase(): Promise<void> {
  const server = await Postgres.start(['shared_buffers=256MB', 'max_wal_size=2GB']);
  if (!server) return console.log('there is no PostgreSQL on this machine');
  try {
    const database = await openPostgres(server.url);
    await inTurns(database);
    await distinct(database);
    await database.close();
    await sustained(server.url);
  } finally {
    server.close();
  }
}

// `npm run bench:fleet`: a thousand routers of fifty clients on one Mosquitto, and the collector behind it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMessage, encodeMessage, type UsageMessage } from '../src/mqtt/message.js';
import { Fold, freshState } from '../src/reports/mqtt/fold.js';
import { Collector, reportOf } from '../test/mqtt/collector.js';
import { at, idOf, usageRecord } from '../test/mqtt/journal.js';
import { Listener } from '../test/mqtt/listener.js';
import { Mosquitto } from '../test/system/rig/mosquitto.js';
import { type Helper, startHelper } from './child.js';
import { measureDatabase } from './fleet-database.js';

const [routers, clients] = [Number(process.env.ROUTERS ?? 1_000), 50];
/** Reports of each router: at a calm pace, as fast as they go, and into a database. */
const [calm, fast, kept] = [10, 10, 5];
const everyMs = 2_000;

/** A part of a shared subscription, which only counts. */
interface Counted {
  readonly seen: Map<string, number>;
  doubled: number;
  readonly ms: number[];
  lastAt: number;
}

async function subscribe(url: string, counted: Counted): Promise<Listener[]> {
  const listeners: Listener[] = [];
  for (let i = 0; i < 4; i++) {
    const listener = await Listener.start(url, '$share/bench/turnpike/+/usage', { clientId: `bench-${i}` });
    listener.client.on('message', (_topic, payload) => count(counted, decodeMessage('usage', payload)));
    listener.keep = false;
    listeners.push(listener);
  }
  return listeners;
}

function count(counted: Counted, { router, seq, at: made }: UsageMessage): void {
  const key = `${router} ${seq}`;
  if (counted.seen.has(key)) counted.doubled += 1;
  counted.seen.set(key, seq);
  counted.lastAt = Date.now();
  counted.ms.push(counted.lastAt - made);
}

async function arrived(counted: Counted, expected: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (counted.seen.size < expected && Date.now() < deadline) await pause(20);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const part = (sorted: readonly number[], share: number) =>
  sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
const line = (what: string, value: string) => console.log(`${what.padEnd(58)} ${value}`);
const whole = (n: number) => Math.round(n).toLocaleString('en-US');

/** The same report of fifty clients in both formats, octets for each client. */
function sizes(): { packed: number; json: number } {
  const fold = new Fold('router-999', freshState('0a1b2c3d4e5f', 60_000));
  const rows = (minutes: number) =>
    Array.from({ length: clients }, (_, n) => {
      const used = {
        up: minutes * (50_000 + 1_000 * n),
        down: minutes * (900_000 + 20_000 * n),
        millis: minutes * 60_000,
      };
      return [idOf(1e12 + n), used] as const;
    });
  fold.take({ seq: 1, data: usageRecord(at, rows(60)) });
  const [told] = fold.take({ seq: 2, data: usageRecord(at + 60_000, rows(61)) });
  const message = told!.message as UsageMessage;
  const size = (format: 'msgpack' | 'json') => encodeMessage('usage', message, format).length / clients;
  return { packed: size('msgpack'), json: size('json') };
}

async function deliver(fleet: Helper, counted: Counted): Promise<void> {
  await fleet.ask({ reports: calm, everyMs });
  await arrived(counted, routers * calm);
  const sorted = counted.ms.splice(0).sort((a, b) => a - b);
  line(
    `calm, ${whole((routers * 1000) / everyMs)} reports a second: end to end p50, p99`,
    `${part(sorted, 0.5)} ms, ${part(sorted, 0.99)} ms`,
  );
  const began = Date.now();
  const { bytes } = await fleet.ask<{ bytes: number }>({ reports: fast });
  await arrived(counted, routers * (calm + fast));
  const seconds = (counted.lastAt - began) / 1000;
  line('as fast as they go: reports a second', whole((routers * fast) / seconds));
  line('the same in clients a second', whole((routers * fast * clients) / seconds));
  line('octets on the wire for each client and report', (bytes / (routers * fast * clients)).toFixed(1));
  const expected = routers * (calm + fast);
  line('lost, doubled', `${expected - counted.seen.size}, ${counted.doubled}`);
}

async function keep(fleet: Helper, url: string, dir: string): Promise<void> {
  const database = join(dir, 'fleet.sqlite');
  const collector = new Collector(['--broker', url, '--database', database]);
  await collector.start();
  const began = Date.now();
  try {
    await fleet.ask({ reports: kept });
    const total = (calm + fast + kept) * clients * 1000;
    const each = (60_000 * total) / 1000 / 1000;
    let found: Record<string, string>[] = [];
    for (const end = Date.now() + 90_000; Date.now() < end; await pause(2_000)) {
      found = reportOf(database, 'router');
      if (found.length === routers && found.every(({ seconds }) => Number(seconds) === each)) break;
    }
    const seconds = (Date.now() - began) / 1000;
    line(
      'into SQLite, each acknowledged after its commit: a second',
      `${whole((routers * kept) / seconds)} reports, ${whole((routers * kept * clients) / seconds)} clients`,
    );
    const wrong = found.filter((one) => Number(one.seconds) !== each).length + routers - found.length;
    line('routers whose totals are not what was sent', String(wrong));
  } finally {
    await collector.end();
  }
}

const dir = mkdtempSync(join(tmpdir(), 'turnpike-fleet-'));
const broker = await Mosquitto.start({ lines: ['allow_anonymous true', 'max_inflight_messages 100'] });
const counted: Counted = { seen: new Map(), doubled: 0, ms: [], lastAt: 0 };
const listeners = await subscribe(broker.url, counted);
const fleet = await startHelper('fleet-child.js', [broker.url, String(routers), String(clients)]);
try {
  line('routers, clients of each', `${whole(routers)}, ${clients}`);
  const { packed, json } = sizes();
  line(
    'octets a client: MessagePack, JSON',
    `${packed.toFixed(1)}, ${json.toFixed(1)}: ${(json / packed).toFixed(2)} times smaller`,
  );
  await deliver(fleet, counted);
  for (const listener of listeners.splice(0)) await listener.close();
  await keep(fleet, broker.url, dir);
} finally {
  for (const listener of listeners) await listener.close();
  await fleet.stop();
  await broker.close();
  rmSync(dir, { recursive: true });
}
await measureDatabase();

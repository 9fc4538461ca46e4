// Somebody else's program reads a router's live messages with nothing but the AsyncAPI document.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { macOf, siteFor } from '../mqtt/site.js';
import { startProcess } from '../rig/daemon.js';
import { inTime } from '../rig/until.js';
import { Mosquitto } from './rig/mosquitto.js';
import { RabbitMq } from './rig/rabbitmq.js';

const { portal, opening, sections, sell } = siteFor(test);

/** What the program says of one message. */
interface Line {
  readonly subscribed?: boolean;
  readonly kind?: string;
  readonly content?: Table;
}

/** The program on the messages of a format, which is their prefix as well, and what it has said. */
class Reader {
  readonly lines: Line[] = [];
  readonly ended: Promise<number | null>;
  #errors = '';
  #waiting: (() => void)[] = [];
  readonly #child;

  constructor(python: string, port: number, format: string, version: string) {
    const args = ['test/mqtt/check_live.py', `${port}`, format, format, 'src/mqtt/asyncapi.json', version];
    this.#child = spawn(python, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stderr.on('data', (text) => {
      this.#errors += text;
    });
    createInterface(this.#child.stdout).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Line);
      for (const look of this.#waiting) look();
    });
    this.ended = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  /** Resolves when it has said such a line, past or to come. Fails when it ends before. */
  heard(what: string, is: (line: Line) => boolean): Promise<void> {
    const said = new Promise<void>((resolve, reject) => {
      const look = () => {
        if (this.lines.some(is)) resolve();
      };
      this.#waiting.push(look);
      look();
      void this.ended.then((code) => reject(new Error(`ended with ${code}: ${this.said}`)));
    });
    return inTime(what, said, () => this.said);
  }

  get said(): string {
    return `${this.#errors}${JSON.stringify(this.lines.slice(-3))}`;
  }

  async close(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

/** Another Python may stand before Debian's, without its packages. */
const python = ['python3', '/usr/bin/python3'].find(
  (one) => spawnSync(one, ['-c', 'import paho.mqtt.client, msgpack, jsonschema']).status === 0,
);
const packages = 'python3-paho-mqtt, python3-msgpack and python3-jsonschema';

/** Brokers of other people, and the newest version of MQTT that they speak. */
const brokers = [
  { name: 'Mosquitto', version: '5', start: () => Mosquitto.start() },
  { name: 'RabbitMQ', version: '3.1.1', start: () => RabbitMq.start() },
] as const;

for (const { name, version, start } of brokers)
  test(`Python reads every message of a router by the AsyncAPI document over ${name}`, async () => {
    if (python === undefined) return console.log(`skipped: there is no Python with ${packages}`);
    const broker = await start();
    if (!broker) return console.log(`skipped: there is no ${name} on this machine`);
    opening(broker);
    for (const format of ['msgpack', 'json']) {
      const reader = opening(new Reader(python, broker.port, format, version));
      await reader.heard('subscribed', ({ subscribed }) => subscribed === true);
      await readAll(reader, broker.url, format);
    }
  });

/** Has a router say something of each kind, in a format, and looks at what the program has read. */
async function readAll(reader: Reader, url: string, format: string): Promise<void> {
  const text = sections(url, `prefix '${format}'`, `format '${format}'`, "commands '1'");
  const daemon = opening(await startProcess(text, { flushInterval: '1s' }));
  const n = format === 'json' ? 2 : 1;
  const id = await sell(daemon, n);
  await reader.heard('the answer to its order', ({ kind }) => kind === 'reply');
  // Of 900 MB: little is left.
  portal.carry(macOf(n), 1_024, 800_000_000);
  await reader.heard('low', ({ content }) => content?.event === 'low');
  await reader.heard('usage', ({ kind }) => kind === 'usage');
  await daemon.call('close', { id, reason: 'user' });
  await reader.heard('closed', ({ content }) => content?.event === 'closed');
  await daemon.end('SIGTERM');
  assert.is(await inTime('all kinds', reader.ended, () => reader.said), 0, reader.said);
  const closed = reader.lines.find(({ content }) => content?.event === 'closed')!.content!;
  assert.equal([closed.session, closed.total_down_bytes, closed.cause], [id, 800_000_000, 'user']);
  const usage = reader.lines.flatMap(({ kind, content }) =>
    kind === 'usage' ? (content!.sessions as { down_bytes: number }[]) : [],
  );
  assert.is(
    usage.reduce((sum, { down_bytes }) => sum + down_bytes, 0),
    800_000_000,
    'the differences come to the total',
  );
}

test.run();

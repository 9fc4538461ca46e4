// The daemon on a real Mosquitto: certificates, passwords, orders, the last will, and a line that is down or slow.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../src/demo/portal.js';
import { opennds } from '../../src/domain/dialect.js';
import type { Mac } from '../../src/domain/mac.js';
import type { Table } from '../../src/ubus/value.js';
import { type DaemonProcess, shop, startProcess } from '../daemon.js';
import { freeTcpPort } from '../free-port.js';
import { Listener } from '../mqtt/listener.js';
import { Mosquitto } from './rig/mosquitto.js';
import { wayTo } from './rig/way.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-mqtt-'));
const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'));
let keys = 0;

/** What a test has opened: closed after it, however it ended. */
const opened: { close(): Promise<void> }[] = [];

function opening<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

test.before(() => portal.start());
test.after.each(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
test.after(async () => {
  await portal.stop();
  rmSync(dir, { recursive: true });
});

const macOf = (n: number) => `02:53:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function sections(url: string, ...options: string[]): string {
  const lines = ["enabled '1'", `url '${url}'`, "interval '1s'", ...options].map(
    (option) => `\toption ${option}\n`,
  );
  return `${shop(join(dir, 'nds.sock'), ["poll_max '300ms'"])}config mqtt 'mqtt'\n${lines.join('')}`;
}

async function sell(daemon: DaemonProcess, n: number): Promise<string> {
  keys += 1;
  portal.join(macOf(n), `10.53.0.${n}`);
  const payment = { method: 'cash', reference: 'till' };
  const order = { mac: macOf(n), plan: 'data', steps: 900, payment, idempotency_key: `k${keys}` };
  return String((await daemon.call('purchase', order)).id);
}

async function sinkOf(daemon: DaemonProcess): Promise<Table> {
  return ((await daemon.call('status')).sinks as Table[])[0]!;
}

async function until(what: string, is: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await is())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within 30 s`);
    await pause(100);
  }
}

/** An authority, and certificates that it signed. */
function certificates(): { file: (name: string) => string } {
  const at = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  for (const ca of ['ca', 'stranger']) {
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      at(`${ca}.key`),
      '-out',
      at(`${ca}.pem`),
      '-subj',
      `/CN=${ca}`,
    );
  }
  const signed = (name: string, ca: string, ...more: string[]) => {
    const own = ['-x509', '-CA', at(`${ca}.pem`), '-CAkey', at(`${ca}.key`), '-subj', `/CN=${name}`];
    openssl('req', ...key, ...own, ...more, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`));
  };
  signed('server', 'ca', '-addext', 'subjectAltName=DNS:broker.test');
  signed('router', 'ca');
  signed('intruder', 'stranger');
  return { file: at };
}

test('TLS: the broker shows its certificate and the router its own; strangers are told apart', async () => {
  const { file } = certificates();
  const tlsPort = await freeTcpPort();
  const files = ['ca.pem', 'server.pem', 'server.key'].map((name) => [
    name,
    readFileSync(file(name), 'utf8'),
  ]);
  opening(
    await Mosquitto.start({
      files: Object.fromEntries(files),
      lines: [
        'allow_anonymous true',
        `listener ${tlsPort} 127.0.0.1`,
        'cafile DIR/ca.pem',
        'certfile DIR/server.pem',
        'keyfile DIR/server.key',
        'require_certificate true',
      ],
    }),
  );
  const url = `mqtts://127.0.0.1:${tlsPort}`;
  const tls = (who: string, ca = 'ca', name = 'broker.test') =>
    sections(
      url,
      `ca_file '${file(`${ca}.pem`)}'`,
      `cert_file '${file(`${who}.pem`)}'`,
      `key_file '${file(`${who}.key`)}'`,
      `server_name '${name}'`,
    );
  const daemon = opening(await startProcess(tls('router'), { flushInterval: '1s' }));
  await until('connected', async () => (await sinkOf(daemon)).state === 'up');
  const detail = String((await daemon.call('upstream_test', { name: 'mqtt' })).detail);
  assert.is(detail, `127.0.0.1:${tlsPort} took a report, MQTT 5`);
  const wrong: [string, RegExp][] = [
    [tls('intruder'), /refuses user, password or certificate/],
    [tls('router', 'stranger'), /certificate|self.signed|issuer/i],
    [tls('router', 'ca', 'other.test'), /other\.test|altnames/i],
  ];
  for (const [text, says] of wrong) {
    daemon.configure(text);
    assert.ok((await daemon.call('reload')).applied);
    await until(`${says}`, async () => says.test(String((await sinkOf(daemon)).error)));
    assert.is((await sinkOf(daemon)).state, 'down');
  }
  daemon.configure(tls('router'));
  await daemon.call('reload');
  await until('connected again', async () => (await sinkOf(daemon)).state === 'up');
});

test('refused credentials: a clear state, one try, and right again after a reload', async () => {
  const broker = opening(
    await Mosquitto.start({
      files: { passwords: '' },
      lines: ['allow_anonymous false', 'password_file DIR/passwords'],
    }),
  );
  execFileSync('mosquitto_passwd', ['-b', join(broker.dir, 'passwords'), 'r1', 'right'], { stdio: 'pipe' });
  await broker.stop();
  await broker.start();
  const secret = (password: string) => `config secret 'mqtt'\n\toption password '${password}'\n`;
  const daemon = opening(
    await startProcess(sections(broker.url, "username 'r1'"), { secrets: secret('wrong-word') }),
  );
  await until('refused', async () => (await sinkOf(daemon)).error !== '');
  const { state, error } = await sinkOf(daemon);
  assert.equal([state, error], ['down', 'the broker refuses user, password or certificate']);
  // Time for a flood to show: what is not to happen has no event.
  await pause(4_000);
  assert.is(broker.log.match(/New connection/g)?.length, 1, broker.log);
  assert.equal((await daemon.call('upstream_test', { name: 'mqtt' })).error, {
    code: 'upstream_refused',
    message: 'the broker refuses user, password or certificate',
  });
  assert.not.match(daemon.log(), 'wrong-word');
  assert.not.match(JSON.stringify(await daemon.call('status')), 'wrong-word');
  writeFileSync(join(daemon.dir, 'turnpike_secrets'), secret('right'));
  await daemon.call('reload');
  await until('accepted', async () => (await sinkOf(daemon)).state === 'up');
});

test('who is there is retained: online, then offline by the last will, or said at a stop', async () => {
  const broker = opening(await Mosquitto.start());
  const daemon = opening(
    await startProcess(sections(broker.url, "prefix 'isp/shops'"), { flushInterval: '1s' }),
  );
  const retained = async () => {
    const late = opening(await Listener.start(broker.url, 'isp/shops/+/status'));
    const { state, boot, active, software } = await late.read('status');
    return { state, boot, active, software };
  };
  const listener = opening(await Listener.start(broker.url, 'isp/shops/#'));
  await listener.read('status', ({ state }) => state === 'online');
  await sell(daemon, 1);
  const { boot, version } = await daemon.call('status');
  await listener.read('status', ({ active }) => active === 1);
  assert.equal(await retained(), { state: 'online', boot, active: 1, software: version });
  await daemon.end('SIGKILL');
  await listener.read('status', ({ state }) => state === 'offline');
  assert.equal(await retained(), { state: 'offline', boot, active: 0, software: version });
  await daemon.start();
  const next = await listener.read('status', (status) => status.state === 'online' && status.boot !== boot);
  await daemon.end('SIGTERM');
  await listener.read('status', (status) => status.state === 'offline' && status.boot === next.boot);
  assert.is((await retained()).state, 'offline');
});

test('orders: close, grant, status and reload, answered where the request says, with its own data', async () => {
  const broker = opening(await Mosquitto.start());
  const text = sections(broker.url, "commands '1'").replace(
    "config mqtt 'mqtt'\n",
    "config mqtt 'mqtt'\n\tlist allow 'close'\n\tlist allow 'grant'\n\tlist allow 'status'\n",
  );
  const daemon = opening(await startProcess(text, { flushInterval: '1s' }));
  const listener = opening(await Listener.start(broker.url, 'turnpike/#'));
  const router = (await listener.read('status', ({ state }) => state === 'online')).router;
  let asked = 0;
  const ask = async (order: Table, responseTopic = 'turnpike/noc/answers') => {
    const correlationData = Buffer.from(`c${++asked}`);
    const payload = JSON.stringify(order);
    const properties = { responseTopic, correlationData };
    await listener.client.publishAsync(`turnpike/${router}/command`, payload, { qos: 1, properties });
    const answer = await listener.hear(
      'the answer',
      (p) => p.properties?.correlationData?.equals(correlationData) === true && p.topic === responseTopic,
    );
    return JSON.parse(answer.payload.toString()) as { result?: Table; error?: Table };
  };
  await until('subscribed', async () => broker.log.includes('New client'));
  const status = await ask({ command: 'status', idempotency_key: 's1' });
  assert.is(status.result?.router, router);
  const id = await sell(daemon, 2);
  const closed = await ask({ command: 'close', idempotency_key: 'c1', arguments: { id, reason: 'admin' } });
  assert.equal([closed.result?.id, closed.result?.cause], [id, 'admin']);
  assert.not(portal.isOpen(macOf(2)));
  portal.join(macOf(3), '10.53.0.3');
  const grant = { mac: macOf(3), bytes: 5_000_000, reason: 'sorry', gateway: 'lan' };
  const first = await ask({ command: 'grant', idempotency_key: 'g1', arguments: grant });
  const again = await ask({ command: 'grant', idempotency_key: 'g1', arguments: grant });
  assert.is(again.result?.id, first.result?.id);
  const granted = (await daemon.call('session', { mac: macOf(3) })).granted as Table;
  assert.equal(granted, { bytes: 5_000_000 }, 'once');
  await daemon.end('SIGKILL');
  await daemon.start();
  await until('back', async () => (await sinkOf(daemon)).state === 'up');
  await ask({ command: 'grant', idempotency_key: 'g1', arguments: grant });
  assert.equal((await daemon.call('session', { mac: macOf(3) })).granted, granted, 'over a restart, too');
  assert.is((await ask({ command: 'reload', idempotency_key: 'r1' })).error?.code, 'not_allowed');
  const unknown = await ask({ command: 'close', idempotency_key: 'c2', arguments: { id: 'nobody' } });
  assert.is(unknown.error?.code, 'unknown_session');
  const odd = { command: 'close', idempotency_key: 'c3', arguments: { id: first.result?.id as string } };
  await listener.client.publishAsync(`turnpike/${router}/command`, JSON.stringify(odd), {
    qos: 1,
    retain: true,
  });
  const away = { responseTopic: 'elsewhere/x' };
  await listener.client.publishAsync(`turnpike/${router}/command`, JSON.stringify(odd), {
    qos: 1,
    properties: away,
  });
  await ask({ command: 'status', idempotency_key: 's2' });
  assert.is((await daemon.call('session', { mac: macOf(3) })).state, 'active', 'nothing was done');
});

test('the line is down over a restart of turnpike: nothing is lost, nothing is out of order', async () => {
  const broker = opening(await Mosquitto.start());
  const way = opening(await wayTo(broker.port));
  const listener = opening(await Listener.start(broker.url, 'turnpike/#'));
  const daemon = opening(
    await startProcess(sections(`mqtt://127.0.0.1:${way.port}`), { flushInterval: '1s' }),
  );
  const id = await sell(daemon, 4);
  portal.carry(macOf(4), 1_024, 10_240);
  await listener.read('usage', ({ sessions }) => sessions.some((s) => s.session === id && s.down_bytes > 0));
  const counted = async () => Number((await daemon.call('session', { id })).down_bytes);
  way.cut();
  portal.carry(macOf(4), 2_048, 20_480);
  await until('counted', async () => (await counted()) === 30_720);
  await until('waiting', async () => Number((await sinkOf(daemon)).backlog) > 0);
  await daemon.end('SIGKILL');
  await daemon.start();
  portal.carry(macOf(4), 4_096, 40_960);
  await until('counted on', async () => (await counted()) === 71_680);
  await daemon.call('close', { id, reason: 'user' });
  way.open();
  const closed = await listener.read('session', (m) => m.session === id && m.event === 'closed');
  assert.equal([closed.total_up_bytes, closed.total_down_bytes], [7_168, 71_680]);
  const seen = new Set<number>();
  const rows = listener.all('usage').flatMap(({ seq, sessions }) => {
    if (seen.has(seq)) return [];
    seen.add(seq);
    return sessions.filter((s) => s.session === id);
  });
  assert.is(
    rows.reduce((sum, row) => sum + row.down_bytes, 0),
    71_680,
  );
  const order = [...seen];
  assert.equal(
    order,
    [...order].sort((a, b) => a - b),
  );
});

test('a broker that takes nothing delays nobody and costs no memory', async () => {
  const broker = opening(await Mosquitto.start());
  const way = opening(await wayTo(broker.port));
  const daemon = opening(
    await startProcess(sections(`mqtt://127.0.0.1:${way.port}`), { flushInterval: '1s' }),
  );
  await until('connected', async () => (await sinkOf(daemon)).state === 'up');
  const ids: string[] = [];
  for (let n = 10; n < 60; n++) ids.push(await sell(daemon, n));
  const traffic = setInterval(() => {
    for (let n = 10; n < 60; n++) portal.carry(macOf(n), 100, 1_000);
  }, 100);
  await until('all counted', async () => {
    const { sessions } = (await daemon.call('sessions', { state: 'active' })) as { sessions: Table[] };
    return sessions.filter(({ down_bytes }) => Number(down_bytes) > 0).length === ids.length;
  });
  const before = daemon.rss();
  const delays = async (ms: number) => {
    const found: number[] = [];
    for (const end = performance.now() + ms; performance.now() < end; await pause(20)) {
      const began = performance.now();
      await daemon.call('plans');
      found.push(performance.now() - began);
    }
    return found.sort((a, b) => a - b)[Math.floor(found.length / 2)]!;
  };
  const free = await delays(3_000);
  way.stall();
  const stalled = await delays(10_000);
  const { backlog } = await sinkOf(daemon);
  clearInterval(traffic);
  assert.ok(Number(backlog) >= 5, `${backlog} reports wait`);
  assert.ok(stalled < Math.max(10, 5 * free), `${stalled} ms, ${free} ms without`);
  assert.ok(daemon.rss() - before < 30, `${before} MiB, then ${daemon.rss()} MiB`);
  console.log(
    `answers within ${free.toFixed(1)} ms, stalled ${stalled.toFixed(1)} ms (median); ${backlog} wait`,
  );
  way.flow();
  await until('caught up', async () => Number((await sinkOf(daemon)).backlog) <= 2);
});

test.run();

// A user's WiFi from login to end: a real openNDS, FreeRADIUS as Debian installs it, Mosquitto, collector and hub.
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Hub, startHub } from '../../src/hub/main.js';
import { Collector } from '../mqtt/collector.js';
import type { DaemonProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import type { Client } from './rig/client.js';
import { DebianFreeRadius } from './rig/debian-freeradius.js';
import { startAt } from './rig/kernel-shop.js';
import { Mosquitto } from './rig/mosquitto.js';
import { eventTimestamp, RadiusService, signing } from './rig/radius-service.js';
import { type Rig, startRig } from './rig/rig.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-lifecycle-'));
const database = join(dir, 'fleet.sqlite');
const secret = Buffer.from('a secret of twenty-four!');
const token = 'a-token-that-may-see';
const users = `ada Cleartext-Password := "love"
	Session-Timeout = 3600
bob Cleartext-Password := "build"
	Acct-Interim-Interval = 60
eve Cleartext-Password := "apple"
	Session-Timeout = 2
`;
/** Logouts that are timed. */
const rounds = 5;
/** Octets after which the server has enough of a user. */
const cap = 2_000_000;

let [rig, radius, server, broker, daemon, hub, collector] = [] as unknown as [
  Rig,
  RadiusService<DebianFreeRadius>,
  DebianFreeRadius,
  Mosquitto,
  DaemonProcess,
  Hub,
  Collector,
];

test.before(async () => {
  broker = await Mosquitto.start();
  radius = await RadiusService.start(() => DebianFreeRadius.start({ users }));
  server = radius.server;
  await server.add('post-auth {', signing);
  rig = await startRig({ clients: 3 });
  collector = new Collector(['--broker', broker.url, '--client-id', 'lifecycle', '--database', database]);
  await collector.start();
  hub = await startHub(
    {
      ...{ listen: { host: '127.0.0.1', port: 0 }, database, trustProxy: 0, requestTimeoutMs: 10_000 },
      broker: { url: broker.url, prefix: 'turnpike', clientId: 'hub' },
      hooks: new Map([
        ['pc', { takes: 'logouts', secrets: [`whsec_${secret.toString('base64')}`], validForMs: 600_000 }],
      ]),
      ...{ webhooks: new Map(), offlineAfterSeconds: 120, rateLimit: { max: 10_000, windowMs: 60_000 } },
      tokens: [{ name: 'noc', role: 'see', token }],
    },
    { log: () => {} },
  );
  daemon = await startAt(
    rig,
    ["poll_max '300ms'"],
    { secrets: radius.secrets, flushInterval: '1s' },
    radius.section() + reporting(),
  );
});

test.after(async () => {
  await daemon?.close();
  await hub?.stop();
  await collector?.end();
  await rig?.stop();
  await radius?.close();
  await broker?.close();
  rmSync(dir, { recursive: true });
});

function reporting(): string {
  return `config mqtt 'mqtt'
	option enabled '1'
	option url '${broker.url}'
	option interval '1s'
	option commands '1'
	list allow 'logout_user'
`;
}

/** A device that the portal knows logs in, and is let in. */
async function logIn(client: Client, user: string, password: string): Promise<Table> {
  const session = await ask(client, user, password);
  await until('a web page', async () => (await client.visit()) === 200);
  return session;
}

async function ask(client: Client, user: string, password: string): Promise<Table> {
  await client.register();
  const session = await radius.logIn(daemon, client.mac, user, password);
  assert.is(session.error, undefined, JSON.stringify(session));
  return session;
}

const sessionOf = ({ id }: Table) => daemon.call('session', { id });
const isShut = (client: Client) => until('a gate that is shut', async () => (await client.visit()) !== 200);

/** Resolves with state and cause of a session that has ended. */
function endOf(session: Table): Promise<readonly unknown[]> {
  return until('the end', async () => {
    const { state, cause } = await sessionOf(session);
    return (state === 'expired' || state === 'terminated') && [state, cause];
  });
}

const reported = ({ id }: Table, type: string) => radius.reported(id, type);

/** Resolves when the hub knows that this session runs. */
function known({ id }: Table): Promise<unknown> {
  return until('the hub knows the session', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${hub.url}/sessions?user=ada&state=running`, { headers });
    const { rows } = (await answer.json()) as { rows: { session: string }[] };
    return rows.some(({ session }) => session === id);
  });
}

/** The software of the café's PCs says that somebody has logged out. */
async function logOut(user: string, id: string): Promise<void> {
  const body = JSON.stringify({ type: 'user.logged_out', data: { user } });
  const at = Math.floor(Date.now() / 1000);
  const mac = createHmac('sha256', secret).update(`${id}.${at}.${body}`).digest('base64');
  const headers = { 'webhook-id': id, 'webhook-timestamp': `${at}`, 'webhook-signature': `v1,${mac}` };
  const { status } = await fetch(`${hub.url}/hooks/pc`, { method: 'POST', headers, body });
  assert.is(status, 200);
}

test('pending, active, interim updates, one device, a PC’s logout, expired, and the server’s Disconnect', async () => {
  const [desk, phone, tablet] = rig.clients as [Client, Client, Client];
  const capped = await logIn(tablet, 'bob', 'build');
  const began = Date.now();
  await tablet.download(2 * cap);

  await desk.register();
  server.pause();
  const asked = radius.logIn(daemon, desk.mac, 'ada', 'love');
  await until('pending', async () => (await daemon.call('session', { mac: desk.mac })).state === 'pending');
  assert.is.not(await desk.visit(), 200);
  server.resume();
  const first = await asked;
  await until('active', async () => (await sessionOf(first)).state === 'active');
  await until('a web page', async () => (await desk.visit()) === 200);
  await reported(first, 'Start');

  let session = await logIn(phone, 'ada', 'love');
  await isShut(desk);
  assert.equal(await endOf(first), ['terminated', 'conflict']);
  await reported(first, 'Stop');

  const took: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await known(session);
    const from = performance.now();
    await logOut('ada', `round-${round}`);
    await isShut(phone);
    took.push(performance.now() - from);
    assert.equal(await endOf(session), ['terminated', 'pc-logout']);
    const stop = await reported(session, 'Stop');
    assert.is(stop.get('Acct-Terminate-Cause')?.[0], 'User-Request');
    if (round < rounds) session = await logIn(phone, 'ada', 'love');
  }
  const shown = took.map((ms) => Math.round(ms)).sort((a, b) => a - b);
  console.log(
    `  from the webhook to the shut gate, in ms: median ${shown[rounds >> 1]} of ${shown.join(', ')}`,
  );

  // It may be over before a page has come.
  const timed = await ask(desk, 'eve', 'apple');
  await isShut(desk);
  assert.equal(await endOf(timed), ['expired', 'time']);
  assert.is((await reported(timed, 'Stop')).get('Acct-Terminate-Cause')?.[0], 'Session-Timeout');

  // An interim update comes after a minute, which is as long as one wait may take.
  await until('half a minute', () => Date.now() - began > 30_000);
  const update = await reported(capped, 'Interim-Update');
  const octets = Number(update.get('Acct-Output-Octets')?.[0]);
  assert.ok(octets >= cap, `${octets} octets`);
  assert.is((await sessionOf(capped)).state, 'active');
  const which = [`Acct-Session-Id = "${capped.id}"`, eventTimestamp()];
  const from = performance.now();
  const { reply, output } = await radius.order('disconnect', which);
  assert.is(reply, 'Disconnect-ACK', output);
  console.log(`  from the server's Disconnect to its ACK: ${Math.round(performance.now() - from)} ms`);
  assert.is.not(await tablet.visit(), 200);
  assert.equal(await endOf(capped), ['terminated', 'coa']);
  await reported(capped, 'Stop');
});

test.run();

// The daemon as the NAS of a real FreeRADIUS; the portal is the simulated one, which says how much each client moved.
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { DaemonProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import { type DetailRecord, FreeRadius } from './rig/freeradius.js';
import { eventTimestamp } from './rig/radius-service.js';
import { macOf, RadiusShop } from './rig/radius-shop.js';

let shop: RadiusShop<FreeRadius>;
let [server, portal, daemon] = [] as unknown as [FreeRadius, SimulatedPortal, DaemonProcess];

const users = [
  {
    name: 'alice',
    password: 'wonderland',
    reply: [
      'ChilliSpot-Max-Total-Octets = 5000000',
      'Class += 0x00ff61',
      'Class += 0x6262',
      'Port-Limit = 1',
    ],
  },
  { name: 'wispr', password: 'w', reply: ['Session-Timeout = 3600', 'WISPr-Bandwidth-Max-Down = 2000000'] },
  {
    name: 'chilli',
    password: 'c',
    reply: ['ChilliSpot-Max-Output-Octets = 705032704', 'ChilliSpot-Max-Output-Gigawords = 1'],
  },
  {
    name: 'mikrotik',
    password: 'm',
    reply: [
      'Mikrotik-Recv-Limit = 1000',
      'Mikrotik-Total-Limit-Gigawords = 2',
      'Mikrotik-Rate-Limit = "1M/2M"',
    ],
  },
  { name: 'unlimited', password: 'u' },
  { name: 'banned', reply: ['Reply-Message = "not today"'] },
];

const nas = "nas_identifier 'test-nas'";

test.before(async () => {
  shop = await RadiusShop.open(() => FreeRadius.start({ users }), nas, "auth 'pap'");
  ({ portal, daemon } = shop);
  server = shop.radius.server;
});

test.after(() => shop?.close());

const first = (record: DetailRecord | undefined, name: string) => record?.get(name)?.[0];
const codeOf = (reply: Table) => (reply.error as Table | undefined)?.code ?? reply.state;
const logIn = (n: number, user: string, password: string) => shop.logIn(n, user, password);
const records = (id: unknown) => shop.radius.records(id);
const reported = (id: unknown, type: string) => shop.radius.reported(id, type);
const order = (kind: 'disconnect' | 'coa', attributes: string[]) =>
  shop.radius.order(kind, [...attributes, eventTimestamp()]);

function octetsOf(record: DetailRecord, direction: 'Input' | 'Output'): bigint {
  const part = (name: string) => BigInt(first(record, `Acct-${direction}-${name}`) ?? 0);
  return (part('Gigawords') << 32n) + part('Octets');
}

test('a user logs in, spends his cap and is cut off, and the server has the octets that we have', async () => {
  const session = await logIn(1, 'alice', 'wonderland');
  assert.is(codeOf(session), 'active', JSON.stringify(session));
  assert.equal(session.granted, { bytes: 5_000_000 });
  await until('a gate that is shut', () => !portal.carry(macOf(1), 7_168, 51_200));
  const ended = await until('the end', async () => {
    const now = await daemon.call('session', { id: session.id });
    return now.state === 'expired' ? now : undefined;
  });
  assert.is(ended.cause, 'data');
  const start = await reported(session.id, 'Start');
  const stop = await reported(session.id, 'Stop');
  assert.is(octetsOf(stop, 'Input'), BigInt(Number(ended.up_bytes)));
  assert.is(octetsOf(stop, 'Output'), BigInt(Number(ended.down_bytes)));
  const { up, down } = portal.served(macOf(1));
  // No reply of the portal has shown what moved between the last poll and the shutting of the gate.
  const shown = up + down - portal.unread(macOf(1));
  assert.is(Number(ended.up_bytes) + Number(ended.down_bytes), shown, 'and that passed the gate');
  for (const record of [start, stop]) {
    assert.is(first(record, 'User-Name'), 'alice');
    assert.is(first(record, 'Calling-Station-Id'), '02-51-00-00-00-01');
    assert.is(first(record, 'Called-Station-Id'), 'test-nas:lan');
    assert.is(first(record, 'NAS-Identifier'), 'test-nas');
    assert.is(first(record, 'NAS-IP-Address'), '127.0.0.1');
    assert.equal(record.get('Class'), ['0x00ff61', '0x6262']);
  }
  assert.is(first(stop, 'Framed-IP-Address'), '10.51.0.1');
  assert.is(first(stop, 'Acct-Terminate-Cause'), 'Session-Timeout');
  assert.is(first(stop, 'Connect-Info'), 'turnpike: data');
});

test('the caps and rates of each vendor are in force, gigawords and all', async () => {
  const wispr = await logIn(2, 'wispr', 'w');
  assert.equal(wispr.granted, { seconds: 3600 });
  const chilli = await logIn(3, 'chilli', 'c');
  assert.equal(chilli.granted, { down_bytes: 5_000_000_000 });
  const mikrotik = await logIn(4, 'mikrotik', 'm');
  assert.equal(mikrotik.granted, { bytes: 2 * 2 ** 32, up_bytes: 1000 });
  portal.carry(macOf(4), 2048, 0);
  await reported(mikrotik.id, 'Stop');
  assert.is((await daemon.call('session', { id: mikrotik.id })).cause, 'data');
});

test('octets above 4 GiB arrive as gigawords', async () => {
  const { id } = await logIn(5, 'unlimited', 'u');
  portal.carry(macOf(5), 4_294_967_296, 9_000_000_512);
  await daemon.call('close', { id, reason: 'user' });
  const stop = await reported(id, 'Stop');
  const ended = await daemon.call('session', { id });
  assert.is(octetsOf(stop, 'Input'), BigInt(Number(ended.up_bytes)));
  assert.is(octetsOf(stop, 'Output'), BigInt(Number(ended.down_bytes)));
  assert.equal([ended.up_bytes, ended.down_bytes], [4_294_967_296, 9_000_000_512]);
  assert.is(first(stop, 'Acct-Terminate-Cause'), 'User-Request');
});

test('a reject says so in the words of the server; a silence is another error', async () => {
  const banned = await logIn(6, 'banned', 'x');
  assert.equal(banned.error, { code: 'login_rejected', message: 'not today' });
  assert.is(codeOf(await logIn(6, 'alice', 'wrong')), 'login_rejected');
  await server.stop();
  assert.is(codeOf(await logIn(6, 'alice', 'wonderland')), 'login_timeout');
  await server.start();
  assert.is(codeOf(await daemon.call('upstream_test', { name: 'radius' })), undefined);
});

test('a second device of a user: Stop of the first, then Start of the second', async () => {
  const one = await logIn(7, 'wispr', 'w');
  const two = await logIn(8, 'wispr', 'w');
  assert.is(codeOf(two), 'active');
  assert.is((await daemon.call('session', { id: one.id })).cause, 'conflict');
  await reported(two.id, 'Start');
  const types = server.detail().flatMap((record) => {
    const id = first(record, 'Acct-Session-Id');
    const name = id === one.id ? 'one' : id === two.id ? 'two' : undefined;
    return name ? [`${name} ${first(record, 'Acct-Status-Type')}`] : [];
  });
  assert.equal(types, ['one Start', 'one Stop', 'two Start']);
});

test('CHAP, after a reload of the configuration', async () => {
  shop.configure(nas, "auth 'chap'");
  assert.is((await daemon.call('reload')).applied, true);
  const session = await logIn(9, 'alice', 'wonderland');
  assert.is(codeOf(session), 'active', JSON.stringify(session));
  await daemon.call('close', { id: session.id });
});

test('a Disconnect-Request ends the session of a user, and its ACK comes when the gate is shut', async () => {
  const session = await logIn(10, 'unlimited', 'u');
  const asked = ['User-Name = "unlimited"', eventTimestamp()];
  const stranger = await shop.radius.unanswered(asked, Buffer.from('guessed'));
  assert.is(stranger.reply, undefined);
  assert.ok(portal.isOpen(macOf(10)), 'a wrong secret does nothing');
  const nobody = await order('disconnect', [
    'User-Name = "unlimited"',
    'Calling-Station-Id = "02-51-00-00-00-0B"',
  ]);
  assert.is(nobody.reply, 'Disconnect-NAK');
  assert.match(nobody.attributes.join(), /Session-Context-Not-Found/);
  const elsewhere = await order('disconnect', ['User-Name = "unlimited"', 'NAS-Identifier = "another"']);
  assert.match(elsewhere.attributes.join(), /NAS-Identification-Mismatch/);
  const done = await order('disconnect', [
    'User-Name = "unlimited"',
    'NAS-Identifier = "test-nas"',
    'Framed-IP-Address = 10.51.0.10',
    'Acct-Terminate-Cause = User-Request',
  ]);
  assert.is(done.reply, 'Disconnect-ACK', done.output);
  assert.not(portal.isOpen(macOf(10)));
  assert.is((await daemon.call('session', { id: session.id })).cause, 'pc-logout');
  assert.is(first(await reported(session.id, 'Stop'), 'Acct-Terminate-Cause'), 'User-Request');
});

test('a CoA-Request changes limits in place; what cannot be done is refused with its Error-Cause', async () => {
  const session = await logIn(11, 'wispr', 'w');
  const id = `Acct-Session-Id = "${session.id}"`;
  const done = await order('coa', [id, 'Session-Timeout = 7200', 'ChilliSpot-Max-Total-Octets = 9000000']);
  assert.is(done.reply, 'CoA-ACK', done.output);
  assert.equal((await daemon.call('session', { id: session.id })).granted, {
    bytes: 9_000_000,
    seconds: 7200,
  });
  const causes: [string[], RegExp][] = [
    [[id], /Missing-Attribute/],
    [['Session-Timeout = 7200'], /Missing-Attribute/],
    [[id, 'Filter-Id = "x"', 'Session-Timeout = 7200'], /Unsupported-Attribute/],
    [[id, 'WISPr-Session-Terminate-Time = "soon"'], /Invalid-Attribute-Value/],
    [['Acct-Session-Id = "nosuch"', 'Session-Timeout = 7200'], /Session-Context-Not-Found/],
    [[id, 'Mikrotik-Rate-Limit = "1M/2M"'], /Resources-Unavailable/],
  ];
  for (const [attributes, cause] of causes) {
    const refused = await order('coa', attributes);
    assert.is(refused.reply, 'CoA-NAK');
    assert.match(refused.attributes.join(), cause);
  }
  assert.equal((await daemon.call('session', { id: session.id })).granted, {
    bytes: 9_000_000,
    seconds: 7200,
  });
});

test('with the server away, the daemon killed and started, every Start and Stop arrives once and in order', async () => {
  const before = await logIn(12, 'unlimited', 'u');
  await reported(before.id, 'Start');
  const paid = server.detail().length;
  const during = await logIn(13, 'mikrotik', 'm');
  await reported(during.id, 'Start');
  await server.kill();
  portal.carry(macOf(12), 1_024_000, 2_048_000);
  await daemon.call('close', { id: before.id });
  await daemon.end('SIGKILL');
  await daemon.start();
  await daemon.call('close', { id: during.id });
  await daemon.end('SIGTERM');
  await daemon.start();
  await server.start();
  const stop = await reported(before.id, 'Stop');
  await reported(during.id, 'Stop');
  assert.is(octetsOf(stop, 'Input') + octetsOf(stop, 'Output'), 3_072_000n);
  const types = (id: unknown) => records(id).map((record) => first(record, 'Acct-Status-Type'));
  assert.equal(types(before.id), ['Start', 'Stop']);
  assert.equal(types(during.id), ['Start', 'Stop']);
  assert.ok(server.detail().length > paid);
});

test.run();

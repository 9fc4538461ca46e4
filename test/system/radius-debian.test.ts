// The daemon as the NAS of FreeRADIUS as Debian installs it: only clients and users are the test's.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { DaemonProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import { DebianFreeRadius } from './rig/debian-freeradius.js';
import { signing } from './rig/radius-service.js';
import { addressOf, macOf, RadiusShop } from './rig/radius-shop.js';

let shop: RadiusShop<DebianFreeRadius>;
let [server, portal, daemon] = [] as unknown as [DebianFreeRadius, SimulatedPortal, DaemonProcess];

const users = `ada Cleartext-Password := "love", Simultaneous-Use := 1
	Session-Timeout = 3600
bob Cleartext-Password := "build"
`;

test.before(async () => {
  shop = await RadiusShop.open(() => DebianFreeRadius.start({ users, sql: true }));
  ({ portal, daemon } = shop);
  server = shop.radius.server;
});

test.after(() => shop?.close());

const logIn = (n: number, user: string, password: string) => shop.logIn(n, user, password);
const sessionOf = (session: Table) => shop.sessionOf(session);
const plainly = (user: string, ...more: string[]) =>
  shop.radius.order('disconnect', [`User-Name = "${user}"`, ...more]);

test('its unsigned answers are not believed; customer, log and test read what it has to add, and that helps', async () => {
  const refused = (await logIn(1, 'bob', 'build')).error as Table;
  assert.is(refused.code, 'login_timeout');
  assert.match(String(refused.message), /without a Message-Authenticator/);
  assert.match(daemon.log(), /update reply \{ Message-Authenticator := 0x00 \}/);
  const tried = (await daemon.call('upstream_test', { name: 'radius' })).error as Table;
  assert.match(String(tried.message), /Message-Authenticator := 0x00/);
  assert.not(portal.isOpen(macOf(1)));
  await server.add('post-auth {', signing);
  await server.add('\tPost-Auth-Type REJECT {', signing);
  const session = await until('a login', async () => {
    const answer = await logIn(1, 'bob', 'build');
    return answer.state === 'active' ? answer : undefined;
  });
  assert.is((await logIn(2, 'bob', 'wrong')).error && (await sessionOf(session)).state, 'active');
});

test('its radclient disconnects nobody without an Event-Timestamp, unless it signs and `coa_timestamp` is auto', async () => {
  const session = await logIn(3, 'bob', 'build');
  assert.is((await shop.radius.unanswered(['User-Name = "bob"'])).reply, undefined);
  assert.is((await sessionOf(session)).state, 'active');
  assert.match(daemon.log(), /no_event_timestamp: the server has to add one/);
  shop.configure("coa_timestamp 'auto'");
  assert.is((await daemon.call('reload')).applied, true);
  assert.is((await shop.radius.unanswered(['User-Name = "bob"'])).reply, undefined, 'not signed');
  const signed = await plainly('bob', 'Message-Authenticator = 0x00', 'Class = 0x6161', 'NAS-Port = 0');
  assert.is(signed.reply, 'Disconnect-ACK', signed.output);
  assert.not(portal.isOpen(macOf(3)));
});

test('Simultaneous-Use := 1: after a restart of the daemon the right password moves to the new device, a wrong one does not', async () => {
  const one = await logIn(4, 'ada', 'love');
  assert.is(one.state, 'active', JSON.stringify(one));
  await daemon.end('SIGTERM');
  await daemon.start();
  assert.is(((await logIn(5, 'ada', 'hate')).error as Table).code, 'login_rejected');
  assert.is((await sessionOf(one)).state, 'active');
  const two = await logIn(5, 'ada', 'love');
  assert.is(two.state, 'active', JSON.stringify(two));
  assert.is((await sessionOf(one)).cause, 'conflict');
  await daemon.end('SIGTERM');
  // Without the key the daemon knows no password again, as after an older journal: the server is asked for each.
  rmSync(join(daemon.dir, 'state', 'logins.key'));
  await daemon.start();
  assert.is(((await logIn(6, 'ada', 'hate')).error as Table).code, 'login_rejected');
  assert.is((await sessionOf(two)).state, 'active');
  const three = await logIn(6, 'ada', 'love');
  assert.is(three.state, 'active', JSON.stringify(three));
  assert.is((await sessionOf(two)).cause, 'conflict');
  const again = await logIn(6, 'ada', 'love');
  assert.is(again.error, undefined, JSON.stringify(again));
  // openNDS forgets a device whose gate it shuts, until the device asks again.
  portal.join(macOf(6), addressOf(6));
  await until('the same device', async () => (await sessionOf(again)).state === 'active');
});

test.run();

// RADIUS over TLS on the loopback, with certificates that the test makes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../../src/domain/mac.js';
import { type Attribute, decodeAttributes } from '../../../src/radius/attributes.js';
import { errorCause, packetCode } from '../../../src/radius/code.js';
import { integerOf } from '../../../src/radius/find.js';
import { encodeRequest, readPacket } from '../../../src/radius/packet.js';
import { TlsTransport } from '../../../src/radius/tls/transport.js';
import { radius } from '../../../src/radius/upstream.js';
import { TestClock } from '../../rig/clock.js';
import { inTime, until } from '../../rig/until.js';
import { certificates } from './certificates.js';
import { accountingOf, authorizerOf, opened, ordersOf } from './scene.js';
import { TlsLoopbackServer } from './server.js';

const secret = Buffer.from('radsec');
const login = { session: 's1', mac: '02:00:00:00:00:aa' as Mac, gateway: 'lan', user: 'ada', password: 'x' };
const dir = mkdtempSync(join(tmpdir(), 'turnpike-radsec-'));
const file = certificates(dir);
const test = suite('RadSec');
test.after(() => rmSync(dir, { recursive: true }));

test('a login, its accounting and the watch go over one connection', async () => {
  const server = await TlsLoopbackServer.start(file);
  const scene = await opened(file, [server.port]);
  radius.start!(scene.link);
  const authorizer = await authorizerOf(scene);
  const accounting = accountingOf(scene);
  const status: Attribute[] = [['Acct-Status-Type', 1]];
  const both = Promise.all([
    authorizer.authorize(login),
    accounting.request({ code: packetCode.accountingRequest, attributes: status }),
  ]);
  const [entered, told] = await inTime('both answers', both);
  assert.ok(entered.ok, JSON.stringify(entered));
  assert.ok(told.ok);
  assert.equal(server.mind.acknowledged.flat(), status);
  assert.ok(server.mind.codes.includes(packetCode.statusServer));
  assert.is(server.opened, 1);
  await authorizer.stop();
  accounting.close();
  await radius.close!(scene.link);
  await until('the end of the connection', () => server.connections.size === 0);
  await server.close();
});

test('it speaks TLS 1.2 with a server that knows no newer one', async () => {
  const server = await TlsLoopbackServer.start(file, { maxVersion: 'TLSv1.2' });
  const scene = await opened(file, [server.port]);
  const authorizer = await authorizerOf(scene);
  assert.ok((await authorizer.authorize(login)).ok);
  assert.is([...server.connections][0]!.getProtocol(), 'TLSv1.2');
  await authorizer.stop();
  await radius.close!(scene.link);
  await server.close();
});

for (const [what, wrong] of [
  ['a server of another name', { name: 'other.test' }],
  [
    'a server whom nobody vouches for',
    { tls: { caFile: file('stranger.pem'), name: 'radius.test', underWay: 256 } },
  ],
] as const) {
  test(`${what} gets no password`, async () => {
    const server = await TlsLoopbackServer.start(file);
    const scene = await opened(file, [server.port], wrong as object);
    const authorizer = await authorizerOf(scene);
    const answer = await authorizer.authorize(login);
    assert.ok(!answer.ok && answer.code === 'login_timeout');
    assert.equal(server.mind.codes, []);
    assert.match(scene.log.join('\n'), /altnames|self[- ]signed|unable to verify|unable to get/i);
    await authorizer.stop();
    await radius.close!(scene.link);
    await server.close();
  });
}

test('a router without a certificate of the authority opens no gate, and the log says so', async () => {
  const server = await TlsLoopbackServer.start(file);
  const scene = await opened(file, [server.port], { certificate: 'intruder' });
  const authorizer = await authorizerOf(scene);
  const answer = await authorizer.authorize(login);
  assert.ok(!answer.ok && answer.code === 'login_timeout');
  assert.equal(server.mind.codes, []);
  assert.is(scene.log.length, 1);
  await authorizer.stop();
  await radius.close!(scene.link);
  await server.close();
});

test('replies may come in pieces', async () => {
  const server = await TlsLoopbackServer.start(file);
  server.write = (socket, reply) => {
    for (const octet of reply) socket.write(Buffer.from([octet]));
  };
  const scene = await opened(file, [server.port]);
  const authorizer = await authorizerOf(scene);
  assert.ok((await authorizer.authorize(login)).ok);
  await authorizer.stop();
  await radius.close!(scene.link);
  await server.close();
});

for (const [what, write] of [
  ['ends', (socket: { destroy(): void }) => socket.destroy()],
  ['says what is no packet', (socket: { write(b: Buffer): void }) => socket.write(Buffer.alloc(20))],
] as const) {
  test(`a login goes on at the next server where the connection to the first ${what}`, async () => {
    const [first, second] = [await TlsLoopbackServer.start(file), await TlsLoopbackServer.start(file)];
    first.write = write as typeof first.write;
    const scene = await opened(file, [first.port, second.port]);
    const authorizer = await authorizerOf(scene);
    assert.ok((await authorizer.authorize(login)).ok);
    assert.ok(second.mind.codes.includes(packetCode.accessRequest));
    await until('the end of the first connection', () => first.connections.size === 0);
    await authorizer.stop();
    await radius.close!(scene.link);
    await Promise.all([first.close(), second.close()]);
  });
}

async function orderAt(server: TlsLoopbackServer, identifier: number): Promise<readonly [number, unknown]> {
  const attributes: Attribute[] = [['User-Name', 'ada']];
  server.ask(encodeRequest({ code: packetCode.disconnectRequest, identifier, attributes, secret }));
  const reply = await until('an answer to the order', () =>
    server.answers.find((one) => one[1] === identifier),
  );
  const { code, attributes: says } = readPacket(reply);
  return [code, integerOf(decodeAttributes(says), 'Error-Cause')];
}

test('an order on the connection is answered there, the same one again too, without an Event-Timestamp', async () => {
  const server = await TlsLoopbackServer.start(file);
  const scene = await opened(file, [server.port], { orders: { port: 3799, clients: [] } } as object);
  const source = (await ordersOf(scene))!;
  assert.is(source.standing.state, 'connecting');
  radius.start!(scene.link);
  await until('a connection', () => source.standing.state === 'up');
  await until('its server', () => server.connections.size === 1);
  const none = [packetCode.disconnectNak, errorCause.sessionContextNotFound];
  assert.equal(await orderAt(server, 7), none);
  server.answers.splice(0);
  assert.equal(await orderAt(server, 7), none);
  await source.stop();
  assert.equal(await orderAt(server, 8), [packetCode.disconnectNak, errorCause.unsupportedExtension]);
  await radius.close!(scene.link);
  await server.close();
});

test('a server that cannot be believed is not tried again at once', async () => {
  const server = await TlsLoopbackServer.start(file);
  const clock = new TestClock();
  const transport = new TlsTransport(
    { caFile: file('stranger.pem'), name: 'radius.test', underWay: 256 },
    clock,
  );
  const attempt = () =>
    transport.open('127.0.0.1', server.port, { received: () => {}, failed: () => {} }).then(
      () => assert.unreachable('it is believed'),
      (cause: Error) => cause.message,
    );
  const why = await attempt();
  assert.is(await attempt(), why);
  assert.is(server.tried, 1);
  await clock.pass(1_000);
  await attempt();
  assert.is(server.tried, 2);
  assert.is(transport.trouble, why);
  await server.close();
});

test.run();

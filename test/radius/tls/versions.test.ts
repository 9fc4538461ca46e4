// Which version of RADIUS is spoken over TLS. The server that has RADIUS/1.1 is one of this process: Debian's has not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../../src/domain/mac.js';
import { type Attribute, decodeAttributes } from '../../../src/radius/attributes.js';
import { errorCause, packetCode } from '../../../src/radius/code.js';
import { integerOf, valuesOf } from '../../../src/radius/find.js';
import { readPacket } from '../../../src/radius/packet.js';
import { tokened } from '../../../src/radius/tls/tokened.js';
import { radius } from '../../../src/radius/upstream.js';
import { inTime, until } from '../../rig/until.js';
import { certificates } from './certificates.js';
import { accountingOf, authorizerOf, opened, ordersOf } from './scene.js';
import { TlsLoopbackServer } from './server.js';

const secret = Buffer.from('radsec');
const login = {
  session: 's1',
  mac: '02:00:00:00:00:aa' as Mac,
  gateway: 'lan',
  user: 'ada',
  password: 'love',
};
const both = { ALPNProtocols: ['radius/1.1', 'radius/1.0'] };
const dir = mkdtempSync(join(tmpdir(), 'turnpike-radsec-'));
const file = certificates(dir);
const test = suite('RADIUS/1.1');
test.after(() => rmSync(dir, { recursive: true }));

/** The passwords in the Access-Requests that a server got, as they lay there. */
function passwordsAt({ requests }: TlsLoopbackServer): string[] {
  return requests
    .filter((packet) => packet[0] === packetCode.accessRequest)
    .flatMap((packet) => valuesOf(decodeAttributes(readPacket(packet).attributes), 'User-Password'))
    .map(String);
}

const isSigned = (packet: Buffer) =>
  decodeAttributes(readPacket(packet).attributes).some(([name]) => name === 'Message-Authenticator');

test('with a server that has it a login, its accounting and the watch go over one connection, unsigned', async () => {
  const server = await TlsLoopbackServer.start(file, both);
  server.mind.allows = [['Session-Timeout', 3600]];
  const scene = await opened(file, [server.port]);
  radius.start!(scene.link);
  const authorizer = await authorizerOf(scene);
  const accounting = accountingOf(scene);
  const status: Attribute[] = [['Acct-Status-Type', 1]];
  const [entered, told] = await inTime(
    'both answers',
    Promise.all([
      authorizer.authorize(login),
      accounting.request({ code: packetCode.accountingRequest, attributes: status }),
    ]),
  );
  assert.ok(entered.ok && told.ok, JSON.stringify([entered, told]));
  assert.is(entered.value.allotment.millis, 3_600_000);
  assert.equal(server.mind.acknowledged.flat(), status);
  assert.ok(server.mind.codes.includes(packetCode.statusServer));
  assert.is(server.opened, 1);
  assert.equal(passwordsAt(server), ['love']);
  for (const packet of server.requests) {
    assert.not(isSigned(packet));
    assert.equal([packet[1], packet.subarray(8, 20)], [0, Buffer.alloc(12)]);
  }
  const tokens = server.requests.map((packet) => packet.readUInt32BE(4));
  assert.is(new Set(tokens).size, tokens.length);
  assert.match(scene.log.join('\n'), /is spoken to in RADIUS\/1\.1/);
  await authorizer.stop();
  accounting.close();
  await radius.close!(scene.link);
  await server.close();
});

for (const [what, abilities, radius11] of [
  ['a server that negotiates no version', {}, 'auto'],
  ['a server that has RADIUS/1.0 alone', { ALPNProtocols: ['radius/1.0'] }, 'auto'],
  ['a server that has both, with `radius_11` off,', both, 'off'],
] as const) {
  test(`${what} is spoken to with the secret, as before`, async () => {
    const server = await TlsLoopbackServer.start(file, abilities as object);
    const scene = await opened(file, [server.port], { radius11 });
    const authorizer = await authorizerOf(scene);
    assert.ok((await authorizer.authorize(login)).ok);
    const [hidden] = passwordsAt(server);
    assert.is.not(hidden, 'love');
    assert.ok(server.requests.every(isSigned));
    assert.equal(
      scene.log.filter((line) => line.includes('1.1')),
      [],
    );
    await authorizer.stop();
    await radius.close!(scene.link);
    await server.close();
  });
}

for (const [what, abilities, says] of [
  [
    'a server that has RADIUS/1.1 over TLS 1.2',
    { ...both, maxVersion: 'TLSv1.2' },
    /TLS 1\.3, or set radius_11 to off/,
  ],
  ['a server of another protocol', { ALPNProtocols: ['h2'] }, /neither RADIUS.* or set radius_11 to off/],
] as const) {
  test(`${what} is not spoken to, and the log says what to do`, async () => {
    const server = await TlsLoopbackServer.start(file, abilities as object);
    const scene = await opened(file, [server.port]);
    const authorizer = await authorizerOf(scene);
    const answer = await authorizer.authorize(login);
    assert.ok(!answer.ok && answer.code === 'login_timeout');
    assert.equal(server.requests, []);
    assert.match(scene.log.join('\n'), says);
    await authorizer.stop();
    await radius.close!(scene.link);
    await server.close();
  });
}

/** Gives an order, and resolves with the code and the Error-Cause of its answer, which has its Token. */
async function orderAt(server: TlsLoopbackServer, token: number): Promise<readonly [number, unknown]> {
  const attributes: Attribute[] = [['User-Name', 'ada']];
  server.ask(
    tokened.encodeRequest({ code: packetCode.disconnectRequest, identifier: token, attributes, secret }),
  );
  const reply = await until('an answer to the order', () =>
    server.answers.find((one) => one.readUInt32BE(4) === token),
  );
  assert.not(isSigned(reply));
  return [reply[0]!, integerOf(decodeAttributes(readPacket(reply).attributes), 'Error-Cause')];
}

test('an order on such a connection is answered there with its Token, also where nobody takes orders', async () => {
  const server = await TlsLoopbackServer.start(file, both);
  const scene = await opened(file, [server.port], { orders: { port: 3799, clients: [] } } as object);
  const source = (await ordersOf(scene))!;
  radius.start!(scene.link);
  await until('a connection', () => source.standing.state === 'up');
  await until('its server', () => server.connections.size === 1);
  const none = [packetCode.disconnectNak, errorCause.sessionContextNotFound];
  assert.equal(await orderAt(server, 0xfffffffe), none);
  assert.equal(await orderAt(server, 7), none);
  server.answers.splice(0);
  assert.equal(await orderAt(server, 7), none, 'one like an earlier one is another');
  await source.stop();
  assert.equal(await orderAt(server, 8), [packetCode.disconnectNak, errorCause.unsupportedExtension]);
  await radius.close!(scene.link);
  await server.close();
});

test.run();

// Tokens on a connection of RADIUS/1.1, and what a server says that cannot process a request.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RadiusClient } from '../../../src/radius/client.js';
import { packetCode } from '../../../src/radius/code.js';
import { PortPool } from '../../../src/radius/port-pool.js';
import { tokened } from '../../../src/radius/tls/tokened.js';
import { TestClock } from '../../rig/clock.js';
import { type Sent, secret, TestNetwork } from '../network.js';
import { tokenReply } from './token-reply.js';

const last = 2 ** 32 - 1;
const login = { code: 1, attributes: [['User-Name', 'ada']] } as const;
const tokenOf = ({ bytes }: Sent) => bytes.readUInt32BE(4);
const accept = (sent: Sent) => sent.reply(tokenReply(sent.bytes, packetCode.accessAccept));

function connected(hosts: readonly string[], first = 5) {
  const clock = new TestClock(0);
  const network = Object.assign(new TestNetwork(clock), { isReliable: true as const });
  network.wire = { ...tokened, firstIdentifier: () => first };
  const pool = new PortPool(network, 256);
  const changes: string[] = [];
  const client = new RadiusClient({
    servers: hosts.map((host) => ({ host, port: 2083, secret })),
    ...{ transport: network, pool, clock, random: () => 0.5 },
    changed: (server, state) => changes.push(`${server} ${state}`),
  });
  return { clock, network, client, changes };
}

test('each request on a connection has the next Token, from the last to the first, and none has another’s', async () => {
  const { clock, network, client } = connected(['a'], last - 1);
  network.handle = accept;
  for (let n = 0; n < 4; n++) assert.ok((await client.request(login)).ok);
  assert.equal(network.sent.map(tokenOf), [last - 1, last, 0, 1]);
  network.handle = () => {};
  const waiting = Array.from({ length: 300 }, () => client.request(login));
  await clock.pass(0);
  const sent = network.sent.slice(4);
  assert.equal(
    sent.map(tokenOf),
    Array.from({ length: 256 }, (_, i) => i + 2),
  );
  network.handle = accept;
  for (const one of sent.toReversed()) accept(one);
  await clock.pass(0);
  assert.ok((await Promise.all(waiting)).every((end) => end.ok));
  assert.is(network.sent.length, 304);
  client.close();
});

test('replies that nobody waits for change nothing', async () => {
  const { clock, network, client } = connected(['a']);
  const asked = client.request(login);
  await clock.pass(0);
  const [sent] = network.sent as [Sent];
  const other = tokenReply(sent.bytes, packetCode.accessAccept);
  other.writeUInt32BE(6, 4);
  sent.reply(other);
  sent.reply(Buffer.alloc(3));
  sent.reply(tokenReply(sent.bytes, packetCode.accessReject));
  await clock.pass(0);
  const end = await asked;
  assert.ok(end.ok && end.code === packetCode.accessReject);
  client.close();
});

test('what a server says that it cannot process is asked of the next server at once; the first one is still asked first', async () => {
  const { clock, network, client, changes } = connected(['a', 'b']);
  const unable = (sent: Sent) => sent.reply(tokenReply(sent.bytes, packetCode.protocolError));
  network.handle = (sent) => (sent.to === 'a:2083' ? unable(sent) : accept(sent));
  const asked = client.request(login);
  await clock.pass(0);
  const end = await asked;
  assert.ok(end.ok && end.server === 'b:2083');
  network.handle = accept;
  const again = await client.request(login);
  assert.ok(again.ok && again.server === 'a:2083');
  assert.equal([changes, network.opened], [[], 2]);
  client.close();
});

test('a request that no server can process is one that no server has answered', async () => {
  const { clock, network, client } = connected(['a']);
  network.handle = (sent) =>
    sent.reply(tokenReply(sent.bytes, packetCode.protocolError, [['Error-Cause', 506]]));
  const asked = client.request(login);
  await clock.pass(0);
  const end = await asked;
  assert.ok(!end.ok && end.reason === 'timeout');
  assert.match(end.detail, /Error-Cause 506/);
  client.close();
});

test.run();

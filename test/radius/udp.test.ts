// Real sockets on the loopback.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.js';
import { RadiusClient } from '../../src/radius/client.js';
import { packetCode } from '../../src/radius/code.js';
import { DynamicAuthorization } from '../../src/radius/dynamic-authorization.js';
import { encodeRequest } from '../../src/radius/packet.js';
import { checkReply } from '../../src/radius/reply.js';
import { type Listener, listen, UdpTransport } from '../../src/radius/udp.js';
import { until } from '../rig/until.js';
import { replyTo, secret } from './network.js';

const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0)) await end();
});

function clientOf(port: number, host: string, transport = new UdpTransport()): RadiusClient {
  const client = new RadiusClient({ servers: [{ host, port, secret }], transport, clock: systemClock });
  ends.push(() => client.close());
  return client;
}

/** A server that accepts everybody. */
async function accepting(address: string): Promise<Listener> {
  const listener = await listen({ address, port: 0 }, (datagram, _from, send) => {
    send(replyTo(datagram, packetCode.accessAccept, [['Session-Timeout', 60]]));
  });
  ends.push(() => listener.close());
  return listener;
}

async function boundSocket(type: 'udp4' | 'udp6', address: string): Promise<Socket> {
  const socket = createSocket(type);
  ends.push(() => new Promise((resolve) => socket.close(() => resolve(undefined))));
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}

/** Sends 400 datagrams, and says when the kernel has them. */
const burst = `
const { workerData: { port, sent } } = require('node:worker_threads');
const socket = require('node:dgram').createSocket('udp4');
let left = 400;
const done = () => {
  left -= 1;
  if (left > 0) return;
  Atomics.store(sent, 0, 1);
  Atomics.notify(sent, 0);
  socket.close();
};
for (let n = 0; n < 400; n++) socket.send(Buffer.from([n >> 8, n & 0xff]), port, '127.0.0.1', done);
`;

const access = { code: packetCode.accessRequest, attributes: [['User-Name', 'nemo']] } as const;

for (const address of ['127.0.0.1', '::1']) {
  const there = Object.values(networkInterfaces()).some((list) => list?.some((i) => i.address === address));
  if (!there) console.log(`not tested: this machine has no ${address}`);

  test(`a request and its reply over ${address}`, async () => {
    if (!there) return;
    const { port } = await accepting(address);
    const outcome = await clientOf(port, address).request(access);
    assert.ok(outcome.ok, JSON.stringify(outcome));
    assert.equal(outcome.attributes.at(-1), ['Session-Timeout', 60]);
    assert.is(outcome.server, address === '::1' ? `[::1]:${port}` : `127.0.0.1:${port}`);
  });

  test(`a Disconnect-Request and its reply over ${address}`, async () => {
    if (!there) return;
    const server = new DynamicAuthorization({
      clients: [{ address, secret }],
      clock: systemClock,
      handle: async () => ({ ack: true }),
    });
    const listener = await listen({ address, port: 0 }, (datagram, from, send) => {
      void server.receive(datagram, from, send);
    });
    ends.push(() => listener.close());
    const socket = await boundSocket(address === '::1' ? 'udp6' : 'udp4', address);
    const timestamp = ['Event-Timestamp', Math.floor(Date.now() / 1000)] as const;
    const request = encodeRequest({ code: 40, identifier: 1, attributes: [timestamp], secret });
    const replied = once(socket, 'message');
    socket.send(request, listener.port, address);
    const [reply] = (await replied) as [Buffer];
    assert.ok(checkReply(reply, request, secret, 'require').ok);
  });
}

test('a burst of 400 datagrams waits until it is read', async () => {
  const heard = new Set<number>();
  const listener = await listen({ address: '127.0.0.1', port: 0 }, (datagram) => {
    heard.add(datagram.readUInt16BE());
  });
  ends.push(() => listener.close());
  const sent = new Int32Array(new SharedArrayBuffer(4));
  const sender = new Worker(burst, { eval: true, workerData: { port: listener.port, sent } });
  ends.push(() => sender.terminate());
  // Meanwhile nothing is read here.
  Atomics.wait(sent, 0, 0);
  await until('all of them', () => heard.size === 400);
});

test('a port that nobody listens on is told at once', async () => {
  const socket = await boundSocket('udp4', '127.0.0.1');
  const { port } = socket.address();
  await ends.pop()?.();
  const outcome = await clientOf(port, '127.0.0.1').request(access);
  assert.equal(outcome, { ok: false, reason: 'unreachable', detail: `127.0.0.1:${port}: ECONNREFUSED` });
});

test('a reply from another port does not reach the client', async () => {
  const spoofer = await boundSocket('udp4', '127.0.0.1');
  const listener = await listen({ address: '127.0.0.1', port: 0 }, (datagram, from, send) => {
    const reject = replyTo(datagram, packetCode.accessReject);
    // The right reply comes after the wrong one has arrived.
    spoofer.send(reject, from.port, from.address, () => send(replyTo(datagram, packetCode.accessAccept)));
  });
  ends.push(() => listener.close());
  const client = clientOf(listener.port, '127.0.0.1');
  const outcome = await client.request(access);
  assert.ok(outcome.ok && outcome.code === packetCode.accessAccept);
  assert.is(client.status[0]!.counters.dropped.unexpected, 0, 'the kernel keeps it away');
});

test('while a name cannot be looked up, the address that it had is good', async () => {
  const { port } = await accepting('127.0.0.1');
  let away = false;
  const transport = new UdpTransport(async (host) => {
    if (away) throw new Error(`EAI_AGAIN ${host}`);
    return { address: '127.0.0.1', family: 4 };
  });
  assert.ok((await clientOf(port, 'radius.example', transport).request(access)).ok);
  away = true;
  assert.ok((await clientOf(port, 'radius.example', transport).request(access)).ok);
  const strange = await clientOf(port, 'other.example', transport).request(access);
  assert.ok(!strange.ok && strange.reason === 'unreachable');
});

test.run();

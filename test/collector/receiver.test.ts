// A collector whose connection ends while a message is being written down.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Inbox } from '../../src/collector/inbox.js';
import { Receiver } from '../../src/collector/receiver.js';
import { WordlessBroker } from '../mqtt/wordless-broker.js';
import { inTime } from '../rig/until.js';

const kinds = { connect: 1, puback: 4, subscribe: 8 } as const;
/** CONNACK of MQTT 5: the session is there. */
const welcome = Buffer.from([0x20, 3, 1, 0, 0]);
/** SUBACK of both filters, but for the number. */
const granted = (packet: Buffer) => Buffer.from([0x90, 5, packet[2]!, packet[3]!, 0, 1, 1]);

/** A message of QoS 1 that nobody can read: it is written down as that. */
function message(number: number): Buffer {
  const topic = Buffer.from('turnpike/r/usage');
  const body = Buffer.concat([Buffer.from([0, topic.length]), topic, Buffer.from([0, number, 0, 0x80])]);
  return Buffer.concat([Buffer.from([0x32, body.length]), body]);
}

interface Hears {
  connected(): void;
  packet(kind: number, packet: Buffer, socket: Socket): void;
}

/** A broker that tells what it is sent. */
async function broker(hears: Hears) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    hears.connected();
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      // All that a collector sends is shorter than 128 octets.
      for (let at = 0; at < bytes.length; at += 2 + bytes[at + 1]!) {
        hears.packet(bytes[at]! >> 4, bytes.subarray(at, at + 2 + bytes[at + 1]!), socket);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

test('a message written down between two connections holds up none of those that follow', async () => {
  let connections = 0;
  let write = () => {};
  const written = new Promise<void>((resolve) => {
    write = resolve;
  });
  let end = () => {};
  const taken = new Promise<void>((resolve) => {
    end = resolve;
  });
  const acknowledged: number[] = [];
  let both = () => {};
  const all = new Promise<void>((resolve) => {
    both = resolve;
  });
  const { url, stop } = await broker({
    connected() {
      connections += 1;
      if (connections === 2) write();
    },
    packet(kind, packet, socket) {
      if (kind === kinds.connect) socket.write(Buffer.concat([welcome, message(7)]));
      if (kind === kinds.connect && connections === 2) socket.write(message(8));
      if (kind === kinds.subscribe) socket.write(granted(packet));
      if (kind === kinds.subscribe && connections === 1) void taken.then(() => socket.destroy());
      if (kind === kinds.puback) acknowledged.push(packet.readUInt16BE(2));
      if (acknowledged.includes(8)) both();
    },
  });
  const inbox = {
    take() {
      end();
      return written;
    },
  } as unknown as Inbox;
  const options = { database: '', task: 'collect', by: 'router', prefix: 'turnpike' } as const;
  const receiver = new Receiver(
    { ...options, url, group: '', clientId: 'c', connections: 1, protocol: 5 },
    inbox,
    { log: () => {}, ready: () => {}, failed: () => {} },
  );
  try {
    await inTime('all acknowledged', all, () => acknowledged.join());
    assert.equal(acknowledged, [7, 8]);
  } finally {
    await receiver.stop();
    stop();
  }
});

const asks = { database: '', task: 'collect', by: 'router', prefix: 'turnpike' } as const;

/** A collector of one connection at a broker that knows 3.1.1 alone; resolves with what it logs until it is ready. */
async function collected(
  group: string,
  ends: 'closes' | 'resets',
): Promise<{ heard: number[]; said: string[] }> {
  const wordless = await WordlessBroker.start([4], ends);
  const said: string[] = [];
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const receiver = new Receiver(
    { ...asks, url: wordless.url, group, clientId: 'c', connections: 1 },
    { take: async () => {} } as unknown as Inbox,
    { log: (level, text) => said.push(`${level} ${text}`), ready: isReady, failed: () => {} },
  );
  try {
    await inTime('subscribed', ready, () => [wordless.heard, said]);
    return { heard: wordless.heard, said };
  } finally {
    await receiver.stop();
    wordless.stop();
  }
}

test('a broker that ends a connection in MQTT 5 without an answer is asked in 3.1.1, and nothing is amiss', async () => {
  for (const ends of ['closes', 'resets'] as const)
    assert.equal(await collected('', ends), { heard: [5, 4], said: [] });
});

test('a group of collectors hears that 3.1.1 has no shared subscriptions', async () => {
  const { heard, said } = await collected('collectors', 'closes');
  assert.equal([heard, said.length], [[5, 4], 1]);
  assert.match(said[0]!, /^warn MQTT 3\.1\.1 has no shared subscriptions.*--group ''/);
});

test('a version that is named is the only one that a collector tries, and it says what to do', async () => {
  const wordless = await WordlessBroker.start([4]);
  let say = (_text: string) => {};
  const told = new Promise<string>((resolve) => {
    say = resolve;
  });
  const receiver = new Receiver(
    { ...asks, url: wordless.url, group: '', clientId: 'c', connections: 1, protocol: 5 },
    { take: async () => {} } as unknown as Inbox,
    { log: (_level, text) => say(text), ready: () => {}, failed: () => {} },
  );
  try {
    assert.match(await inTime('an error', told, () => wordless.heard), /try --protocol 4/);
    assert.equal(wordless.heard, [5]);
  } finally {
    await receiver.stop();
    wordless.stop();
  }
});

test.run();

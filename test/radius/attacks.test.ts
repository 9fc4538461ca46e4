// What an attacker sends: flipped bits, forged signatures, and packets that are none.
import radius from 'radius';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Attribute, decodeAttributes } from '../../src/radius/attributes.js';
import { RadiusClient } from '../../src/radius/client.js';
import { packetCode } from '../../src/radius/code.js';
import { DynamicAuthorization } from '../../src/radius/dynamic-authorization.js';
import { RadiusError } from '../../src/radius/error.js';
import { encodeRequest } from '../../src/radius/packet.js';
import { checkReply } from '../../src/radius/reply.js';
import { TestClock } from '../rig/clock.js';
import { replyTo, secret, TestNetwork } from './network.js';

/** Pseudo-random whole numbers below `n`: the same ones each time (xorshift32). */
function generator(seed: number): (n: number) => number {
  let x = seed;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}

const content: Attribute[] = [
  ['Session-Timeout', 3600],
  ['Class', Buffer.from('class')],
  ['WISPr-Bandwidth-Max-Up', 1_000_000],
  ['Framed-IPv6-Prefix', '2001:db8::/32'],
  ['Reply-Message', 'héllo'],
];

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

test('of 100,000 responses with a flipped authenticator none is taken', () => {
  const pick = generator(1);
  let taken = 0;
  for (let i = 0; i < 1_000; i++) {
    const request = encodeRequest({ code: 1, identifier: i & 0xff, attributes: [['NAS-Port', i]], secret });
    const reply = replyTo(request, packetCode.accessAccept, content);
    assert.ok(checkReply(reply, request, secret, 'require').ok);
    for (let n = 0; n < 100; n++) {
      // One bit, and in every other case a second one that is not the same.
      const first = pick(128);
      const one = flipped(reply, 32 + first);
      const bytes = n % 2 === 0 ? one : flipped(one, 32 + ((first + 1 + pick(127)) % 128));
      if (checkReply(bytes, request, secret, 'off').ok) taken += 1;
    }
  }
  assert.is(taken, 0);
});

test('a flipped response that the npm package takes is refused here', () => {
  const theirs = radius as unknown as {
    verify_response(args: { request: Buffer; response: Buffer; secret: Buffer }): boolean;
  };
  let accepted = 0;
  for (let i = 0; i < 20; i++) {
    const request = encodeRequest({ code: 4, identifier: i, attributes: [['NAS-Port', i]], secret });
    const reply = replyTo(request, packetCode.accountingResponse, [], { messageAuthenticator: false });
    for (let bit = 0; bit < 128; bit++) {
      const response = flipped(reply, 32 + bit);
      if (!theirs.verify_response({ request, response: Buffer.from(response), secret })) continue;
      accepted += 1;
      assert.equal(checkReply(response, request, secret, 'auto'), { ok: false, fault: 'bad_authenticator' });
    }
  }
  assert.ok(accepted > 0, 'it compares digests as text');
});

const from = { address: '192.0.2.1', port: 40_000 };

function authorization() {
  const clock = new TestClock(0);
  let handled = 0;
  const handle = async () => {
    handled += 1;
    return { ack: true } as const;
  };
  const clients = [{ address: from.address, secret }];
  const server = new DynamicAuthorization({ clients, clock, handle });
  const timestamp: Attribute = ['Event-Timestamp', Math.floor(clock.wall() / 1000)];
  return { server, timestamp, handled: () => handled };
}

test('of 100,000 forged Disconnect-Requests none is handled or answered', async () => {
  const { server, timestamp, handled } = authorization();
  const pick = generator(2);
  let replies = 0;
  const send = () => {
    replies += 1;
  };
  const attributes: Attribute[] = [['Acct-Session-Id', 'session-1'], timestamp];
  const good = encodeRequest({ code: 40, identifier: 1, attributes, secret, messageAuthenticator: true });
  await server.receive(good, from, send);
  assert.equal([handled(), replies], [1, 1], 'the real one is');
  for (let i = 0; i < 100_000; i++) {
    const guess = Buffer.from([pick(256), pick(256), pick(256), pick(256)]);
    const forged =
      i % 3 === 0
        ? encodeRequest({ code: 40, identifier: pick(256), attributes, secret: guess })
        : i % 3 === 1
          ? flipped(good, pick(good.length * 8))
          : withByte(good, pick(good.length), 1 + pick(255));
    await server.receive(forged, from, send);
  }
  assert.equal([handled(), replies], [1, 1]);
  const { bad_authenticator, malformed, unknown_code } = server.counters.dropped;
  assert.is(bad_authenticator + malformed + unknown_code, 100_000);
});

function withByte(bytes: Buffer, at: number, difference: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = copy[at]! ^ difference;
  return copy;
}

/** Bytes that were a packet, or its attributes, before somebody changed, cut, repeated or lengthened them. */
function mutated(bytes: Buffer, pick: (n: number) => number): Buffer {
  let copy: Buffer = Buffer.from(bytes);
  for (let n = 1 + pick(4); n > 0 && copy.length > 0; n--) {
    const at = pick(copy.length);
    const kind = pick(5);
    if (kind === 0) copy[at] = pick(256);
    else if (kind === 1) copy[at]! ^= 1 << pick(8);
    else if (kind === 2) copy = copy.subarray(0, at);
    else if (kind === 3) copy = Buffer.concat([copy.subarray(0, at), copy.subarray(pick(copy.length))]);
    else copy = Buffer.concat([copy, Buffer.alloc(pick(20), pick(256))]);
  }
  return copy.subarray(0, 4000);
}

test('of 200,000 mutated packets none breaks the decoder, the client or the server', async () => {
  const pick = generator(3);
  const { server, timestamp } = authorization();
  const clock = new TestClock(0);
  const network = new TestNetwork(clock);
  const servers = [{ host: 'a', port: 1812, secret }];
  const client = new RadiusClient({ servers, transport: network, clock });
  let outcomes = 0;
  for (let round = 0; round < 250; round++) {
    void client.request({ code: 1, attributes: [['NAS-Port', round]] }).then(() => {
      outcomes += 1;
    });
    await clock.pass(0);
    const asked = network.sent.at(-1)!;
    const reply = replyTo(asked.bytes, packetCode.accessAccept, content);
    const request = encodeRequest({
      code: 43,
      identifier: pick(256),
      attributes: [timestamp, ...content],
      secret,
    });
    for (let i = 0; i < 200; i++) {
      decodes(mutated(reply.subarray(20), pick));
      asked.reply(mutated(reply, pick));
      await server.receive(mutated(request, pick), from, () => {});
      // Signed as it should be, by somebody who knows the secret: it is the attributes that are wrong.
      const body = mutated(reply.subarray(38), pick);
      const signed: Attribute[] = [timestamp, ...chunks(body)];
      await server.receive(
        encodeRequest({ code: 43, identifier: pick(256), attributes: signed, secret }),
        from,
        () => {},
      );
    }
    asked.reply(replyTo(asked.bytes, packetCode.accessReject));
    await clock.pass(0);
  }
  assert.is(outcomes, 250, 'every request has an outcome');
  client.close();
});

function decodes(bytes: Buffer): void {
  try {
    decodeAttributes(bytes);
  } catch (error) {
    if (!(error instanceof RadiusError)) throw error;
  }
}

/** Attributes of any number and any octets, which the codec takes as they are. */
function chunks(bytes: Buffer): Attribute[] {
  const list: Attribute[] = [];
  for (let at = 0; at + 2 < bytes.length; at += 2 + (bytes[at]! % 16))
    list.push([`Attr-${bytes[at]}`, Buffer.from(bytes.subarray(at + 1, at + 1 + (bytes[at + 1]! % 16)))]);
  return list;
}

test.run();

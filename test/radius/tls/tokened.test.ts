// The codec of RADIUS/1.1 (RFC 9765 §4, §5).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Attribute, encodeAttributes } from '../../../src/radius/attributes.js';
import { packetCode, type RequestCode } from '../../../src/radius/code.js';
import { RadiusError } from '../../../src/radius/error.js';
import { readPacket } from '../../../src/radius/packet.js';
import { tokened } from '../../../src/radius/tls/tokened.js';
import fc from '../../rig/properties.js';
import { tokenReply } from './token-reply.js';

const secret = Buffer.from('radsec');
const token = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const code = fc.constantFrom<RequestCode>(1, 4, 12, 40, 43);
const octets = (min: number, max: number) =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((bytes) => Buffer.from(bytes));
const signature: Attribute = ['Message-Authenticator', Buffer.alloc(16, 7)];
const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  octets(1, 253).map((value): Attribute => ['Class', value]),
  octets(1, 253).map((value): Attribute => ['Tunnel-Password', value]),
  octets(1, 128).map((value): Attribute => ['User-Password', value]),
  token.map((value): Attribute => ['Session-Timeout', value]),
  fc.constantFrom<Attribute>(['User-Name', 'ada'], ['NAS-IP-Address', '192.0.2.1'], ['Reply-Message', 'é']),
);
const attributes = fc.array(attribute, { maxLength: 8 });

const requestOf = (code: RequestCode, identifier: number, list: readonly Attribute[]) =>
  tokened.encodeRequest({ code, identifier, attributes: list, secret });
const checked = (reply: Buffer, request: Buffer) => tokened.checkReply(reply, request, secret, 'require');

test('a request is its code, its Token and its attributes: passwords in clear, nothing signed, no secret', () => {
  fc.assert(
    fc.property(code, token, attributes, fc.nat(8), (code, identifier, list, at) => {
      const packet = requestOf(code, identifier, list.toSpliced(at, 0, signature));
      const body = encodeAttributes(list);
      const head = Buffer.alloc(20);
      head[0] = code;
      head.writeUInt16BE(20 + body.length, 2);
      head.writeUInt32BE(identifier, 4);
      assert.equal(packet, Buffer.concat([head, body]));
      assert.is(tokened.identifierOf(packet), identifier);
      const other = tokened.encodeRequest({ code, identifier, attributes: list, secret: Buffer.from('x') });
      assert.equal(other, packet);
    }),
  );
});

test('a password is text or octets, of 1 to 128 octets', () => {
  const fails = (code: RadiusError['code'], value: string | Buffer) =>
    assert.throws(
      () => requestOf(1, 1, [['User-Password', value]]),
      (e: unknown) => e instanceof RadiusError && e.code === code && !e.message.includes('a'.repeat(9)),
    );
  assert.is(
    requestOf(1, 1, [['User-Password', 'é']])
      .toString('hex')
      .slice(40),
    '0204c3a9',
  );
  assert.is(requestOf(1, 1, [['User-Password', 'a'.repeat(128)]]).length, 20 + 130);
  fails('bad_value', '');
  fails('bad_value', Buffer.alloc(0));
  fails('too_long', 'a'.repeat(129));
  assert.throws(() => requestOf(1, 1, [['User-Password', 5]]), /User-Password/);
});

test('a reply says what its attributes say, whatever is in the fields that are reserved and in a signature', () => {
  fc.assert(
    fc.property(token, attributes, octets(13, 13), fc.boolean(), (identifier, list, reserved, signs) => {
      const request = requestOf(1, identifier, []);
      const reply = tokenReply(request, packetCode.accessAccept, signs ? [signature, ...list] : list);
      reply[1] = reserved[0]!;
      reserved.copy(reply, 8, 1);
      assert.equal(checked(reply, request), { ok: true, code: packetCode.accessAccept, attributes: list });
    }),
  );
});

test('a reply to another request, of another kind or cut short is none', () => {
  fc.assert(
    fc.property(token, token, attributes, fc.nat(300), (mine, other, list, cut) => {
      const request = requestOf(1, mine, []);
      const reply = tokenReply(request, packetCode.accessAccept, list);
      const short = checked(reply.subarray(0, Math.min(cut, reply.length - 1)), request);
      assert.equal(short, { ok: false, fault: 'malformed' });
      if (mine === other) return;
      assert.equal(checked(reply, requestOf(1, other, [])), { ok: false, fault: 'unexpected' });
    }),
  );
  const request = requestOf(4, 9, []);
  for (const wrong of [packetCode.accessAccept, packetCode.accountingRequest, packetCode.disconnectAck])
    assert.equal(checked(tokenReply(request, wrong), request), { ok: false, fault: 'unexpected' });
});

test('no octets are read as more than they are: an answer or a fault, never an exception', () => {
  const request = requestOf(1, 0x01020304, []);
  const good = tokenReply(request, packetCode.accessAccept, [['Class', Buffer.from('abc')]]);
  const changed = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.oneof(octets(0, 60), changed), (how) => {
      const bytes = Buffer.isBuffer(how) ? how : Buffer.from(good);
      if (!Buffer.isBuffer(how)) for (const [at, value] of how) bytes[at] = value;
      assert.type(checked(bytes, request).ok, 'boolean');
      tokened.identifierOf(bytes);
    }),
  );
});

test('a server that says that it cannot process a request is believed, with its reason', () => {
  const request = requestOf(4, 77, []);
  const told = checked(tokenReply(request, packetCode.protocolError, [['Error-Cause', 502]]), request);
  assert.ok(!told.ok && told.fault === 'unable');
  assert.match(told.detail, /Error-Cause 502/);
  assert.equal(checked(tokenReply(requestOf(4, 78, []), packetCode.protocolError), request), {
    ok: false,
    fault: 'unexpected',
  });
});

test('an answer to an order has the Token of the order and is not signed', () => {
  fc.assert(
    fc.property(token, attributes, (identifier, list) => {
      const order = readPacket(tokenReply(requestOf(40, identifier, []), 40, [signature, ...list]));
      assert.is(tokened.proofOf(order, secret), 'signed');
      assert.equal(tokened.attributesOf(order), list);
      const answer = tokened.encodeReply(order, 42, [['Error-Cause', 503], signature], secret, true);
      assert.equal(answer, tokenReply(order.bytes, 42, [['Error-Cause', 503]]));
    }),
  );
});

test.run();

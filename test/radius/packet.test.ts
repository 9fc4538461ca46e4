// Packets against the examples of the standards, and what is refused before anybody looks at it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Attribute, decodeAttributes } from '../../src/radius/attributes.js';
import {
  authenticatorOf,
  checkAuthenticator,
  checkMessageAuthenticator,
} from '../../src/radius/authenticator.js';
import { packetCode } from '../../src/radius/code.js';
import { RadiusError } from '../../src/radius/error.js';
import { encodeReply, encodeRequest, readPacket } from '../../src/radius/packet.js';
import { chapAttributes, hidePassword } from '../../src/radius/password.js';
import { checkReply } from '../../src/radius/reply.js';

const secret = Buffer.from('xyzzy5461');
const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

// RFC 2865 §7.1
const papRequest =
  hex(`01 00 00 38 0f 40 3f 94 73 97 80 57 bd 83 d5 cb 98 f4 22 7a 01 06 6e 65 6d 6f 02 12 0d be
  70 8d 93 d4 13 ce 31 96 e4 3f 78 2a 0a ee 04 06 c0 a8 01 10 05 06 00 00 00 03`);
const papAccept =
  hex(`02 00 00 26 86 fe 22 0e 76 24 ba 2a 10 05 f6 bf 9b 55 e0 b2 06 06 00 00 00 01 0f 06 00 00
  00 00 0e 06 c0 a8 01 03`);
// RFC 2865 §7.2
const chapRequest =
  hex(`01 01 00 47 2a ee 86 f0 8d 0d 55 96 9c a5 97 8e 0d 33 67 a2 01 08 66 6c 6f 70 73 79 03 13
  16 e9 75 57 c3 16 18 58 95 f2 93 ff 63 44 07 72 75 04 06 c0 a8 01 10 05 06 00 00 00 14 06 06 00 00 00 02 07 06 00
  00 00 01`);
const chapAccept =
  hex(`02 01 00 38 15 ef bc 7d ab 26 cf a3 dc 34 d9 c0 3c 86 01 a4 06 06 00 00 00 02 07 06 00 00
  00 01 08 06 ff ff ff fe 0a 06 00 00 00 02 0d 06 00 00 00 01 0c 06 00 00 05 dc`);
// RFC 5997 §6.1
const statusRequest =
  hex(`0c da 00 26 8a 54 f4 68 6f b3 94 c5 28 66 e3 02 18 5d 06 23 50 12 5a 66 5e 2e 1e 84 11
  f3 e2 43 82 20 97 c8 4f a3`);
const statusAccept = hex('02 da 00 14 ef 0d 55 2a 4b f2 d6 93 ec 2b 6f e8 b5 41 1d 66');

// RFC 5997 §6.2
const statusAccounting =
  hex(`0c b3 00 26 92 5f 6b 66 dd 5f ed 57 1f cb 1d b7 ad 38 82 60 50 12 e8 d6 ea bd a9 10 87 5c
  d9 1f da de 26 36 78 58`);
const statusResponse = hex('05 b3 00 14 0f 6f 92 14 5f 10 7e 2f 50 4e 86 0a 48 60 66 9c');

const failsWith = (code: RadiusError['code'], work: () => unknown) =>
  assert.throws(work, (e: unknown) => e instanceof RadiusError && e.code === code);

test('RFC 2865 §7.1: the request with a password is made to the octet, and its accept holds', () => {
  const made = encodeRequest({
    code: packetCode.accessRequest,
    identifier: 0,
    attributes: [
      ['User-Name', 'nemo'],
      ['User-Password', 'arctangent'],
      ['NAS-IP-Address', '192.168.1.16'],
      ['NAS-Port', 3],
    ],
    secret,
    authenticator: authenticatorOf(papRequest),
    messageAuthenticator: false,
  });
  assert.is(made.toString('hex'), papRequest.toString('hex'));
  assert.equal(checkReply(papAccept, papRequest, secret, 'auto'), {
    ok: true,
    code: packetCode.accessAccept,
    attributes: [
      ['Service-Type', 1],
      ['Login-Service', 0],
      ['Login-IP-Host', '192.168.1.3'],
    ],
  });
  const wrong = checkReply(papAccept, papRequest, Buffer.from('other'), 'auto');
  assert.equal(wrong, { ok: false, fault: 'bad_authenticator' });
  const bare = checkReply(papAccept, papRequest, secret, 'require');
  assert.equal(bare, { ok: false, fault: 'no_message_authenticator' });
});

test('RFC 2865 §7.2: the answer to a CHAP challenge, and the accept of it', () => {
  const [answer, challenge] = chapAttributes('arctangent', authenticatorOf(chapRequest), 0x16) as [
    Attribute,
    Attribute,
  ];
  assert.ok(decodeAttributes(readPacket(chapRequest).attributes).some((a) => a[0] === answer[0]));
  assert.is((answer[1] as Buffer).toString('hex'), chapRequest.subarray(30, 47).toString('hex'));
  assert.is(challenge[0], 'CHAP-Challenge');
  const checked = checkReply(chapAccept, chapRequest, secret, 'auto');
  assert.ok(
    checked.ok && checked.attributes.some((a) => a[0] === 'Framed-IP-Address' && a[1] === '255.255.255.254'),
  );
});

test('RFC 5997 §6: Status-Server is made to the octet, and its answer holds without a Message-Authenticator', () => {
  for (const [request, answer] of [
    [statusRequest, statusAccept],
    [statusAccounting, statusResponse],
  ] as const) {
    const authenticator = authenticatorOf(request);
    const { statusServer: code } = packetCode;
    const made = encodeRequest({ code, identifier: request[1]!, attributes: [], secret, authenticator });
    assert.is(made.toString('hex'), request.toString('hex'));
    assert.is(checkMessageAuthenticator(request, authenticator, secret), true);
    assert.equal(checkReply(answer, request, secret, 'require'), {
      ok: true,
      code: answer[0],
      attributes: [],
    });
  }
});

test('the Message-Authenticator of requests without a random authenticator is over a blank one, before the digest', () => {
  for (const code of [packetCode.accountingRequest, packetCode.disconnectRequest, packetCode.coaRequest]) {
    const attributes: Attribute[] = [['Acct-Session-Id', 's1']];
    const made = encodeRequest({ code, identifier: 7, attributes, secret, messageAuthenticator: true });
    assert.is(made[20], 80, 'it comes first');
    assert.ok(checkAuthenticator(made, Buffer.alloc(16), secret));
    assert.is(checkMessageAuthenticator(made, Buffer.alloc(16), secret), true);
    const reply = encodeReply(readPacket(made), code + 1, [['Error-Cause', 503]], secret, true);
    assert.ok(checkReply(reply, made, secret, 'require').ok);
    made[made.length - 1]! ^= 1;
    assert.is(checkMessageAuthenticator(made, Buffer.alloc(16), secret), false);
  }
});

test('a Message-Authenticator that is double, short or changed is a fault, by policy', () => {
  const request = encodeRequest({ code: 1, identifier: 1, attributes: [['User-Name', 'a']], secret });
  const reply = (attributes: Attribute[], own: boolean) =>
    encodeReply(readPacket(request), 2, attributes, secret, own);
  const faultOf = (bytes: Buffer, policy: 'require' | 'auto' | 'off') => {
    const checked = checkReply(bytes, request, secret, policy);
    return checked.ok ? 'none' : checked.fault;
  };
  for (const policy of ['require', 'auto'] as const) {
    assert.is(faultOf(reply([], true), policy), 'none');
    const double = reply([['Message-Authenticator', Buffer.alloc(16)]], true);
    assert.is(faultOf(double, policy), 'bad_message_authenticator');
    const short = reply([['Message-Authenticator', Buffer.alloc(15)]], false);
    assert.is(faultOf(short, policy), 'bad_message_authenticator');
    const changed = reply(
      [
        ['Attr-80', Buffer.alloc(16, 1)],
        ['Class', Buffer.from('x')],
      ],
      false,
    );
    changed[25]! ^= 1;
    assert.is(faultOf(changed, policy), 'bad_authenticator');
  }
  assert.is(faultOf(reply([], false), 'require'), 'no_message_authenticator');
  assert.is(faultOf(reply([], false), 'auto'), 'none');
  assert.is(faultOf(reply([['Message-Authenticator', Buffer.alloc(15)]], false), 'off'), 'none');
});

test('lengths: a packet has 20 to 4096 octets, and what follows it is padding', () => {
  const padded = Buffer.concat([papAccept, Buffer.alloc(50, 0xff)]);
  assert.is(readPacket(padded).bytes.length, papAccept.length);
  assert.ok(checkReply(padded, papRequest, secret, 'auto').ok);
  failsWith('truncated', () => readPacket(papAccept.subarray(0, 19)));
  failsWith('truncated', () => readPacket(papAccept.subarray(0, 37)));
  const lengthOf = (length: number) => {
    const bytes = Buffer.alloc(5000);
    bytes.writeUInt16BE(length, 2);
    return bytes;
  };
  failsWith('bad_length', () => readPacket(lengthOf(19)));
  failsWith('bad_length', () => readPacket(lengthOf(4097)));
  assert.is(readPacket(lengthOf(4096)).bytes.length, 4096);
  const long: Attribute[] = Array.from({ length: 17 }, () => ['Class', Buffer.alloc(253)]);
  failsWith('too_long', () => encodeRequest({ code: 4, identifier: 0, attributes: long, secret }));
});

test('a password of up to 128 octets is hidden in whole blocks', () => {
  const authenticator = Buffer.alloc(16, 7);
  for (const [length, hidden] of [
    [0, 16],
    [1, 16],
    [16, 16],
    [17, 32],
    [128, 128],
  ] as const) {
    assert.is(hidePassword(Buffer.alloc(length, 'a'), authenticator, secret).length, hidden);
  }
  failsWith('too_long', () => hidePassword('é'.repeat(65), authenticator, secret));
  // Hiding is its own inverse as long as it is one block.
  const once = hidePassword('geheim', authenticator, secret);
  assert.is(hidePassword(once, authenticator, secret).toString('utf8', 0, 6), 'geheim');
});

test('a reply of another kind or for another request is not expected', () => {
  const accounting = encodeRequest({ code: 4, identifier: 9, attributes: [], secret });
  const faultOf = (code: number, identifier: number) => {
    const { authenticator } = readPacket(accounting);
    const checked = checkReply(
      encodeReply({ identifier, authenticator }, code, [], secret, false),
      accounting,
      secret,
      'auto',
    );
    return checked.ok ? 'none' : checked.fault;
  };
  assert.is(faultOf(5, 9), 'none');
  assert.is(faultOf(2, 9), 'unexpected');
  assert.is(faultOf(4, 9), 'unexpected');
  assert.is(faultOf(5, 8), 'unexpected');
});

test.run();

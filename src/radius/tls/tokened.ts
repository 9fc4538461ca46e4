import { randomInt } from 'node:crypto';
import { type Attribute, decodeAttributes } from '../attributes.js';
import { authenticatorOf, headerLength } from '../authenticator.js';
import { packetCode, type RequestCode, repliesTo } from '../code.js';
import { RadiusError } from '../error.js';
import { integerOf } from '../find.js';
import { framed, type Packet } from '../packet.js';
import { longestPassword } from '../password.js';
import { type CheckedReply, fault, readReply } from '../reply.js';
import type { Wire } from '../wire.js';

/** Where the Token is: in the first octets of what was the authenticator. */
const tokenAt = 4;
/** Octets of the Token. */
const tokenLength = 4;
/** Tokens that there are; the one after the last is 0. */
const tokens = 2 ** (8 * tokenLength);

/**
 * RADIUS/1.1 (RFC 9765 §4, §5): TLS says that packets are genuine and hides them, so nothing is signed or hidden with the
 * secret, and a Token of four octets tells requests apart.
 */
export const tokened: Wire = {
  identifiers: tokens,
  firstIdentifier: () => randomInt(tokens),
  identifierOf: (packet) => (packet.length < headerLength ? undefined : packet.readUInt32BE(tokenAt)),
  encodeRequest({ code, identifier, attributes }) {
    const packet = framed(code, 0, attributes.filter(isCarried).map(inClear));
    packet.writeUInt32BE(identifier, tokenAt);
    return packet;
  },
  checkReply: (datagram, request) => readReply(datagram, (packet) => replyIn(packet, request)),
  // Nobody else writes on the connection.
  proofOf: () => 'signed',
  attributesOf,
  encodeReply({ authenticator }, code, attributes) {
    const packet = framed(code, 0, attributes.filter(isCarried));
    authenticator.copy(packet, tokenAt, 0, tokenLength);
    return packet;
  },
};

function replyIn(packet: Packet, request: Buffer): CheckedReply {
  const { code, authenticator } = packet;
  const token = authenticatorOf(request).subarray(0, tokenLength);
  if (!authenticator.subarray(0, tokenLength).equals(token)) return fault('unexpected');
  if (code === packetCode.protocolError) return { ok: false, fault: 'unable', detail: whyUnable(packet) };
  if (!repliesTo[request[0] as RequestCode].includes(code)) return fault('unexpected');
  return { ok: true, code, attributes: attributesOf(packet) };
}

/** What is no part of RADIUS/1.1 means nothing there (RFC 9765 §5.2). */
function attributesOf({ attributes }: Packet): Attribute[] {
  return decodeAttributes(attributes).filter(isCarried);
}

function isCarried([name]: Attribute): boolean {
  return name !== 'Message-Authenticator';
}

/** A password goes as it is (RFC 9765 §5.1.1), and is as long as it may be where it is hidden. */
function inClear([name, value]: Attribute): Attribute {
  if (name !== 'User-Password' || typeof value === 'number') return [name, value];
  const octets = Buffer.from(value as string);
  if (octets.length === 0) throw new RadiusError('bad_value', 'a password has at least 1 octet');
  if (octets.length > longestPassword)
    throw new RadiusError('too_long', `a password has at most ${longestPassword} octets`);
  return [name, octets];
}

function whyUnable(packet: Packet): string {
  const cause = integerOf(attributesOf(packet), 'Error-Cause');
  return `it cannot process the request${cause === undefined ? '' : `: Error-Cause ${cause}`} (Protocol-Error)`;
}

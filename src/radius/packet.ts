import { randomBytes } from 'node:crypto';
import { type Attribute, encodeAttributes } from './attributes.js';
import {
  authenticatorLength,
  authenticatorOf,
  blank,
  fillMessageAuthenticator,
  headerLength,
  packetDigest,
  setAuthenticator,
} from './authenticator.js';
import { isRandom, type RequestCode } from './code.js';
import { RadiusError } from './error.js';
import { hidePassword } from './password.js';

/** The longest packet, in octets (RFC 2865 §3). */
export const longestPacket = 4096;
const lengthAt = 2;
const unfilled: Attribute = ['Message-Authenticator', blank];

/** A packet whose lengths have been checked. Its buffers are views of the datagram. */
export interface Packet {
  readonly code: number;
  readonly identifier: number;
  readonly authenticator: Buffer;
  readonly attributes: Buffer;
  /** The packet without the padding that may follow it. */
  readonly bytes: Buffer;
}

/**
 * Reads the header; octets beyond the packet's own length are padding (RFC 2865 §3).
 * @throws {@link RadiusError} `truncated`, `bad_length`
 */
export function readPacket(datagram: Buffer): Packet {
  if (datagram.length < headerLength) throw new RadiusError('truncated', 'a packet ends within its header');
  const length = datagram.readUInt16BE(lengthAt);
  if (length < headerLength || length > longestPacket)
    throw new RadiusError('bad_length', `a packet of ${length} octets`);
  if (length > datagram.length) throw new RadiusError('truncated', 'a packet is shorter than it says');
  const bytes = datagram.subarray(0, length);
  return {
    code: bytes[0]!,
    identifier: bytes[1]!,
    authenticator: authenticatorOf(bytes),
    attributes: bytes.subarray(headerLength),
    bytes,
  };
}

/** A request as it is made. */
export interface RequestFields {
  readonly code: RequestCode;
  readonly identifier: number;
  /** User-Password is in clear here, as text or octets, and is hidden in the packet. */
  readonly attributes: readonly Attribute[];
  readonly secret: Buffer;
  /** Sent before all other attributes. @default true for Access-Request and Status-Server, else false */
  readonly messageAuthenticator?: boolean;
  /** Only for the codes whose authenticator is random. @default 16 random octets */
  readonly authenticator?: Buffer;
}

/**
 * The bytes of a request, signed.
 * @throws {@link RadiusError} `unknown`, `bad_value`, `too_long`
 */
export function encodeRequest(fields: RequestFields): Buffer {
  const { code, identifier, attributes, secret } = fields;
  const random = isRandom(code);
  const { messageAuthenticator = random, authenticator = randomBytes(authenticatorLength) } = fields;
  const base = random ? authenticator : blank;
  const hidden = attributes.map(([name, value]): Attribute => {
    if (name !== 'User-Password' || typeof value === 'number') return [name, value];
    return [name, hidePassword(value, base, secret)];
  });
  const packet = framed(code, identifier, [...(messageAuthenticator ? [unfilled] : []), ...hidden]);
  setAuthenticator(packet, base);
  fillMessageAuthenticator(packet, base, secret);
  if (!random) setAuthenticator(packet, packetDigest(packet, base, secret));
  return packet;
}

/**
 * The bytes of a reply, signed.
 * @param messageAuthenticator whether the reply has one; it stands first
 * @throws {@link RadiusError} `unknown`, `bad_value`, `too_long`
 */
export function encodeReply(
  request: Pick<Packet, 'identifier' | 'authenticator'>,
  code: number,
  attributes: readonly Attribute[],
  secret: Buffer,
  messageAuthenticator: boolean,
): Buffer {
  const list = [...(messageAuthenticator ? [unfilled] : []), ...attributes];
  const packet = framed(code, request.identifier, list);
  fillMessageAuthenticator(packet, request.authenticator, secret);
  setAuthenticator(packet, packetDigest(packet, request.authenticator, secret));
  return packet;
}

/**
 * A packet whose authenticator is 16 octets of 0.
 * @throws {@link RadiusError} `unknown`, `bad_value`, `too_long`
 */
export function framed(code: number, identifier: number, attributes: readonly Attribute[]): Buffer {
  const body = encodeAttributes(attributes);
  const length = headerLength + body.length;
  if (length > longestPacket) throw new RadiusError('too_long', `a packet of ${length} octets`);
  const packet = Buffer.alloc(length);
  packet[0] = code;
  packet[1] = identifier;
  packet.writeUInt16BE(length, lengthAt);
  body.copy(packet, headerLength);
  return packet;
}

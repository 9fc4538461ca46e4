import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { attributeId, rawAttributes } from './attributes.js';

/** Octets of an authenticator, and of the content of a Message-Authenticator: both are MD5 digests. */
export const authenticatorLength = 16;
/** Octets before the attributes: code, identifier, length, authenticator (RFC 2865 §3). */
export const headerLength = 20;
const authenticatorAt = 4;
/** What stands in the place of an authenticator, or of a Message-Authenticator's content, while it is computed. */
export const blank: Buffer = Buffer.alloc(authenticatorLength);

/** Puts an authenticator into a packet. */
export function setAuthenticator(packet: Buffer, authenticator: Buffer): void {
  authenticator.copy(packet, authenticatorAt);
}

/** The authenticator of a packet, as a view. */
export function authenticatorOf(packet: Buffer): Buffer {
  return packet.subarray(authenticatorAt, headerLength);
}

/**
 * Fills the Message-Authenticator of a packet, if it has one, with the HMAC-MD5 of the packet (RFC 2869 §5.14).
 * @param base stands in the place of the authenticator: a request's own if that is random, a response's request's,
 *   {@link blank} for other requests (RFC 5176 §3.4)
 */
export function fillMessageAuthenticator(packet: Buffer, base: Buffer, secret: Buffer): void {
  const at = placeOfMessageAuthenticator(packet);
  if (typeof at === 'number') messageDigest(packet, at, base, secret).copy(packet, at);
}

/** How the Message-Authenticator of a packet stands; `false` also for a second one and for one of another length. */
export function checkMessageAuthenticator(packet: Buffer, base: Buffer, secret: Buffer): boolean | 'absent' {
  const at = placeOfMessageAuthenticator(packet);
  if (typeof at !== 'number') return at;
  const given = packet.subarray(at, at + authenticatorLength);
  return timingSafeEqual(given, messageDigest(packet, at, base, secret));
}

/** Where the content of the only Message-Authenticator begins. */
function placeOfMessageAuthenticator(packet: Buffer): number | false | 'absent' {
  let found: number | 'absent' = 'absent';
  for (const { id, value, at } of rawAttributes(packet.subarray(headerLength))) {
    if (id !== attributeId.messageAuthenticator) continue;
    if (found !== 'absent' || value.length !== authenticatorLength) return false;
    found = headerLength + at;
  }
  return found;
}

function messageDigest(packet: Buffer, at: number, base: Buffer, secret: Buffer): Buffer {
  return createHmac('md5', secret)
    .update(packet.subarray(0, authenticatorAt))
    .update(base)
    .update(packet.subarray(headerLength, at))
    .update(blank)
    .update(packet.subarray(at + authenticatorLength))
    .digest();
}

/**
 * MD5 over the packet with `base` in the place of its authenticator, and the secret: the Response Authenticator (RFC
 * 2865 §3, `base` is the request's), and the authenticator of requests without a random one (RFC 2866 §3, `base` is
 * {@link blank}).
 */
export function packetDigest(packet: Buffer, base: Buffer, secret: Buffer): Buffer {
  return createHash('md5')
    .update(packet.subarray(0, authenticatorAt))
    .update(base)
    .update(packet.subarray(headerLength))
    .update(secret)
    .digest();
}

/** The authenticator of a packet is that of {@link packetDigest}. Takes the same time wherever they differ. */
export function checkAuthenticator(packet: Buffer, base: Buffer, secret: Buffer): boolean {
  return timingSafeEqual(authenticatorOf(packet), packetDigest(packet, base, secret));
}

import { createHash, randomBytes } from 'node:crypto';
import type { Attribute } from './attributes.js';
import { RadiusError } from './error.js';

const block = 16;
/** The longest password that can be hidden, in octets (RFC 2865 §5.2). */
export const longestPassword = 128;

/**
 * Hides a password for one request (RFC 2865 §5.2).
 * @param authenticator of the Access-Request
 * @throws {@link RadiusError} `too_long`
 */
export function hidePassword(password: string | Buffer, authenticator: Buffer, secret: Buffer): Buffer {
  const octets = typeof password === 'string' ? Buffer.from(password, 'utf8') : password;
  if (octets.length > longestPassword)
    throw new RadiusError('too_long', `a password has at most ${longestPassword} octets`);
  // An empty one takes a block too: the attribute has at least 16 octets.
  const hidden = Buffer.alloc(Math.max(1, Math.ceil(octets.length / block)) * block);
  octets.copy(hidden);
  let before = authenticator;
  for (let at = 0; at < hidden.length; at += block) {
    const mask = createHash('md5').update(secret).update(before).digest();
    for (let i = 0; i < block; i++) hidden[at + i]! ^= mask[i]!;
    before = hidden.subarray(at, at + block);
  }
  return hidden;
}

/**
 * CHAP-Password and CHAP-Challenge (RFC 2865 §5.3, §5.40). The challenge is an attribute of its own, not the request's
 * authenticator, so that the same answer is good for another server too.
 * @param challenge what the client was challenged with, if its answer must be to that. @default 16 random octets
 * @param id the CHAP identifier, 0 to 255. @default random
 */
export function chapAttributes(
  password: string | Buffer,
  challenge: Buffer = randomBytes(block),
  id: number = randomBytes(1)[0]!,
): Attribute[] {
  const digest = createHash('md5')
    .update(Buffer.from([id]))
    .update(password)
    .update(challenge)
    .digest();
  return [
    ['CHAP-Password', Buffer.concat([Buffer.from([id]), digest])],
    ['CHAP-Challenge', challenge],
  ];
}

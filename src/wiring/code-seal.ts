import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const cipher = 'aes-256-gcm';
/** Tells this key from every other that is made of the same secret (RFC 5869 §3.2). */
const purpose = 'turnpike voucher codes';
/** Lengths in bytes: of the nonce (NIST SP 800-38D §8.2), of the tag, of the key. */
const [nonceSize, tagSize, keySize] = [12, 16, 32];

/**
 * Encrypts the codes of a batch for the journal.
 *
 * @param secret of this router, which is not in the journal
 * @param batch is not encrypted, and what is sealed for one batch opens as that of no other
 * @returns nonce, tag and what is encrypted, in base64url
 */
export function seal(secret: Uint8Array, batch: string, codes: string): string {
  const nonce = randomBytes(nonceSize);
  const sealing = createCipheriv(cipher, keyOf(secret), nonce).setAAD(Buffer.from(batch));
  const body = Buffer.concat([sealing.update(codes, 'utf8'), sealing.final()]);
  return Buffer.concat([nonce, sealing.getAuthTag(), body]).toString('base64url');
}

/** The inverse of {@link seal}; undefined for what this secret has not sealed for this batch. */
export function unseal(secret: Uint8Array, batch: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  const begin = nonceSize + tagSize;
  if (bytes.length < begin) return undefined;
  const opening = createDecipheriv(cipher, keyOf(secret), bytes.subarray(0, nonceSize));
  opening.setAAD(Buffer.from(batch)).setAuthTag(bytes.subarray(nonceSize, begin));
  const body = opening.update(bytes.subarray(begin));
  try {
    return Buffer.concat([body, opening.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function keyOf(secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', purpose, keySize));
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { refuse } from '../../domain/refuse.js';
import type { Refusal } from '../../ports/result.js';

/** How far a message may be from the router's clock, in s. Both standards say five minutes. */
const toleranceS = 300;

/** Who signs how. */
export type Scheme = 'standard' | 'stripe';

/** A message as it came in: the body's bytes are what is signed. */
export interface Message {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Why a message is not believed; undefined when one of the secrets has signed it, within the last five minutes.
 *
 * Standard Webhooks (`webhook-signature: v1,BASE64` of `id.timestamp.body`) or Stripe (`Stripe-Signature: t=…,v1=HEX` of
 * `timestamp.body`).
 * @param now wall clock, ms since 1970
 */
export function unsigned(
  scheme: Scheme,
  message: Message,
  secrets: readonly string[],
  now: number,
): Refusal | undefined {
  const signed = scheme === 'stripe' ? readStripe(message) : readStandard(message);
  if (!signed) return bad('the signature is missing');
  if (Math.abs(now / 1000 - signed.at) > toleranceS) {
    return bad('it was signed more than 5 minutes ago, or a clock is wrong');
  }
  // All are tried: how long it takes says nothing of which one fits.
  let isSigned = false;
  for (const secret of secrets) {
    const right = createHmac('sha256', keyOf(scheme, secret))
      .update(signed.head)
      .update(message.body)
      .digest();
    for (const given of signed.signatures) isSigned = same(given, right) || isSigned;
  }
  return isSigned ? undefined : bad('the signature is not that of a configured secret');
}

interface Signed {
  /** Unix seconds. */
  readonly at: number;
  /** What is signed before the body. */
  readonly head: string;
  readonly signatures: readonly Buffer[];
}

function readStandard({ headers }: Message): Signed | undefined {
  const [id, stamp, signatures] = ['id', 'timestamp', 'signature'].map((part) => headers[`webhook-${part}`]);
  if (typeof id !== 'string' || typeof stamp !== 'string' || typeof signatures !== 'string') return undefined;
  if (!/^\d{1,12}$/.test(stamp)) return undefined;
  const given = signatures.split(' ').flatMap((one) => {
    const [version, text = ''] = one.split(',');
    return version === 'v1' ? [Buffer.from(text, 'base64')] : [];
  });
  return { at: Number(stamp), head: `${id}.${stamp}.`, signatures: given };
}

function readStripe({ headers }: Message): Signed | undefined {
  const header = headers['stripe-signature'];
  if (typeof header !== 'string') return undefined;
  const parts = header.split(',').map((part) => part.trim().split('='));
  const stamp = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(stamp)) return undefined;
  const given = parts.flatMap(([name, text = '']) => (name === 'v1' ? [Buffer.from(text, 'hex')] : []));
  return { at: Number(stamp), head: `${stamp}.`, signatures: given };
}

/** Standard Webhooks writes its keys in base64 behind `whsec_`; Stripe's are used as they are written. */
function keyOf(scheme: Scheme, secret: string): Buffer {
  if (scheme === 'stripe') return Buffer.from(secret);
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

function same(given: Buffer, right: Buffer): boolean {
  return given.length === right.length && timingSafeEqual(given, right);
}

function bad(why: string): Refusal {
  return refuse('hook_unsigned', why);
}

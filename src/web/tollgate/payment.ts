import { paymentKind } from './event.js';

/** What a customer sends. */
export interface Payment {
  /** A Cashu token; empty when there is none in it. */
  readonly token: string;
  /** Of the customer, where they say it in an event. */
  readonly pubkey?: string;
}

/**
 * Reads the body of `POST /`: a bare token (HTTP-01), or an event of kind 21000 with the token in its tag `payment`, as
 * TollGate's own page sends it. What the event says of the device counts for nothing, and neither does its signature:
 * whoever has the token has the money.
 */
export function paymentIn(body: Buffer): Payment {
  const text = body.toString('utf8').trim();
  if (!text.startsWith('{')) return { token: text };
  const { kind, tags, pubkey } = objectIn(text);
  const pairs = kind === paymentKind && Array.isArray(tags) ? (tags as unknown[]) : [];
  const tag = pairs.find((one): one is [string, string] => Array.isArray(one) && one[0] === 'payment');
  const isKey = typeof pubkey === 'string' && /^[0-9a-f]{64}$/.test(pubkey);
  return { token: typeof tag?.[1] === 'string' ? tag[1].trim() : '', ...(isKey && { pubkey }) };
}

function objectIn(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

import { createHash } from 'node:crypto';
import { getPubKeyFromPrivKey, schnorrSignDigest } from '@cashu/cashu-ts';

/** Kinds of events that a TollGate signs (TIP-01). */
export const kinds = { advertisement: 10021, session: 1022, notice: 21023 } as const;
/** The kind of event in which customers send their payment. */
export const paymentKind = 21000;

/** A signed event of Nostr (NIP-01). */
export interface Event {
  readonly id: string;
  /** Of the router, in hex. */
  readonly pubkey: string;
  /** Seconds since 1970. */
  readonly created_at: number;
  readonly kind: number;
  readonly tags: readonly (readonly string[])[];
  readonly content: string;
  /** Schnorr over secp256k1, of the id (BIP-340). */
  readonly sig: string;
}

/** What an event says. */
export type Said = Pick<Event, 'kind' | 'tags'> & { readonly content?: string };

/** An event that says the same is signed anew after this long, in ms: a signature costs a small router much. */
const freshMs = 60_000;
/** Events that are kept for as long. */
const mostKept = 64;

/** The router as TollGates know each other: by a key of its own. */
export class Identity {
  readonly pubkey: string;
  readonly #secret: Uint8Array;
  readonly #kept = new Map<string, { readonly event: Event; readonly at: number }>();

  /** @param secret 32 bytes, in nobody's hands but the router's. @throws when they are no key: one in 2^128 is none */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
    // The sign of the point's y is left out (BIP-340).
    this.pubkey = Buffer.from(getPubKeyFromPrivKey(secret)).subarray(1).toString('hex');
  }

  /** An event that everybody may be told: the same one for a minute. @param now wall clock, ms since 1970 */
  announce(said: Said, now: number): Event {
    const name = JSON.stringify([said.kind, said.tags, said.content]);
    const kept = this.#kept.get(name);
    if (kept && Math.abs(now - kept.at) < freshMs) return kept.event;
    const event = this.sign(said, now);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= mostKept) this.#kept.delete(oldest);
    this.#kept.set(name, { event, at: now });
    return event;
  }

  /** @param now wall clock, ms since 1970 */
  sign({ kind, tags, content = '' }: Said, now: number): Event {
    const event = { pubkey: this.pubkey, created_at: Math.floor(now / 1000), kind, tags, content };
    const id = idOf(event);
    return { id, ...event, sig: schnorrSignDigest(id, this.#secret) };
  }
}

/** The id of an event: the digest of its parts in order (NIP-01). */
export function idOf({ pubkey, created_at, kind, tags, content }: Omit<Event, 'id' | 'sig'>): string {
  return createHash('sha256')
    .update(JSON.stringify([0, pubkey, created_at, kind, tags, content]))
    .digest('hex');
}

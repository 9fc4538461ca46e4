import { createHash } from 'node:crypto';
import { schnorrVerifyDigest } from '@cashu/cashu-ts';
import { refuse } from '../../domain/refuse.js';
import type { Result } from '../../ports/result.js';

/** What an upstream sells, for the money of a mint (TIP-01, TIP-02). */
export interface Offer {
  readonly pubkey: string;
  readonly metric: 'bytes' | 'milliseconds';
  /** Of one step, in the metric. */
  readonly stepSize: number;
  readonly stepPrice: number;
  readonly mint: string;
  readonly least: number;
  readonly most: number;
}

/** Who is paid with what. */
export interface Terms {
  readonly mints: readonly string[];
  readonly unit: string;
  /** Of the seller, where only one may sell. */
  readonly key?: string;
}

type Tags = readonly (readonly string[])[];

/** A signed event of Nostr (NIP-01). */
export interface SignedEvent {
  readonly id: string;
  readonly pubkey: string;
  readonly created_at: number;
  readonly kind: number;
  readonly tags: Tags;
  readonly content: string;
  readonly sig: string;
}

/** Kinds of events that sellers sign (TIP-01). */
export const kinds = { advertisement: 10021, session: 1022, notice: 21023 } as const;
/** A price that nobody means, in the unit. */
const highest = 1_000_000_000;

/** An event of this text whose signature is good; undefined for all else. */
export function eventOf(text: string): SignedEvent | undefined {
  try {
    const { id, pubkey, created_at, kind, tags, content, sig } = JSON.parse(text) as SignedEvent;
    const isTags =
      Array.isArray(tags) &&
      tags.every((tag) => Array.isArray(tag) && tag.every((one) => typeof one === 'string'));
    if (!isTags || ![id, pubkey].every((one) => /^[0-9a-f]{64}$/.test(one))) return undefined;
    const parts = JSON.stringify([0, pubkey, created_at, kind, tags, content]);
    if (createHash('sha256').update(parts).digest('hex') !== id) return undefined;
    if (!schnorrVerifyDigest(sig, id, pubkey)) return undefined;
    return { id, pubkey, created_at, kind, tags, content, sig };
  } catch {
    return undefined;
  }
}

/** Reads what is for sale, for the money of the first mint that the seller takes, too. */
export function offerIn(text: string, { mints, unit, key }: Terms): Result<Offer> {
  const event = eventOf(text);
  if (!event) return refuse('bad_upstream', 'the answer is no signed event');
  if (key !== undefined && event.pubkey !== key) {
    return refuse('bad_upstream', `it is signed by ${event.pubkey}, and not by the key that is configured`);
  }
  if (event.kind === kinds.notice)
    return refuse('upstream_closed', `nothing is sold: ${plain(event.content)}`);
  if (event.kind !== kinds.advertisement)
    return refuse('bad_upstream', `kind ${event.kind} is no price list`);
  const [metric = ''] = valuesOf(event.tags, 'metric');
  const [stepSize] = valuesOf(event.tags, 'step_size').map(Number);
  const [low = 1, high = 0] = valuesOf(event.tags, 'step_purchase_limits').map(Number);
  if ((metric !== 'bytes' && metric !== 'milliseconds') || !isCount(stepSize)) {
    return refuse('bad_upstream', 'the price list has no metric or no step that is known');
  }
  for (const mint of mints) {
    const price = event.tags.find(
      ([name, way, , of, at = '']) =>
        name === 'price_per_step' && way === 'cashu' && of === unit && plainUrl(at) === plainUrl(mint),
    );
    const stepPrice = Number(price?.[2]);
    if (!isCount(stepPrice) || stepPrice > highest) continue;
    const own = Number(price?.[5]);
    const least = Math.max(1, isCount(low) ? low : 1, isCount(own) ? own : 1);
    const most = isCount(high) ? high : Number.MAX_SAFE_INTEGER;
    return { ok: true, value: { pubkey: event.pubkey, metric, stepSize, stepPrice, mint, least, most } };
  }
  return refuse('foreign_mint', `it takes no ${unit} of ${mints.join(' or ')}`);
}

/** Tokens that came back with a session. */
export function changeIn({ tags }: SignedEvent): string[] {
  return tags.flatMap(([name, token]) => (name === 'change' && token !== undefined ? [token] : []));
}

/** What others say, for one line of ours. */
export function plain(text: unknown): string {
  return typeof text === 'string' ? text.replace(/[^\x20-\x7e]/g, ' ').slice(0, 120) : '';
}

/** `used/allotment` of `GET /usage` (HTTP-03): nothing of nothing without a session; undefined for what is none. */
export function usageIn(text: string): { readonly used: number; readonly allotment: number } | undefined {
  if (text.trim() === '-1/-1') return { used: 0, allotment: 0 };
  const [, used, allotment] = /^(\d{1,15})\/(\d{1,15})$/.exec(text.trim()) ?? [];
  return used === undefined ? undefined : { used: Number(used), allotment: Number(allotment) };
}

function valuesOf(tags: Tags, name: string): readonly string[] {
  return tags.find(([one]) => one === name)?.slice(1) ?? [];
}

function isCount(number: number | undefined): number is number {
  return Number.isSafeInteger(number) && (number as number) > 0;
}

function plainUrl(url: string): string {
  return url.toLowerCase().replace(/\/+$/, '');
}

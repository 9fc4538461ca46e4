import { createHmac, randomBytes } from 'node:crypto';
import { privateKeyToAddress } from 'viem/accounts';
import { fieldsOf } from '../fields.js';
import type { Address, Hex } from '../typed-data.js';

/** Who signs claims for one channel, and the mark that the key is made of; none for the configured key itself. */
export interface Authorizer {
  readonly address: Address;
  readonly mark?: string;
}

/** Addresses that are remembered: to make one of a key takes a router some milliseconds. */
const mostRemembered = 256;

/**
 * The accounts that sign claims and refunds, another for each purchase, all of one key.
 *
 * A wallet's channel follows from who is paid and who signs for them. So a wallet that takes the next offer pays into a
 * new channel, without a salt of its own: those of `@x402/evm` have one salt for all they buy. The mark stands in
 * the requirements, from where wallets repeat it; it is no secret.
 */
export class Authorizers {
  readonly #key: Hex;
  readonly #addresses = new Map<string, Address>();
  #offered: Authorizer | undefined;

  constructor(key: Hex) {
    this.#key = key;
  }

  /** Who signs for the next purchase. */
  get offered(): Authorizer {
    this.#offered ??= this.of(randomBytes(16).toString('hex'));
    return this.#offered;
  }

  /** The purchase that was offered is made: the next one has another. */
  renew({ mark }: Authorizer): void {
    if (mark === this.#offered?.mark) this.#offered = undefined;
  }

  of(mark: string | undefined): Authorizer {
    const known = this.#addresses.get(mark ?? '');
    const address = known ?? (privateKeyToAddress(this.keyOf(mark)).toLowerCase() as Address);
    this.#addresses.delete(mark ?? '');
    this.#addresses.set(mark ?? '', address);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size > mostRemembered) this.#addresses.delete(oldest!);
    return mark === undefined ? { address } : { address, mark };
  }

  keyOf(mark: string | undefined): Hex {
    if (mark === undefined) return this.#key;
    const key = createHmac('sha256', Buffer.from(this.#key.slice(2), 'hex'));
    return `0x${key.update(`x402 batch-settlement ${mark}`).digest('hex')}`;
  }
}

/** The mark in requirements, or in what a wallet repeats of them; undefined where it has none that is ours. */
export function markIn(requirements: { readonly extra?: unknown } | undefined): string | undefined {
  const mark = fieldsOf(requirements?.extra)?.authorizerMark;
  return typeof mark === 'string' && /^[0-9a-f]{32}$/.test(mark) ? mark : undefined;
}

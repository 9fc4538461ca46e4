import type { Address } from '../payments/wallet/typed-data.js';
import { FacilitatorError } from './error.js';

/**
 * Places for transactions that wait to be mined, fair by seller: one more seller than there are finds a share free, so
 * that nobody takes them all.
 */
export class Shares {
  readonly #alone: boolean;
  readonly #sellerOf = new Map<string, Address>();

  /** @param alone there is one seller only: all places are his */
  constructor(alone: boolean) {
    this.#alone = alone;
  }

  /** Takes a place for an operation. @throws {@link FacilitatorError} `overloaded` */
  claim(operation: string, seller: Address, places: number): void {
    const holders = [...this.#sellerOf.values()];
    const others = new Set(holders.filter((one) => one !== seller)).size;
    const share = this.#alone ? places : Math.max(1, Math.floor(places / (others + 2)));
    if (holders.filter((one) => one === seller).length >= share)
      throw new FacilitatorError('overloaded', 'too many transactions of this seller wait to be mined');
    this.#sellerOf.set(operation, seller);
  }

  /** Gives the place back; an operation without one is let go again. */
  release(operation: string): void {
    this.#sellerOf.delete(operation);
  }
}

import type { Block } from '../payments/wallet/node-replies.js';
import type { Hex } from '../payments/wallet/typed-data.js';

/** When a transaction was sent: by this server's clock (ms), and behind which block, if that is known. */
interface Sending {
  readonly at: number;
  behind: bigint | undefined;
}

/**
 * Says when a transaction is stuck, so that it is worth a higher fee: some time has passed, and the chain has mined
 * others since. While no block comes, or only empty ones, a higher fee helps nobody and is paid later.
 */
export class Patience {
  readonly #stuckMs: number;
  readonly #now: () => number;
  readonly #sendings = new Map<Hex, Sending>();
  /** The newest block that is known, and the newest with transactions in it. */
  #newest: bigint | undefined;
  #busy = 0n;

  /** @param now ms, of a clock that only goes on */
  constructor(stuckMs: number, now: () => number = () => performance.now()) {
    this.#stuckMs = stuckMs;
    this.#now = now;
  }

  heard({ number, transactions }: Pick<Block, 'number' | 'transactions'>): void {
    this.#newest = number;
    for (const sending of this.#sendings.values()) sending.behind ??= number;
    if (transactions > 0) this.#busy = number;
  }

  /** A transaction goes out; the first time counts. */
  sent(hash: Hex): void {
    if (!this.#sendings.has(hash)) this.#sendings.set(hash, { at: this.#now(), behind: this.#newest });
  }

  /** Whether this process has sent it. */
  knows(hash: Hex): boolean {
    return this.#sendings.has(hash);
  }

  isStuck(hash: Hex): boolean {
    const sending = this.#sendings.get(hash);
    if (!sending) return false;
    const { at, behind = this.#busy } = sending;
    return this.#now() - at > this.#stuckMs && this.#busy > behind;
  }

  forget(hash: Hex): void {
    this.#sendings.delete(hash);
  }
}

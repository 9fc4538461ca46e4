import type { Safe } from '../../ports/safe.js';
import type { Output, Proof } from './ecash.js';

/** The file beside the journal: what is being paid out, and what was. */
export const payoutFile = 'cashu-payout';

/** Money on its way out, from the moment before the mint is asked to pay. Plain data: so it is kept. */
export interface Payout {
  readonly id: string;
  readonly mint: string;
  readonly unit: string;
  /** What arrives, in the unit. */
  readonly amount: number;
  readonly quote: string;
  /** Wall clock, ms since 1970: until when the mint may pay. */
  readonly until: number;
  /** Tokens of the purse whose seller's part it takes. */
  readonly entries: readonly string[];
  readonly inputs: readonly Proof[];
  /** For what comes back. */
  readonly outputs: readonly Output[];
  /** It was paid, and this came back: the purse has still to be told. */
  readonly change?: readonly Proof[];
}

interface Kept {
  /** What has arrived in all, by mint and unit. */
  readonly totals: Readonly<Record<string, number>>;
  readonly now?: Payout;
}

const name = 'payout';

/** What was paid out, and the one payment that is under way. */
export class PayoutBook {
  readonly #safe: Safe;
  #kept: Kept;
  #isClosed = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(safe: Safe) {
    this.#safe = safe;
    const [first] = [...safe.all()].filter(([one]) => one === name);
    this.#kept = (first?.[1] as Kept | undefined) ?? { totals: {} };
  }

  get now(): Payout | undefined {
    return this.#kept.now;
  }

  total(mint: string, unit: string): number {
    return this.#kept.totals[`${mint} ${unit}`] ?? 0;
  }

  /** Puts a payment in the place of what it was. @throws what the safe throws */
  write(now: Payout): Promise<void> {
    return this.#put({ ...this.#kept, now });
  }

  /** The payment under way is over. @param arrived in its unit; 0 when it failed. @throws what the safe throws */
  end(arrived: number): Promise<void> {
    const { totals, now } = this.#kept;
    const key = now ? `${now.mint} ${now.unit}` : '';
    return this.#put({ totals: arrived > 0 ? { ...totals, [key]: (totals[key] ?? 0) + arrived } : totals });
  }

  /** Nothing is written any more: another book is about to be opened on the same safe. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
  }

  async #put(kept: Kept): Promise<void> {
    if (this.#isClosed) throw new Error('turnpike is being stopped');
    const done = this.#safe.put(name, kept);
    this.#turn = done.catch(() => {});
    await done;
    this.#kept = kept;
  }
}

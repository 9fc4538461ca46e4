import type { Address } from '../payments/wallet/typed-data.js';
import { FacilitatorError } from './error.js';
import type { Journal } from './journal.js';
import type { Kind } from './operation.js';

const dayMs = 86_400_000;
/** How long an account whose call failed when it was mined waits for the next one, in ms. */
const penaltyMs = 3_600_000;
/** What strangers can ask for, to open sessions and to pay, may take this part of a seller's gas: it cannot stop his charges. */
const [openingPart, ofParts] = [1n, 2n];

/** What the configuration says of a network's sellers. */
export interface Terms {
  readonly sellers: 'any' | readonly Address[];
  readonly gasPerSellerAndDay: bigint;
}

/** For whom gas is paid, and how much of it: by seller and day (UTC). */
export class Allowance {
  readonly #network: string;
  readonly #terms: Terms;
  readonly #journal: Pick<Journal, 'spend' | 'spent'>;
  readonly #now: () => number;
  /** Until when an account is not served, in ms since 1970. */
  readonly #penalties = new Map<Address, number>();

  constructor(
    network: string,
    terms: Terms,
    journal: Pick<Journal, 'spend' | 'spent'>,
    now: () => number = Date.now,
  ) {
    this.#network = network;
    this.#terms = terms;
    this.#journal = journal;
    this.#now = now;
  }

  /** @throws {@link FacilitatorError} `unknown_seller` */
  mustServe(seller: Address): void {
    const { sellers } = this.#terms;
    if (sellers !== 'any' && !sellers.includes(seller))
      throw new FacilitatorError('unknown_seller', `${seller} is not served here`);
  }

  /** @throws {@link FacilitatorError} `budget_spent` when a call that may need so much gas is not paid for today */
  mustHave(seller: Address, kind: Kind, gas: bigint): void {
    const whole = this.#terms.gasPerSellerAndDay;
    const most = kind === 'create' || kind === 'settle' ? (whole * openingPart) / ofParts : whole;
    if (this.#spent(this.#day(), seller) + gas > most)
      throw new FacilitatorError('budget_spent', `the gas of ${seller} for today is used up`);
  }

  /** Books gas that a call may need; a negative number gives back what was booked. @throws {@link FacilitatorError} `budget_spent`: nothing was booked */
  take(seller: Address, kind: Kind, gas: bigint): void {
    if (gas > 0n) this.mustHave(seller, kind, gas);
    this.#journal.spend(this.#network, seller, this.#day(), Number(gas));
  }

  /** Gas booked today, by seller. */
  today(): ReadonlyMap<string, number> {
    return new Map(this.#journal.spent(this.#network, this.#day()).map(({ seller, gas }) => [seller, gas]));
  }

  /** A call for this account passed in advance and failed when it was mined. */
  penalise(account: Address): void {
    const now = this.#now();
    for (const [old, until] of this.#penalties) if (until <= now) this.#penalties.delete(old);
    this.#penalties.set(account, now + penaltyMs);
  }

  /** @throws {@link FacilitatorError} `failed_before` */
  mustTrust(account: Address): void {
    if ((this.#penalties.get(account) ?? 0) > this.#now())
      throw new FacilitatorError('failed_before', 'a call for this account failed when it was mined');
  }

  #day(): number {
    return Math.floor(this.#now() / dayMs);
  }

  #spent(day: number, seller: Address): bigint {
    return BigInt(this.#journal.spent(this.#network, day).find((row) => row.seller === seller)?.gas ?? 0);
  }
}

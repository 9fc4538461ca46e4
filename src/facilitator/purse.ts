import type { Chain } from '../payments/wallet/session-chain.js';
import type { Signer } from './signer.js';

/** How long what the node said of balances is believed, in ms: operators may ask as often as they like. */
const freshMs = 10_000;
/** Gas of the smallest operation, for whether there is enough for another one. */
const smallestGas = 60_000n;

/** What the signers of a network have for gas. */
export class Purse {
  readonly #chain: Pick<Chain, 'latest'>;
  readonly #signers: readonly Pick<Signer, 'address' | 'balance'>[];
  readonly #now: () => number;
  #asked = Number.NEGATIVE_INFINITY;
  #balances: Promise<ReadonlyMap<string, bigint> | undefined> = Promise.resolve(undefined);

  /** @param now ms, of a clock that only goes on */
  constructor(
    chain: Pick<Chain, 'latest'>,
    signers: readonly Pick<Signer, 'address' | 'balance'>[],
    now: () => number = () => performance.now(),
  ) {
    this.#chain = chain;
    this.#signers = signers;
    this.#now = now;
  }

  /** Wei, by the signer's address; undefined when the node does not say. */
  balances(): Promise<ReadonlyMap<string, bigint> | undefined> {
    if (this.#now() - this.#asked >= freshMs) {
      this.#asked = this.#now();
      this.#balances = this.#ask().catch(() => undefined);
    }
    return this.#balances;
  }

  /** Whether a signer has enough for one more transaction; undefined when the node does not say. */
  async canPay(): Promise<boolean | undefined> {
    const balances = await this.balances();
    if (!balances) return undefined;
    const block = await this.#chain.latest().catch(() => undefined);
    return block && [...balances.values()].some((wei) => wei > 0n && wei >= smallestGas * block.baseFee);
  }

  async #ask(): Promise<ReadonlyMap<string, bigint>> {
    const pairs = this.#signers.map(async (one) => [one.address, await one.balance()] as const);
    return new Map(await Promise.all(pairs));
  }
}

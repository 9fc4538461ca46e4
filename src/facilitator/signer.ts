import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { keccak256, numberToHex } from 'viem/utils';
import type { Chain } from '../payments/wallet/session-chain.js';
import type { Address, Hex } from '../payments/wallet/typed-data.js';
import type { Journal } from './journal.js';
import type { Request, Sent } from './operation.js';

/** A call of a contract for an operation. */
export interface Call {
  readonly operation: string;
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
}

/** What is paid for a unit of gas, in wei (EIP-1559). */
export interface Fee {
  readonly max: bigint;
  readonly tip: bigint;
}

/** One account that pays for gas. Its nonces are given out here, in order and each once. */
export class Signer {
  readonly #account: PrivateKeyAccount;
  readonly #network: string;
  readonly #chain: Chain;
  readonly #journal: Journal;
  #turn: Promise<unknown> = Promise.resolve();
  /** Nonces that are given out and not used up yet. */
  readonly pending = new Set<number>();
  /** Sends that were promised to this signer and have no nonce yet. */
  #claims = 0;

  constructor(key: Hex, network: string, chain: Chain, journal: Journal) {
    this.#account = privateKeyToAccount(key);
    this.#network = network;
    this.#chain = chain;
    this.#journal = journal;
  }

  get address(): Address {
    return this.#account.address.toLowerCase() as Address;
  }

  /** Transactions that wait to be signed or mined. */
  get load(): number {
    return this.pending.size + this.#claims;
  }

  /** Takes a place in the load, for one {@link send}; {@link release} gives it back when there is none. */
  claim(): void {
    this.#claims += 1;
  }

  release(): void {
    this.#claims -= 1;
  }

  /**
   * Signs a call with the next nonce and writes it to the journal, in a place that was claimed. No signed transaction
   * leaves the process before it is in the journal. So the journal and the chain together know which nonces are taken:
   * there is no counter that could differ from them.
   */
  send(requests: readonly Request[], call: Call, fee: Fee): Promise<Sent> {
    const sent = this.#turn.then(async () => {
      const count = await this.count('latest');
      this.takeBack(count);
      let nonce = count;
      while (this.pending.has(nonce)) nonce += 1;
      const signed = await this.signAt(nonce, call, fee);
      this.#journal.send(requests, signed);
      this.pending.add(nonce);
      return signed;
    });
    this.#turn = sent.then(
      () => this.release(),
      () => this.release(),
    );
    return sent;
  }

  /** Signs for a nonce that is given out already: one of the transactions with it is mined at most. */
  async signAt(nonce: number, call: Call, fee: Fee): Promise<Sent> {
    const raw = await this.#account.signTransaction({
      type: 'eip1559',
      chainId: Number(this.#chain.chainId),
      to: call.to,
      data: call.data,
      gas: call.gas,
      nonce,
      maxFeePerGas: fee.max,
      maxPriorityFeePerGas: fee.tip,
    });
    const { operation } = call;
    return { hash: keccak256(raw), operation, network: this.#network, signer: this.address, nonce, raw };
  }

  /** After a reorganisation, transactions from nonce `count` on are not mined any more: they wait again. */
  takeBack(count: number): void {
    for (const nonce of this.#journal.unsettle(this.#network, this.address, count)) this.pending.add(nonce);
  }

  /** Nonces below this one are used up in the block. */
  async count(block: bigint | 'latest'): Promise<number> {
    const at = block === 'latest' ? block : numberToHex(block);
    return Number(await this.#chain.quantity('eth_getTransactionCount', [this.#account.address, at]));
  }

  /** Wei. */
  balance(): Promise<bigint> {
    return this.#chain.quantity('eth_getBalance', [this.#account.address, 'latest']);
  }
}

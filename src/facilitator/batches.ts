import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeFunctionResult, encodeFunctionData } from 'viem/utils';
import { sessionEscrowAbi } from '../payments/wallet/abi.js';
import type { Chain } from '../payments/wallet/session-chain.js';
import type { Address, Hex } from '../payments/wallet/typed-data.js';
import type { Request } from './operation.js';
import type { Call } from './signer.js';

/**
 * The most calls in one transaction, and the most gas for them: every chain takes so much at once (EIP-7825: 16,777,216),
 * and one that it does not take would hold up all that its signer sends.
 */
const [mostCalls, mostGas] = [64, 8_000_000n];

/** A call of the escrow that may share its transaction with others of the same seller. */
export interface Parcel {
  readonly request: Request;
  readonly data: Hex;
  readonly seller: Address;
  /** That it may need by itself. */
  readonly gas: bigint;
  /** Books gas for the seller; a negative number gives it back. @throws `FacilitatorError` `budget_spent` */
  book(gas: bigint): void;
  /** Sends it by itself, and books its gas. */
  alone(): Promise<void>;
}

export interface BatchesParts {
  readonly chain: Pick<Chain, 'call' | 'escrow'>;
  /** How long a call waits for others, in ms. */
  readonly waitMs: number;
  /** Sends one transaction for all these operations. It returns when that may be on its way, and throws when it is not. */
  carry(requests: readonly Request[], call: Call, seller: Address): Promise<void>;
}

interface Waiting {
  readonly parcel: Parcel;
  resolve(): void;
  reject(cause: unknown): void;
}

/**
 * Puts calls of one seller that wait at the same time into one transaction, the escrow's `batch`.
 *
 * A call that would be refused in there is left out, and goes by itself. One that is refused all the same, for the chain
 * moved on, leaves the others as they are: so the contract has it.
 */
export class Batches {
  readonly #parts: BatchesParts;
  readonly #waiting = new Map<Address, Waiting[]>();

  constructor(parts: BatchesParts) {
    this.#parts = parts;
  }

  /** Resolves when the call may be on its way. @throws what {@link Parcel.alone} and `carry` throw */
  join(parcel: Parcel): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(parcel.seller);
      if (queue) return void queue.push({ parcel, resolve, reject });
      this.#waiting.set(parcel.seller, [{ parcel, resolve, reject }]);
      void this.#serve(parcel.seller);
    });
  }

  /** While some are sent, others gather. Whatever goes wrong, each is told, and the next ones are served. */
  async #serve(seller: Address): Promise<void> {
    const queue = this.#waiting.get(seller)!;
    while (queue.length > 0) {
      await delay(this.#parts.waitMs);
      const all = queue.splice(0, fitting(queue));
      await this.#send(seller, all).catch((cause: unknown) => {
        for (const { reject } of all) reject(cause);
      });
    }
    this.#waiting.delete(seller);
  }

  async #send(seller: Address, all: readonly Waiting[]): Promise<void> {
    const passing = all.length > 1 ? await this.#passing(all) : [];
    const together = passing.length > 1 ? passing : [];
    const others = all.filter((one) => !together.includes(one));
    const alone = others.map((one) => one.parcel.alone().then(one.resolve, one.reject));
    await Promise.all([...alone, this.#carry(seller, together)]);
  }

  /** Those that the newest block would carry out; none when the node does not say. */
  async #passing(all: readonly Waiting[]): Promise<readonly Waiting[]> {
    try {
      const { chain } = this.#parts;
      const data = await chain.call(chain.escrow, callOf(all));
      const done = decodeFunctionResult({ abi: sessionEscrowAbi, functionName: 'batch', data });
      return all.filter((_, i) => (done >> BigInt(i)) & 1n);
    } catch {
      return [];
    }
  }

  async #carry(seller: Address, all: readonly Waiting[]): Promise<void> {
    const booked = all.filter(isBooked);
    if (booked.length === 0) return;
    const requests = booked.map(({ parcel }) => parcel.request);
    const gas = booked.reduce((sum, { parcel }) => sum + parcel.gas, 0n);
    const call = { operation: batchIdOf(requests), to: this.#parts.chain.escrow, data: callOf(booked), gas };
    try {
      await this.#parts.carry(requests, call, seller);
      for (const { resolve } of booked) resolve();
    } catch (cause) {
      // A full disk refuses this as well: then it stays booked, and the day's gas is less.
      for (const { reject } of booked) reject(cause);
      for (const { parcel } of booked) parcel.book(-parcel.gas);
    }
  }
}

/** How many of those who wait fit into one transaction, from the first one on: one at least. */
function fitting(queue: readonly Waiting[]): number {
  let [count, gas] = [0, 0n];
  for (const { parcel } of queue.slice(0, mostCalls)) {
    gas += parcel.gas;
    if (count > 0 && gas > mostGas) break;
    count += 1;
  }
  return count;
}

/** Whoever has no gas left is told so, and leaves the others. */
function isBooked({ parcel, reject }: Waiting): boolean {
  try {
    parcel.book(parcel.gas);
    return true;
  } catch (cause) {
    reject(cause);
    return false;
  }
}

function callOf(all: readonly Waiting[]): Hex {
  const args = [all.map(({ parcel }) => parcel.data)] as const;
  return encodeFunctionData({ abi: sessionEscrowAbi, functionName: 'batch', args });
}

/** An operation goes into one batch at most, so no other has this name. */
function batchIdOf(requests: readonly Request[]): string {
  const hash = createHash('sha256');
  for (const { id } of requests) hash.update(id);
  return `batch ${hash.digest('hex')}`;
}

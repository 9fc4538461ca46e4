import type { Block } from '../payments/wallet/node-replies.js';
import { RpcError } from '../payments/wallet/rpc.js';
import type { Chain } from '../payments/wallet/session-chain.js';
import type { Address } from '../payments/wallet/typed-data.js';
import type { Log } from '../ports/log.js';
import { Batches } from './batches.js';
import type { NetworkConfig } from './config.js';
import { FacilitatorError } from './error.js';
import { gasOf, higherFee, suggestFee } from './fee.js';
import type { Goal } from './goal.js';
import type { Journal } from './journal.js';
import type { Request, Sent } from './operation.js';
import { Patience } from './patience.js';
import { Shares } from './shares.js';
import type { Call, Fee, Signer } from './signer.js';
import { type Slot, slotsOf } from './slots.js';
import { rehearse } from './smart-wallet.js';

/** What is needed of a goal to send its call. */
type Submitted = Pick<Goal, 'network' | 'request' | 'data' | 'to' | 'seller' | 'joins' | 'runsCode'>;

/** Refuses a call before it is signed, or books its gas. @returns what gives that back */
type Check = (signer: Address, fee: Fee) => Promise<() => void>;

/** How many polls lie between two broadcasts of the same transaction. */
const broadcastEvery = 5;

/**
 * Sends transactions of one network and follows each until it has its confirmations: broadcast again when a node may
 * have forgotten it, replaced by one with a higher fee when it is stuck, taken up again after a reorganisation.
 */
export class Sender {
  readonly #network: string;
  readonly #config: NetworkConfig;
  readonly #chain: Chain;
  readonly #journal: Journal;
  readonly #signers: readonly Signer[];
  readonly #log: Log;
  readonly #waiting = new Set<() => void>();
  readonly #patience: Patience;
  readonly #shares: Shares;
  readonly #batches: Batches;
  #timer: NodeJS.Timeout | undefined;
  #polling = false;
  #polls = 0;
  #isAway = false;
  #closed = false;

  constructor(
    network: string,
    config: NetworkConfig,
    parts: { chain: Chain; journal: Journal; signers: readonly Signer[]; log: Log },
  ) {
    this.#network = network;
    this.#config = config;
    this.#chain = parts.chain;
    this.#journal = parts.journal;
    this.#signers = parts.signers;
    this.#log = parts.log;
    this.#patience = new Patience(config.stuckMs);
    this.#shares = new Shares(config.sellers !== 'any' && config.sellers.length === 1);
    this.#batches = new Batches({
      chain: this.#chain,
      waitMs: config.batchMs,
      carry: (requests, call, seller) => this.#carry(requests, call, seller, async () => () => {}),
    });
    for (const { signer, nonce } of this.#slots()) signer.pending.add(nonce);
    this.#schedule(0);
  }

  /** Transactions that wait to be mined. */
  get pending(): number {
    return this.#signers.reduce((sum, signer) => sum + signer.pending.size, 0);
  }

  isPending(operation: string): boolean {
    const names = [operation, ...this.#journal.batchesOf(operation)];
    return this.#slots().some(({ sent }) => names.includes(sent[0]!.operation));
  }

  /**
   * Signs, journals and broadcasts the call of a goal, by itself or in a batch. When it returns, the transaction may be
   * on its way or not; it is followed from here on. What was in a batch without effect goes by itself.
   * @param book is told how much gas it may need, and may refuse it
   * @throws {@link RpcError} and {@link FacilitatorError} `overloaded`, `refused_by_chain`: nothing was written then.
   */
  async submit(goal: Submitted, book: (gas: bigint) => void): Promise<void> {
    const { request, data, seller, to = this.#chain.escrow } = goal;
    const gas = await gasOf(goal);
    const call = { operation: request.id, to, data, gas };
    const check = async (signer: Address, fee: Fee) => {
      if (goal.runsCode) await rehearse(this.#chain, signer, call, fee);
      book(gas);
      return () => book(-gas);
    };
    const alone = () => this.#carry([request], call, seller, check);
    const joins = goal.joins && this.#journal.batchesOf(request.id).length === 0;
    await (joins ? this.#batches.join({ request, data, seller, gas, book, alone }) : alone());
  }

  /** Resolves after the next look at the chain, at the latest after the time between two polls and one call. */
  async next(): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve);
      this.#schedule(this.#config.pollMs);
    });
  }

  /** After a reorganisation, transactions that the chain has forgotten wait again. */
  async takeBack(): Promise<void> {
    for (const signer of this.#signers) signer.takeBack(await signer.count('latest'));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#wake();
  }

  async #carry(requests: readonly Request[], call: Call, seller: Address, check: Check): Promise<void> {
    const fee = await suggestFee(this.#chain, this.#config.maxFeePerGas);
    this.#shares.claim(call.operation, seller, this.#signers.length * this.#config.maxPending);
    const sent = await this.#send(requests, call, fee, check).catch((cause) => {
      this.#shares.release(call.operation);
      throw cause;
    });
    await this.#broadcast(sent);
    this.#schedule(0);
  }

  async #send(requests: readonly Request[], call: Call, fee: Fee, check: Check): Promise<Sent> {
    const signer = await this.#claim(call.gas * fee.max);
    const undo = await check(signer.address, fee).catch((cause: unknown) => {
      signer.release();
      throw cause;
    });
    return signer.send(requests, call, fee).catch((cause: unknown) => {
      undo();
      throw cause;
    });
  }

  /** A place with the signer that has the least to do and can pay for one more. @param cost in wei */
  async #claim(cost: bigint): Promise<Signer> {
    const poor = new Set<Signer>();
    for (;;) {
      const free = this.#signers.filter((one) => !poor.has(one) && one.load < this.#config.maxPending);
      const signer = free.sort((a, b) => a.load - b.load)[0];
      if (!signer) throw new FacilitatorError('overloaded', 'no signer is free to send a transaction');
      signer.claim();
      const balance = await signer.balance().catch((cause: unknown) => {
        signer.release();
        throw cause;
      });
      if (balance >= cost) return signer;
      signer.release();
      this.#log('warn', `${this.#network}: signer ${signer.address} has too little for gas`);
      poor.add(signer);
    }
  }

  #schedule(ms: number): void {
    if (this.#closed || this.#polling) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#poll(), ms);
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    this.#polls += 1;
    try {
      if (this.pending > 0) await this.#follow(await this.#chain.latest());
      this.#isAway = false;
    } catch (cause) {
      if (!this.#isAway) this.#log('warn', `${this.#network}: ${(cause as Error).message}`);
      this.#isAway = true;
    }
    this.#polling = false;
    this.#wake();
    if (this.pending > 0 || this.#waiting.size > 0) this.#schedule(this.#config.pollMs);
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  async #follow(latest: Block): Promise<void> {
    this.#patience.heard(latest);
    await this.takeBack();
    for (const slot of this.#slots()) await this.#followSlot(slot, latest);
  }

  async #followSlot(slot: Slot, latest: Block): Promise<void> {
    const confirmedAt = latest.number - BigInt(this.#config.confirmations - 1);
    for (const { hash } of slot.sent) {
      const block = (await this.#chain.receipt(hash))?.block;
      if (block !== undefined && block <= confirmedAt) return this.#settle(slot, 'mined');
      if (block !== undefined) return;
    }
    const used = confirmedAt >= 0n && (await slot.signer.count(confirmedAt)) > slot.nonce;
    if (used) return this.#settle(slot, 'lost');
    const newest = slot.sent.at(-1)!;
    if (this.#patience.isStuck(newest.hash)) await this.#replace(slot, newest);
    else if (!this.#patience.knows(newest.hash) || this.#polls % broadcastEvery === 0)
      await this.#broadcast(newest);
  }

  #settle(slot: Slot, state: 'mined' | 'lost'): void {
    this.#journal.settle(slot.sent[0]!, state);
    slot.signer.pending.delete(slot.nonce);
    this.#shares.release(slot.sent[0]!.operation);
    for (const { hash } of slot.sent) this.#patience.forget(hash);
    if (state === 'lost')
      this.#log('warn', `${this.#network}: nonce ${slot.nonce} of ${slot.signer.address} was used by others`);
  }

  async #replace({ signer, nonce }: Slot, stuck: Sent): Promise<void> {
    const fresh = await suggestFee(this.#chain, this.#config.maxFeePerGas);
    const better = higherFee(stuck.raw, fresh, this.#config.maxFeePerGas);
    if (!better) return this.#broadcast(stuck);
    const { call, fee } = better;
    const sent = await signer.signAt(nonce, { ...call, operation: stuck.operation }, fee);
    this.#journal.replace(sent);
    this.#log(
      'info',
      `${this.#network}: nonce ${nonce} of ${signer.address} is sent again with a higher fee`,
    );
    await this.#broadcast(sent);
  }

  /**
   * Whatever the node answers, the journalled transaction is followed: only a receipt or the nonce tells how it ended.
   */
  async #broadcast({ raw, hash }: Sent): Promise<void> {
    this.#patience.sent(hash);
    try {
      await this.#chain.rpc('eth_sendRawTransaction', [raw]);
    } catch (cause) {
      if (!(cause instanceof RpcError)) throw cause;
      this.#log('debug', `${this.#network}: ${hash}: ${cause.message}`);
    }
  }

  #slots(): Slot[] {
    return slotsOf(this.#journal.pending(this.#network), this.#signers);
  }
}

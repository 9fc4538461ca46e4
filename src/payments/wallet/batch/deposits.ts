import type { ChainState, Opened, Outcome } from '../../../domain/deposit-scheme.js';
import type { ChainReader } from '../chain-reader.js';
import type { Block } from '../node-replies.js';
import { confirmed, rejected, unknown } from '../outcome.js';
import type { Submitter } from '../submitter.js';
import { findUse, type Use } from '../token.js';
import { reorgSeconds, skew, untilByBoth } from '../validity.js';
import { collectorAddress } from './channel.js';
import type { BatchContract, ChannelState } from './contract.js';
import { type BatchOrder, depositAuthorization } from './order.js';
import { closedBy } from './settler.js';

export interface DepositParts {
  readonly chain: ChainReader;
  readonly contract: BatchContract;
  readonly submitter: Submitter;
  /** How long before the payer can take the money back the router stops serving, in seconds. */
  readonly margin: number;
  /** The router's wall clock, ms since 1970. */
  readonly wall: () => number;
}

/** Deposits into channels, and what the chain says of them. Calls throw {@link RpcError}. */
export class Deposits {
  readonly #parts: DepositParts;

  constructor(parts: DepositParts) {
    this.#parts = parts;
  }

  /** Brings a deposit onto the chain, if it is not there yet. */
  async open(order: BatchOrder): Promise<Outcome<Opened>> {
    const before = await this.#find(order);
    if (before) return before;
    const { asked, channelConfig, voucher, deposit } = order;
    const payload = { type: 'deposit', channelConfig, voucher, deposit };
    const said = await this.#parts.submitter.submit(submissionOf(order), payload, asked);
    return (await this.#find(order)) ?? said;
  }

  /** Whether the token has moved it, as far as the chain shows now. */
  async isTaken(order: BatchOrder, at?: Block): Promise<boolean> {
    const { from, nonce } = depositAuthorization(order);
    return this.#parts.chain.isAuthorizationUsed(order.channelConfig.token, from, nonce, at);
  }

  /** What has become of a deposit. */
  async look(order: BatchOrder, unitPrice: bigint): Promise<Outcome<ChainState>> {
    const { chain } = this.#parts;
    const latest = await chain.latest();
    const [isTaken, state] = await this.#both(order, latest);
    if (!isTaken) return confirmed({ is: 'gone' });
    if (isEnded(order, state)) return this.#ended(order, state, latest);
    const use = await this.#findUse(order);
    if (!isOurs(order, use)) return use ? confirmed({ is: 'gone' }) : unknown(unseen);
    const opened = await this.#openedBy(order, use, latest);
    const consumed = `${state.totalClaimed / unitPrice}`;
    const confirmations = Number(latest.number - use.block);
    return confirmed({ is: 'open', opened, consumed, confirmations });
  }

  async #find(order: BatchOrder): Promise<Outcome<Opened> | undefined> {
    const { chain, submitter } = this.#parts;
    const latest = await chain.latest();
    const [isTaken, state] = await this.#both(order, latest);
    if (!isTaken) return this.#missing(order, state, latest);
    if (!submitter.mayBeSent(submissionOf(order))) {
      return rejected('nonce_already_used', 'the deposit was made before it was given to us');
    }
    if (isEnded(order, state)) return this.#closed(order);
    const use = await this.#findUse(order);
    if (!use) return unknown(unseen);
    return isOurs(order, use)
      ? confirmed(await this.#openedBy(order, use, latest))
      : rejected('nonce_already_used', 'the authorization was used for another deposit, or cancelled');
  }

  /** The refusal is for good, so a second, later look must show the same: the node may just have replaced a block. */
  async #closed(order: BatchOrder): Promise<Outcome<Opened>> {
    const { contract, chain } = this.#parts;
    const later = await contract.channel(order.voucher.channelId, await chain.latest());
    if (!isEnded(order, later)) return unknown('the node speaks of two blocks at once');
    return rejected('channel_closed', 'the channel does not hold the deposit');
  }

  /** Why a deposit that the chain does not have cannot come any more; undefined while it can. */
  #missing(order: BatchOrder, state: ChannelState, { timestamp }: Block): Outcome<Opened> | undefined {
    if (timestamp > depositAuthorization(order).validBefore + BigInt(reorgSeconds)) {
      return rejected('expired_authorization', 'the deposit was not made in its time');
    }
    if (state.balance + state.totalClaimed + state.refunds === 0n) return undefined;
    const message = 'each purchase needs a channel of its own, with another salt';
    return this.#parts.submitter.mayBeSent(submissionOf(order))
      ? unknown(message)
      : rejected('channel_in_use', message);
  }

  async #ended(
    order: BatchOrder,
    { totalClaimed }: ChannelState,
    latest: Block,
  ): Promise<Outcome<ChainState>> {
    const change = await this.#parts.contract.lastChange(order.voucher.channelId, sinceOf(order));
    // Nothing ever came into the channel: the authorization was cancelled.
    if (!change) return confirmed({ is: 'gone' });
    const closed = closedBy(order, totalClaimed, change.transaction);
    return confirmed({ is: 'closed', closed, confirmations: Number(latest.number - change.block) });
  }

  /** The payer can ask for the money back as soon as it is there, and gets it after the withdraw delay. */
  async #openedBy(
    { channelConfig, voucher }: BatchOrder,
    { transaction, block }: Use,
    latest: Block,
  ): Promise<Opened> {
    const { chain, margin, wall } = this.#parts;
    const { timestamp } = await chain.block(block);
    const ends = Number(timestamp) + channelConfig.withdrawDelay;
    const serveUntil = untilByBoth(ends, latest, wall()) - margin * 1000;
    return { reference: voucher.channelId, transaction, serveUntil, final: false };
  }

  #both(order: BatchOrder, at: Block): Promise<[boolean, ChannelState]> {
    const { contract } = this.#parts;
    return Promise.all([this.isTaken(order, at), contract.channel(order.voucher.channelId, at)]);
  }

  #findUse(order: BatchOrder): Promise<Use | 'cancelled' | undefined> {
    const { from, nonce } = depositAuthorization(order);
    return findUse(this.#parts.chain, order.channelConfig.token, from, nonce, sinceOf(order));
  }
}

const unseen = 'the deposit was made, and the node does not show it';

function submissionOf({ voucher, run }: BatchOrder) {
  return { id: voucher.channelId, run };
}

/** True when a part of the deposit went back to the payer already, or never came. */
function isEnded({ deposit }: BatchOrder, { balance, refunds }: ChannelState): boolean {
  return refunds > 0n || balance < BigInt(deposit.amount);
}

function isOurs({ deposit }: BatchOrder, use: Use | 'cancelled' | undefined): use is Use {
  if (!use || use === 'cancelled') return false;
  return use.to === collectorAddress && `${use.value}` === deposit.amount;
}

function sinceOf({ readAt }: BatchOrder): bigint {
  return BigInt(readAt - skew);
}

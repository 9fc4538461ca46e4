import { sign } from 'viem/accounts';
import type { Closed, Outcome } from '../../../domain/deposit-scheme.js';
import type { ChainReader } from '../chain-reader.js';
import type { Log } from '../node-replies.js';
import { confirmed, type Failed, pending, rejected, unknown } from '../outcome.js';
import type { Submitter } from '../submitter.js';
import type { Hex } from '../typed-data.js';
import { claimDigest, refundDigest, type Voucher } from './channel.js';
import type { BatchContract, ChannelState } from './contract.js';
import type { BatchOrder } from './order.js';

/** The parts that channels are claimed and closed with. */
export interface SettlerParts {
  readonly chain: ChainReader;
  readonly contract: BatchContract;
  readonly submitter: Submitter;
  /** Of the contract's EIP-712 domain. */
  readonly separator: Hex;
  /** Who signs for the receiver of a channel. */
  keyOf(order: BatchOrder): Hex;
  readonly finality: number;
}

/** A channel to claim from or close. Amounts are in the token's smallest unit. */
export interface Settlement {
  readonly order: BatchOrder;
  /** The newest voucher of the payer. */
  readonly voucher: Voucher;
  /** To be claimed in all: no more than the voucher is for. */
  readonly due: bigint;
  /** Unix seconds: the channel is not older. */
  readonly since: bigint;
}

/**
 * Claims what was used of channels, gives the rest back and has the claims paid out.
 *
 * Each step follows from what the contract has now, so whatever is lost on the way is done by the next call: claims are
 * totals, and a refund is signed for one number of refunds, which the contract takes once. Calls throw {@link RpcError}.
 */
export class ChannelSettler {
  readonly #parts: SettlerParts;

  constructor(parts: SettlerParts) {
    this.#parts = parts;
  }

  /** Claims what is due. @returns what is claimed in all */
  async claim(settlement: Settlement): Promise<Outcome<bigint>> {
    const { voucher, due, order } = settlement;
    const isDone = async () => {
      const { totalClaimed } = await this.#parts.contract.channel(voucher.channelId);
      return totalClaimed >= due ? confirmed(totalClaimed) : undefined;
    };
    const before = await isDone();
    if (before) return before;
    const claim = await this.#claimOf(order, voucher, due);
    const said = await this.#parts.submitter.move({ type: 'claim', ...claim }, order.asked);
    return (await isDone()) ?? said;
  }

  /** Claims what is due, gives the rest back, and has it paid out. */
  async finish(settlement: Settlement): Promise<Outcome<Closed>> {
    const { contract } = this.#parts;
    const id = settlement.voucher.channelId;
    let state = await contract.channel(id);
    const said = isCleared(state) ? undefined : await this.#clear(settlement, state);
    if (said) state = await contract.channel(id);
    if (!isCleared(state)) {
      // The token may have blocked the payer, so that the refund fails; the seller is paid nevertheless.
      await this.claim({ ...settlement, due: claimable(settlement.due, state) });
      state = await contract.channel(id);
    }
    const paid = state.totalClaimed > 0n ? await this.#payOut(settlement) : undefined;
    if (said && !isCleared(state)) return said;
    return paid && 'kind' in paid ? paid : this.#closed(settlement, state, paid);
  }

  /** Claim and refund in one transaction, as far as both are to be done. */
  async #clear({ order, voucher, due }: Settlement, state: ChannelState): Promise<Failed> {
    const { separator, submitter } = this.#parts;
    const { balance, totalClaimed, refunds } = state;
    const claimed = claimable(due, state);
    const claim = claimed > totalClaimed ? await this.#claimOf(order, voucher, claimed) : { claims: [] };
    const rest = balance - claimed;
    const { channelConfig, asked } = order;
    if (rest === 0n) return submitter.move({ type: 'claim', ...claim }, asked);
    const digest = refundDigest(separator, voucher.channelId, refunds, rest);
    const refund = {
      amount: `${rest}`,
      refundNonce: `${refunds}`,
      refundAuthorizerSignature: await this.#sign(order, digest),
    };
    return submitter.move({ type: 'refund', channelConfig, voucher, ...refund, ...claim }, asked);
  }

  /** What was claimed stays with the contract until somebody has it paid out. @returns the payout behind the claim */
  async #payOut({ order, voucher, since }: Settlement): Promise<Log | Failed> {
    const { contract, submitter } = this.#parts;
    const { receiver, token } = order.channelConfig;
    const claim = await contract.lastClaim(voucher.channelId, since);
    if (!claim) return unknown('the node does not show the claim');
    const find = async () => {
      const payout = await contract.lastPayout(receiver, token, since);
      return payout && isAfter(payout, claim) ? payout : undefined;
    };
    const before = await find();
    if (before) return before;
    const said = await submitter.move({ type: 'settle', receiver, token }, order.asked);
    return (await find()) ?? said;
  }

  /** The channel counts as closed when its end is final: nobody looks at it again. */
  async #closed(
    { order, voucher, due, since }: Settlement,
    { totalClaimed }: ChannelState,
    payout: Log | undefined,
  ): Promise<Outcome<Closed>> {
    const { chain, contract, finality } = this.#parts;
    const change = await contract.lastChange(voucher.channelId, since);
    if (!change) return unknown('the node does not show how the channel was closed');
    const last = payout && isAfter(payout, change) ? payout : change;
    const confirmations = (await chain.latest()).number - last.block;
    if (confirmations < BigInt(finality)) return pending(`${confirmations} of ${finality} confirmations`);
    if (totalClaimed < due) return rejected('withdrawn_by_payer', 'the payer took back a part of it');
    return confirmed(closedBy(order, totalClaimed, change.transaction));
  }

  async #claimOf(order: BatchOrder, voucher: Voucher, due: bigint): Promise<object> {
    const channel = order.channelConfig;
    const { maxClaimableAmount, signature } = voucher;
    const claims = [{ voucher: { channel, maxClaimableAmount }, signature, totalClaimed: `${due}` }];
    const digest = claimDigest(this.#parts.separator, voucher, due);
    return { claims, claimAuthorizerSignature: await this.#sign(order, digest) };
  }

  #sign(order: BatchOrder, hash: Hex): Promise<Hex> {
    return sign({ hash, privateKey: this.#parts.keyOf(order), to: 'hex' });
  }
}

/** How a channel of this order ended, by what was claimed of it. */
export function closedBy({ deposit }: BatchOrder, totalClaimed: bigint, transaction: Hex): Closed {
  const rest = BigInt(deposit.amount) - totalClaimed;
  return { transaction, sellerAmount: `${totalClaimed}`, buyerRefund: `${rest > 0n ? rest : 0n}` };
}

/** The total that can be claimed. The payer may have taken back a part, and an earlier claim cannot be undone. */
function claimable(due: bigint, { balance, totalClaimed }: ChannelState): bigint {
  const left = due < balance ? due : balance;
  return left > totalClaimed ? left : totalClaimed;
}

/** Nothing is left of it but what was claimed. */
function isCleared({ balance, totalClaimed }: ChannelState): boolean {
  return balance === totalClaimed;
}

function isAfter(a: Log, b: Log): boolean {
  return a.block > b.block || (a.block === b.block && a.index > b.index);
}

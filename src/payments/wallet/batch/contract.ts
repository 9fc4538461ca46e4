import { encodeFunctionData, keccak256, parseAbi, stringToHex } from 'viem/utils';
import type { ChainReader } from '../chain-reader.js';
import type { Block, Log } from '../node-replies.js';
import { RpcError } from '../rpc.js';
import type { Address, Hex } from '../typed-data.js';
import { batchAddress } from './channel.js';

const abi = parseAbi([
  'function channels(bytes32) view returns (uint128 balance, uint128 totalClaimed)',
  'function refundNonce(bytes32) view returns (uint256)',
]);
const topic = (event: string) => keccak256(stringToHex(event));
const claimed = topic('Claimed(bytes32,address,uint128,uint128)');
const settled = topic('Settled(address,address,address,uint128)');
const endings = [
  claimed,
  topic('Refunded(bytes32,address,uint128)'),
  topic('WithdrawFinalized(bytes32,address,uint128)'),
];

/** A channel as the contract has it. Amounts are in the token's smallest unit. */
export interface ChannelState {
  /** Paid in and not given back: what was claimed is part of it. */
  readonly balance: bigint;
  readonly totalClaimed: bigint;
  /** Refunds so far. */
  readonly refunds: bigint;
}

/** The batch-settlement contract of a chain, to be read. Calls throw {@link RpcError}. */
export class BatchContract {
  readonly #chain: ChainReader;

  constructor(chain: ChainReader) {
    this.#chain = chain;
  }

  async channel(id: Hex, at?: Block): Promise<ChannelState> {
    const read = (functionName: 'channels' | 'refundNonce') =>
      this.#chain.call(batchAddress, encodeFunctionData({ abi, functionName, args: [id] }), at);
    const [state, refunds] = await Promise.all([read('channels'), read('refundNonce')]);
    if (state.length !== 130) throw new RpcError('unreachable', 'there is another contract');
    const [balance, totalClaimed] = [state.slice(2, 66), state.slice(66)].map((word) => BigInt(`0x${word}`));
    return { balance: balance!, totalClaimed: totalClaimed!, refunds: BigInt(refunds) };
  }

  /** The newest of a channel's claims, refunds and withdrawals. @param since Unix seconds */
  lastChange(id: Hex, since: bigint): Promise<Log | undefined> {
    return this.#chain.newestLog({ address: batchAddress, topics: [endings, id] }, { since });
  }

  /** The newest claim from a channel. @param since Unix seconds */
  lastClaim(id: Hex, since: bigint): Promise<Log | undefined> {
    return this.#chain.newestLog({ address: batchAddress, topics: [claimed, id] }, { since });
  }

  /** The newest payout of all that a receiver had claimed. @param since Unix seconds */
  lastPayout(receiver: Address, token: Address, since: bigint): Promise<Log | undefined> {
    const topics = [settled, word(receiver), word(token)];
    return this.#chain.newestLog({ address: batchAddress, topics }, { since });
  }
}

function word(account: Address): Hex {
  return `0x${account.slice(2).padStart(64, '0')}`;
}

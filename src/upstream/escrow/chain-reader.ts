import { encodeFunctionData, numberToHex, parseAbi } from 'viem/utils';
import { type Rpc, RpcError } from './rpc.js';
import type { Address, Hex } from './typed-data.js';

const tokenAbi = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function authorizationState(address, bytes32) view returns (bool)',
]);

/** What reads of the same block agree on. */
export interface Block {
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
}

/** An event as the node tells it. */
export interface Log {
  /** The contract, in lower case. */
  readonly address: Address;
  /** The hash of its signature, then the indexed values. */
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly transaction: Hex;
  readonly block: bigint;
  /** Its place in the block. */
  readonly index: number;
}

export interface Receipt {
  readonly ok: boolean;
  readonly block: bigint;
  readonly logs: readonly Log[];
}

/** Events of one contract; undefined in `topics`: whatever is there. */
export interface LogFilter {
  readonly address: Address;
  readonly topics: readonly (Hex | readonly Hex[] | null)[];
}

export interface ChainOptions {
  /** A node of another chain is not believed. */
  readonly chainId: bigint;
  /** Blocks that a node searches for events in one call. @default 10_000 */
  readonly logBlocks?: bigint;
}

/** Windows of blocks that are searched for an event before it is given up. */
const mostWindows = 100;

/**
 * What a chain says, asked of one node. It changes nothing.
 *
 * All calls throw {@link RpcError}: `unreachable` when the node does not answer, `refused` for what it will not do, and
 * when it is of another chain.
 */
export class ChainReader {
  readonly chainId: bigint;
  readonly #rpc: Rpc;
  readonly #logBlocks: bigint;
  #checked: Promise<void> | undefined;

  constructor(rpc: Rpc, { chainId, logBlocks = 10_000n }: ChainOptions) {
    this.#rpc = rpc;
    this.chainId = chainId;
    this.#logBlocks = logBlocks;
  }

  /** Its CAIP-2 name. */
  get network(): `eip155:${bigint}` {
    return `eip155:${this.chainId}`;
  }

  async latest(): Promise<Block> {
    return this.#block('latest');
  }

  async block(number: bigint): Promise<Block> {
    return this.#block(numberToHex(number));
  }

  /** Undefined while the transaction is not mined. */
  receipt(transaction: Hex): Promise<Receipt | undefined> {
    return this.#ask('eth_getTransactionReceipt', [transaction], (raw: RawReceipt | null) =>
      raw
        ? { ok: raw.status === '0x1', block: BigInt(raw.blockNumber), logs: raw.logs.map(logOf) }
        : undefined,
    );
  }

  /** Calls a contract as it is at a block, the newest one when none is given. */
  call(to: Address, data: Hex, at?: Block): Promise<Hex> {
    const params = [{ to, data }, at ? numberToHex(at.number) : 'latest'];
    return this.#ask('eth_call', params, (raw: Hex) => {
      if (/^0x([0-9a-f]{2})+$/i.test(raw)) return raw;
      throw new Error(`there is no such contract as ${to}`);
    });
  }

  /**
   * The newest event that passes the filter, searched back from the newest block.
   * @param since Unix seconds: it is not older than that
   */
  async newestLog(filter: LogFilter, since: bigint): Promise<Log | undefined> {
    let to = (await this.latest()).number;
    for (let window = 0; window < mostWindows; window++) {
      const from = to >= this.#logBlocks ? to - this.#logBlocks + 1n : 0n;
      const range = { ...filter, fromBlock: numberToHex(from), toBlock: numberToHex(to) };
      const newest = await this.#ask('eth_getLogs', [range], (raw: RawLog[]) => raw.map(logOf).at(-1));
      if (newest || from === 0n || (await this.block(from)).timestamp < since) return newest;
      to = from - 1n;
    }
    return undefined;
  }

  async balance(token: Address, account: Address, at?: Block): Promise<bigint> {
    const data = encodeFunctionData({ abi: tokenAbi, functionName: 'balanceOf', args: [account] });
    return BigInt(await this.call(token, data, at));
  }

  /** Whether an EIP-3009 authorization was used or cancelled. */
  async isAuthorizationUsed(token: Address, authorizer: Address, nonce: Hex, at?: Block): Promise<boolean> {
    const args = [authorizer, nonce] as const;
    const data = encodeFunctionData({ abi: tokenAbi, functionName: 'authorizationState', args });
    return BigInt(await this.call(token, data, at)) !== 0n;
  }

  #block(tag: string): Promise<Block> {
    return this.#ask('eth_getBlockByNumber', [tag, false], (raw: { number: Hex; timestamp: Hex }) => ({
      number: BigInt(raw.number),
      timestamp: BigInt(raw.timestamp),
    }));
  }

  async #ask<Raw, T>(method: string, params: readonly unknown[], read: (raw: Raw) => T): Promise<T> {
    await this.#sameChain();
    const raw = await this.#rpc<Raw>(method, params);
    try {
      return read(raw);
    } catch (cause) {
      throw new RpcError('unreachable', `${method}: the node's answer makes no sense`, { cause });
    }
  }

  async #sameChain(): Promise<void> {
    this.#checked ??= this.#check();
    try {
      await this.#checked;
    } catch (cause) {
      this.#checked = undefined;
      throw cause;
    }
  }

  async #check(): Promise<void> {
    const chainId = await this.#rpc<Hex>('eth_chainId');
    if (chainId !== numberToHex(this.chainId))
      throw new RpcError('refused', `the node is of chain ${chainId}`);
  }
}

interface RawLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly transactionHash: Hex;
  readonly blockNumber: Hex;
  readonly logIndex: Hex;
}

interface RawReceipt {
  readonly status: Hex;
  readonly blockNumber: Hex;
  readonly logs: readonly RawLog[];
}

function logOf(raw: RawLog): Log {
  return {
    address: raw.address.toLowerCase() as Address,
    topics: raw.topics,
    data: raw.data,
    transaction: raw.transactionHash,
    block: BigInt(raw.blockNumber),
    index: Number(raw.logIndex),
  };
}

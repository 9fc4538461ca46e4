import { encodeFunctionData, numberToHex, parseAbi } from 'viem/utils';
import {
  type Block,
  blockOf,
  type Log,
  logOf,
  quantityOf,
  type RawBlock,
  type RawLog,
  type RawReceipt,
  type Receipt,
  receiptOf,
} from './node-replies.js';
import { MismatchError } from './place.js';
import { type Rpc, RpcError } from './rpc.js';
import type { Address, Hex } from './typed-data.js';

const tokenAbi = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function authorizationState(address, bytes32) view returns (bool)',
  'function decimals() view returns (uint8)',
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
]);

/** Events of one contract; undefined in `topics`: whatever is there. */
export interface LogFilter {
  readonly address: Address;
  readonly topics: readonly (Hex | readonly Hex[] | null)[];
}

/** How an event is searched for: back from the newest block, one window of blocks after the other. */
export interface Search {
  /** Unix seconds: it is not older than that. */
  readonly since?: bigint;
  /** The newest block, when it is known: the node is not asked for it. */
  readonly latest?: Block;
  /** Windows after which it is given up. @default 100 */
  readonly windows?: number;
  /** What the filter cannot say. */
  readonly is?: (log: Log) => boolean;
}

export interface ChainOptions {
  /** A node of another chain is not believed. */
  readonly chainId: bigint;
  /** Blocks that a node is asked to search for events in one call; fewer where it refuses that. @default 10_000 */
  readonly logBlocks?: bigint;
}

/** Windows of blocks that are searched for an event before it is given up. */
const mostWindows = 100;
/**
 * Calls that a search takes at the most where the node searches fewer blocks at once: for each window, and in all.
 */
const [callsForWindow, mostCalls] = [20, 400];

/**
 * What a chain says, asked of one node. It changes nothing.
 *
 * All calls throw {@link RpcError}: `unreachable` when the node does not answer, `refused` for what it will not do;
 * {@link MismatchError} when it is of another chain.
 */
export class ChainReader {
  readonly chainId: bigint;
  /** Calls the node as it is, whatever chain it is of. */
  readonly rpc: Rpc;
  readonly #logBlocks: bigint;
  /** Blocks that the node searches in one call, as far as is known. */
  #width: bigint;
  readonly #separators = new Map<Address, Hex>();
  #checked: Promise<void> | undefined;

  constructor(rpc: Rpc, { chainId, logBlocks = 10_000n }: ChainOptions) {
    this.rpc = rpc;
    this.chainId = chainId;
    this.#logBlocks = logBlocks;
    this.#width = logBlocks;
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
      raw ? receiptOf(raw) : undefined,
    );
  }

  /** A call of the node that answers with a number. */
  quantity(method: string, params: readonly unknown[] = []): Promise<bigint> {
    return this.#ask(method, params, quantityOf);
  }

  /** Calls a contract as it is at a block, the newest one when none is given. */
  call(to: Address, data: Hex, at?: Block): Promise<Hex> {
    const params = [{ to, data }, at ? numberToHex(at.number) : 'latest'];
    return this.#ask('eth_call', params, (raw: Hex) => {
      if (/^0x([0-9a-f]{2})+$/i.test(raw)) return raw;
      throw new Error(`there is no such contract as ${to}`);
    });
  }

  /** The newest event that passes the filter. */
  async newestLog(filter: LogFilter, search: Search): Promise<Log | undefined> {
    const { since, windows = mostWindows } = search;
    let to = (search.latest ?? (await this.latest())).number;
    const first = to - this.#logBlocks * BigInt(windows);
    const calls = Math.min(windows * callsForWindow, mostCalls);
    for (let call = 0; call < calls && to > first; call++) {
      const { from, newest } = await this.#newestUpTo(filter, to, search.is);
      if (newest || from === 0n) return newest;
      if (since !== undefined && (await this.block(from)).timestamp < since) return undefined;
      to = from - 1n;
    }
    return undefined;
  }

  /**
   * Makes sure that the node gives the events of a contract, and finds out of how many blocks at once: a deposit that
   * it does not show could be taken and never served.
   * @throws {@link RpcError} when it gives none at all
   */
  async findWidth(contract: Address): Promise<void> {
    await this.#newestUpTo({ address: contract, topics: [noTopic] }, (await this.latest()).number);
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

  async decimals(token: Address): Promise<number> {
    const data = encodeFunctionData({ abi: tokenAbi, functionName: 'decimals' });
    return Number(await this.call(token, data));
  }

  /** Of the token's EIP-712 domain, asked for once. */
  async tokenSeparator(token: Address): Promise<Hex> {
    const known = this.#separators.get(token);
    if (known) return known;
    const data = encodeFunctionData({ abi: tokenAbi, functionName: 'DOMAIN_SEPARATOR' });
    const separator = await this.call(token, data);
    this.#separators.set(token, separator);
    return separator;
  }

  async isContract(account: Address): Promise<boolean> {
    return this.#ask('eth_getCode', [account, 'latest'], (code: Hex) => code.length > 2);
  }

  /** Asks the node again of which chain it is, and tokens for their domains, before anything else is asked. */
  protected forget(): void {
    this.#checked = undefined;
    this.#separators.clear();
    this.#width = this.#logBlocks;
  }

  /** Searches the blocks that end with `to`: as many as the node takes in one call. */
  async #newestUpTo(filter: LogFilter, to: bigint, is?: Search['is']) {
    for (let width = this.#width; ; width /= 2n) {
      const from = to >= width ? to - width + 1n : 0n;
      try {
        const newest = await this.#newestOf(filter, from, to, is);
        this.#width = width;
        return { from, newest };
      } catch (cause) {
        if (width === 1n || !isTooMuch(cause)) throw cause;
      }
    }
  }

  #newestOf(filter: LogFilter, from: bigint, to: bigint, is: Search['is']): Promise<Log | undefined> {
    const range = { ...filter, fromBlock: numberToHex(from), toBlock: numberToHex(to) };
    return this.#ask('eth_getLogs', [range], (raw: RawLog[]) => raw.map(logOf).findLast(is ?? (() => true)));
  }

  #block(tag: string): Promise<Block> {
    return this.#ask('eth_getBlockByNumber', [tag, false], (raw: RawBlock) => blockOf(raw));
  }

  async #ask<Raw, T>(method: string, params: readonly unknown[], read: (raw: Raw) => T): Promise<T> {
    await this.#sameChain();
    const raw = await this.rpc<Raw>(method, params);
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
    const chainId = await this.rpc<Hex>('eth_chainId');
    if (chainId !== numberToHex(this.chainId))
      throw new MismatchError(`the node is of chain ${Number(chainId)}`);
  }
}

/** Of no event. */
const noTopic: Hex = `0x${'00'.repeat(32)}`;

/** The node may have refused so many blocks, or what they hold. Providers have no common code for it. */
function isTooMuch(cause: unknown): boolean {
  if (!(cause instanceof RpcError) || cause instanceof MismatchError) return false;
  if (/rate|per second|requests/i.test(cause.message)) return false;
  return (
    cause.code === 'refused' ||
    /range|blocks|results|limit exceeded|too (large|many|wide)/i.test(cause.message)
  );
}

import {
  decodeFunctionResult,
  encodeEventTopics,
  encodeFunctionData,
  numberToHex,
  parseAbi,
  parseEventLogs,
} from 'viem/utils';
import { sessionEscrowAbi } from './abi.js';
import { type ChainPlace, MismatchError } from './place.js';
import { revertOf } from './revert.js';
import { httpRpc, type Rpc, RpcError } from './rpc.js';
import { type Address, domainSeparator, escrowDomain, type Hex } from './typed-data.js';

const tokenAbi = parseAbi([
  'function decimals() view returns (uint8)',
  'function balanceOf(address) view returns (uint256)',
  'function authorizationState(address, bytes32) view returns (bool)',
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
]);

/** Reads of one block agree with each other. */
export interface Block {
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** Wei for a unit of gas. */
  readonly baseFee: bigint;
}

/** A session as the contract stores it, accounts in lower case. Times are Unix seconds. */
export interface ChainSession {
  readonly buyer: Address;
  readonly seller: Address;
  readonly token: Address;
  readonly totalDeposit: bigint;
  readonly pricePerUnit: bigint;
  readonly unitsUsed: bigint;
  readonly expiresAt: bigint;
  readonly closableAt: bigint;
  readonly closed: boolean;
  readonly closeRequested: boolean;
  /** Its number in the contract's `Status`. */
  readonly status: number;
}

/** An event of the escrow, and where it is. */
export interface EscrowEvent {
  readonly eventName: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
}

export interface Receipt {
  readonly ok: boolean;
  readonly blockNumber: bigint;
}

interface RawLog {
  readonly address: Address;
}

/** One network: what the escrow and its tokens say, and nothing that changes them. Calls throw {@link RpcError}. */
export class Chain {
  readonly rpc: Rpc;
  readonly chainId: bigint;
  readonly escrow: Address;
  /** Of the escrow's EIP-712 domain. */
  readonly separator: Hex;
  readonly #place: ChainPlace;
  readonly #tokenSeparators = new Map<Address, Hex>();
  #checked: Promise<void> | undefined;

  constructor(place: ChainPlace) {
    this.rpc = httpRpc(place.rpcUrl, place.rpcTimeoutMs);
    this.chainId = place.chainId;
    this.escrow = place.escrow;
    this.#place = place;
    const domain = { ...escrowDomain, chainId: this.chainId, verifyingContract: place.escrow };
    this.separator = domainSeparator(domain);
  }

  /**
   * Makes sure, once, that the node is of this network, and escrow and tokens are what the configuration says.
   * @throws {@link MismatchError}
   */
  async check(): Promise<void> {
    this.#checked ??= this.#compare();
    try {
      await this.#checked;
    } catch (cause) {
      this.#checked = undefined;
      throw cause;
    }
  }

  /** {@link check}, whatever it said before. */
  checkAgain(): Promise<void> {
    this.#checked = undefined;
    return this.check();
  }

  async latest(): Promise<Block> {
    const block = await this.rpc<{ number: Hex; timestamp: Hex; baseFeePerGas?: Hex }>(
      'eth_getBlockByNumber',
      ['latest', false],
    );
    return {
      number: BigInt(block.number),
      timestamp: BigInt(block.timestamp),
      baseFee: BigInt(block.baseFeePerGas ?? 0),
    };
  }

  /** @returns undefined for an id that the escrow does not know. */
  async session(id: Hex, block: Block): Promise<ChainSession | undefined> {
    try {
      const data = encodeFunctionData({ abi: sessionEscrowAbi, functionName: 'sessionDetails', args: [id] });
      const result = await this.#call(this.escrow, data, block);
      const [session, status] = decodeFunctionResult({
        abi: sessionEscrowAbi,
        functionName: 'sessionDetails',
        data: result,
      });
      const [buyer, seller, token] = [session.buyer, session.seller, session.token].map(lower);
      return { ...session, buyer: buyer!, seller: seller!, token: token!, status };
    } catch (cause) {
      if (revertOf(cause)?.name === 'UnknownSession') return undefined;
      throw cause;
    }
  }

  /** The newest event of this name about a session. `topic`: the second indexed value. */
  async event(name: EventName, sessionId: Hex, latest: Block, topic?: Hex): Promise<EscrowEvent | undefined> {
    const from = latest.number - BigInt(this.#place.logBlocks);
    const filter = {
      address: this.escrow,
      topics: [
        ...encodeEventTopics({ abi: sessionEscrowAbi, eventName: name }),
        sessionId,
        ...(topic === undefined ? [] : [topic]),
      ],
      fromBlock: numberToHex(from < 0n ? 0n : from),
      toBlock: 'latest',
    };
    return this.#events(await this.rpc<RawLog[]>('eth_getLogs', [filter])).at(-1);
  }

  /**
   * The event that must be there, since the escrow's state says so.
   * @throws {@link RpcError} `unreachable` when the node does not have it, or not yet
   */
  async mustFind(name: EventName, sessionId: Hex, latest: Block): Promise<EscrowEvent> {
    const event = await this.event(name, sessionId, latest);
    if (!event) throw new RpcError('unreachable', `the node does not show ${name}`);
    return event;
  }

  /** The block that a transaction is in; undefined while it is not mined. */
  async minedIn(hash: Hex): Promise<bigint | undefined> {
    const receipt = await this.rpc<{ blockNumber: Hex } | null>('eth_getTransactionReceipt', [hash]);
    return receipt ? BigInt(receipt.blockNumber) : undefined;
  }

  /** A transaction's receipt; undefined while it is not mined. */
  async receipt(hash: Hex): Promise<Receipt | undefined> {
    const receipt = await this.rpc<{ status: Hex; blockNumber: Hex } | null>('eth_getTransactionReceipt', [
      hash,
    ]);
    return receipt ? { ok: receipt.status === '0x1', blockNumber: BigInt(receipt.blockNumber) } : undefined;
  }

  async balance(token: Address, account: Address, block: Block): Promise<bigint> {
    const data = encodeFunctionData({ abi: tokenAbi, functionName: 'balanceOf', args: [account] });
    return BigInt(await this.#call(token, data, block));
  }

  /** Whether an EIP-3009 authorization was used or cancelled. */
  async isUsed(token: Address, authorizer: Address, nonce: Hex, block: Block): Promise<boolean> {
    const args = [authorizer, nonce] as const;
    const data = encodeFunctionData({ abi: tokenAbi, functionName: 'authorizationState', args });
    return BigInt(await this.#call(token, data, block)) !== 0n;
  }

  /** Of the token's EIP-712 domain, asked for once. */
  async tokenSeparator(token: Address): Promise<Hex> {
    const known = this.#tokenSeparators.get(token);
    if (known) return known;
    const data = encodeFunctionData({ abi: tokenAbi, functionName: 'DOMAIN_SEPARATOR' });
    const separator = await this.#call(token, data);
    this.#tokenSeparators.set(token, separator);
    return separator;
  }

  async isContract(account: Address): Promise<boolean> {
    return (await this.rpc<Hex>('eth_getCode', [account, 'latest'])).length > 2;
  }

  /** Gas that a call of the escrow needs. @throws {@link RpcError} `refused` for one that would revert. */
  async estimate(from: Address, data: Hex): Promise<bigint> {
    return BigInt(await this.rpc<Hex>('eth_estimateGas', [{ from, to: this.escrow, data }]));
  }

  #events(logs: readonly RawLog[]): EscrowEvent[] {
    const ours = logs.filter((log) => lower(log.address) === this.escrow);
    const parsed = parseEventLogs({ abi: sessionEscrowAbi, logs: ours as never, strict: true });
    return (parsed as unknown as EscrowEvent[]).map((event) => ({
      ...event,
      blockNumber: BigInt(event.blockNumber),
    }));
  }

  #call(to: Address, data: Hex, block?: Block): Promise<Hex> {
    return this.rpc('eth_call', [{ to, data }, block ? numberToHex(block.number) : 'latest']);
  }

  async #compare(): Promise<void> {
    const chainId = BigInt(await this.rpc<Hex>('eth_chainId'));
    if (chainId !== this.chainId) throw new MismatchError(`the node is of chain ${chainId}`);
    const data = encodeFunctionData({ abi: sessionEscrowAbi, functionName: 'DOMAIN_SEPARATOR' });
    const separator = await this.#call(this.escrow, data);
    if (separator !== this.separator) throw new MismatchError(`there is no session escrow at ${this.escrow}`);
    const decimalsCall = encodeFunctionData({ abi: tokenAbi, functionName: 'decimals' });
    for (const [token, { decimals }] of Object.entries(this.#place.tokens)) {
      const said = BigInt(await this.#call(token as Address, decimalsCall));
      if (said !== BigInt(decimals)) throw new MismatchError(`token ${token} has ${said} decimals`);
    }
  }
}

type EventName = 'SessionCreated' | 'UnitsConsumed' | 'CloseRequested' | 'SessionClosed';

function lower(account: Address): Address {
  return account.toLowerCase() as Address;
}

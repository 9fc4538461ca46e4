import { decodeEventLog, decodeFunctionResult, encodeEventTopics, encodeFunctionData } from 'viem/utils';
import { sessionEscrowAbi } from './abi.js';
import { ChainReader } from './chain-reader.js';
import type { Block, Log } from './node-replies.js';
import { type ChainPlace, MismatchError } from './place.js';
import { revertOf } from './revert.js';
import { httpRpc, RpcError } from './rpc.js';
import { type Address, domainSeparator, escrowDomain, type Hex, oldEscrowDomain } from './typed-data.js';

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
  readonly args: Readonly<Record<string, unknown>>;
  readonly transaction: Hex;
  readonly block: bigint;
}

/** The session escrow on its chain: what it and its tokens say, and nothing that changes them. */
export class Chain extends ChainReader {
  readonly escrow: Address;
  /** Of the escrow's EIP-712 domain. */
  readonly separator: Hex;
  readonly #place: ChainPlace;
  #compared: Promise<void> | undefined;

  constructor(place: ChainPlace) {
    const { chainId, escrow } = place;
    const rpc = httpRpc(place.rpcUrl, place.rpcTimeoutMs, place.silent);
    super(rpc, { chainId, logBlocks: BigInt(place.logBlocks) });
    this.escrow = escrow;
    this.#place = place;
    this.separator = this.#separatorOf(escrowDomain);
  }

  /**
   * Makes sure, once, that the node is of this network, and escrow and tokens are what the configuration says.
   * @throws {@link MismatchError}
   */
  async check(): Promise<void> {
    this.#compared ??= this.#compare();
    try {
      await this.#compared;
    } catch (cause) {
      this.#compared = undefined;
      throw cause;
    }
  }

  /** {@link check}, whatever it said before. */
  checkAgain(): Promise<void> {
    this.forget();
    this.#compared = undefined;
    return this.check();
  }

  /** @returns undefined for an id that the escrow does not know. */
  async session(id: Hex, block: Block): Promise<ChainSession | undefined> {
    const call = { abi: sessionEscrowAbi, functionName: 'sessionDetails' } as const;
    try {
      const data = await this.call(this.escrow, encodeFunctionData({ ...call, args: [id] }), block);
      const [session, status] = decodedOf(() => decodeFunctionResult({ ...call, data }));
      const [buyer, seller, token] = [session.buyer, session.seller, session.token].map(lower);
      return { ...session, buyer: buyer!, seller: seller!, token: token!, status };
    } catch (cause) {
      if (revertOf(cause)?.name === 'UnknownSession') return undefined;
      throw cause;
    }
  }

  /**
   * The newest event of this name about a session, as of a block. It is searched for back to the session's beginning,
   * which is an event, too.
   * @param only `nonce`: the event's; `windows`: of blocks in which it is searched for
   */
  async event(
    name: EventName,
    sessionId: Hex,
    latest: Block,
    only: { readonly nonce?: Hex; readonly windows?: number } = {},
  ): Promise<EscrowEvent | undefined> {
    const { nonce, ...depth } = only;
    const [wanted, beginning] = [topicOf(name), topicOf('SessionCreated')];
    const isWanted = ({ topics }: Log) =>
      topics[0] === wanted && (nonce === undefined || topics[2] === nonce);
    const filter = { address: this.escrow, topics: [[wanted, beginning], sessionId] };
    const is = (log: Log) => log.address === this.escrow && (isWanted(log) || log.topics[0] === beginning);
    const log = await this.newestLog(filter, { ...depth, latest, is });
    return log && isWanted(log) ? eventOf(log) : undefined;
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

  /** Gas that a call needs, of the escrow at first. @throws {@link RpcError} `refused` for one that would revert. */
  async estimate(from: Address, data: Hex, to: Address = this.escrow): Promise<bigint> {
    return this.quantity('eth_estimateGas', [{ from, to, data }]);
  }

  #separatorOf(domain: { readonly name: string; readonly version: string }): Hex {
    return domainSeparator({ ...domain, chainId: this.chainId, verifyingContract: this.escrow });
  }

  async #compare(): Promise<void> {
    const nothing = new MismatchError(`there is no session escrow at ${this.escrow}`);
    if (!(await this.isContract(this.escrow))) throw nothing;
    const data = encodeFunctionData({ abi: sessionEscrowAbi, functionName: 'DOMAIN_SEPARATOR' });
    const separator = await this.call(this.escrow, data);
    if (separator === this.#separatorOf(oldEscrowDomain)) throw outdated(this.escrow);
    if (separator !== this.separator) throw nothing;
    for (const [token, { decimals }] of Object.entries(this.#place.tokens)) {
      const said = await this.decimals(token as Address);
      if (said !== decimals) throw new MismatchError(`token ${token} has ${said} decimals`);
    }
  }
}

function outdated(escrow: Address): MismatchError {
  const { version } = escrowDomain;
  const text = `the contract at ${escrow} is of version ${oldEscrowDomain.version}: deploy version ${version}`;
  return new MismatchError(text, 'old_contract');
}

type EventName = 'SessionCreated' | 'UnitsConsumed' | 'CloseRequested' | 'SessionClosed';

function topicOf(eventName: EventName): Hex {
  return encodeEventTopics({ abi: sessionEscrowAbi, eventName })[0]!;
}

/** @throws {@link RpcError} for what cannot be decoded */
function decodedOf<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new RpcError('unreachable', "the escrow's answer makes no sense", { cause });
  }
}

/** @throws {@link RpcError} when it is not one of the escrow's */
function eventOf({ topics, data, transaction, block }: Log): EscrowEvent {
  try {
    const { args } = decodeEventLog({ abi: sessionEscrowAbi, topics: topics as [Hex, ...Hex[]], data });
    return { args: args as EscrowEvent['args'], transaction, block };
  } catch (cause) {
    throw new RpcError('unreachable', 'an event of the escrow makes no sense', { cause });
  }
}

function lower(account: Address): Address {
  return account.toLowerCase() as Address;
}

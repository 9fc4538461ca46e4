import type { Address, Hex } from './typed-data.js';

// What a node answers (Ethereum JSON-RPC), read. What makes no sense throws whatever it throws: the caller says so.

/** What reads of the same block agree on. */
export interface Block {
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** Wei for a unit of gas. */
  readonly baseFee: bigint;
  /** How many there are in it. */
  readonly transactions: number;
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

/** `eth_getBlockByNumber`. */
export interface RawBlock {
  readonly number: Hex;
  readonly timestamp: Hex;
  /** None before EIP-1559. */
  readonly baseFeePerGas?: Hex;
  readonly transactions?: readonly unknown[];
}

/** `eth_getLogs`. */
export interface RawLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly transactionHash: Hex;
  readonly blockNumber: Hex;
  readonly logIndex: Hex;
}

/** `eth_getTransactionReceipt`. */
export interface RawReceipt {
  readonly status: Hex;
  readonly blockNumber: Hex;
  readonly logs: readonly RawLog[];
}

/** A number as nodes write it. @throws Error for anything else */
export function quantityOf(raw: unknown): bigint {
  if (typeof raw === 'string' && /^0x[0-9a-f]{1,64}$/i.test(raw)) return BigInt(raw);
  throw new Error('it is no number');
}

export function blockOf(raw: RawBlock): Block {
  return {
    number: BigInt(raw.number),
    timestamp: BigInt(raw.timestamp),
    baseFee: BigInt(raw.baseFeePerGas ?? 0),
    transactions: raw.transactions?.length ?? 0,
  };
}

export function receiptOf({ status, blockNumber, logs }: RawReceipt): Receipt {
  return { ok: status === '0x1', block: BigInt(blockNumber), logs: logs.map(logOf) };
}

export function logOf(raw: RawLog): Log {
  return {
    address: raw.address.toLowerCase() as Address,
    topics: raw.topics,
    data: raw.data,
    transaction: raw.transactionHash,
    block: BigInt(raw.blockNumber),
    index: Number(raw.logIndex),
  };
}

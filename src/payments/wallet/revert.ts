import { decodeErrorResult } from 'viem/utils';
import { sessionEscrowAbi } from './abi.js';
import { RpcError } from './rpc.js';

/** What a contract said when it refused a call. */
export interface Revert {
  /** Of the escrow's error; `Error` for a text, of a token mostly. */
  readonly name: string;
  readonly text: string;
}

/** Why a call was refused by a contract; undefined for any other failure. */
export function revertOf(cause: unknown): Revert | undefined {
  if (!(cause instanceof RpcError) || cause.code !== 'refused') return undefined;
  if (cause.data === undefined)
    return /revert/i.test(cause.message) ? { name: '', text: 'reverted' } : undefined;
  try {
    const { errorName, args } = decodeErrorResult({ abi: sessionEscrowAbi, data: cause.data });
    return { name: errorName, text: [errorName, ...(args ?? [])].join(' ').slice(0, 200) };
  } catch {
    return { name: '', text: cause.data.slice(0, 10) };
  }
}

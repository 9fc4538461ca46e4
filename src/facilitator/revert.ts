import { decodeErrorResult } from 'viem/utils';
import { sessionEscrowAbi } from '../upstream/escrow/abi.js';
import type { Code } from '../upstream/escrow/codes.js';
import { RpcError } from '../upstream/escrow/rpc.js';
import { FacilitatorError } from './error.js';

/** What a contract said when it refused a call. */
export interface Revert {
  /** Of the escrow's error; `Error` for a text, of a token mostly. */
  readonly name: string;
  readonly text: string;
}

const codeOf: Readonly<Record<string, Code>> = {
  UnknownSession: 'unknown_session',
  AlreadyClosed: 'session_closed',
  AlreadyConsumed: 'stale_units',
  ExceedsDeposit: 'exceeds_deposit',
  BadSignature: 'bad_signature',
  BadTerms: 'bad_terms',
  WrongConsumedAmount: 'wrong_consumed_amount',
  NotClosableYet: 'not_closable_yet',
};

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

/** The reply to a failed call: refused by a contract for good, or a chain that does not answer as it should. */
export function replyTo(cause: unknown): FacilitatorError {
  if (cause instanceof FacilitatorError) return cause;
  const revert = revertOf(cause);
  if (revert) return new FacilitatorError(codeOf[revert.name] ?? 'refused_by_chain', revert.text, { cause });
  if (cause instanceof RpcError)
    return new FacilitatorError('chain_unreachable', 'the chain does not answer', { cause });
  return new FacilitatorError('internal', 'something went wrong here', { cause });
}

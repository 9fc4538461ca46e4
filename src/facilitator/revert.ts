import type { Code } from '../payments/wallet/codes.js';
import { MismatchError } from '../payments/wallet/place.js';
import { revertOf } from '../payments/wallet/revert.js';
import { RpcError } from '../payments/wallet/rpc.js';
import { FacilitatorError } from './error.js';

const codeOf: Readonly<Record<string, Code>> = {
  UnknownSession: 'unknown_session',
  // It was not there a moment ago, by a node that is behind the one that says so: it is found at the next look.
  SessionExists: 'chain_unreachable',
  AlreadyClosed: 'session_closed',
  AlreadyConsumed: 'stale_units',
  ExceedsDeposit: 'exceeds_deposit',
  ExceedsSigned: 'exceeds_signed',
  BadSignature: 'bad_signature',
  BadTerms: 'bad_terms',
  WrongConsumedAmount: 'wrong_consumed_amount',
  NotClosableYet: 'not_closable_yet',
};

/** The reply to a failed call: refused by a contract for good, or a chain that does not answer as it should. */
export function replyTo(cause: unknown): FacilitatorError {
  if (cause instanceof FacilitatorError) return cause;
  if (cause instanceof MismatchError) return new FacilitatorError(cause.word, cause.message, { cause });
  const revert = revertOf(cause);
  if (revert) return new FacilitatorError(codeOf[revert.name] ?? 'refused_by_chain', revert.text, { cause });
  if (cause instanceof RpcError)
    return new FacilitatorError('chain_unreachable', 'the chain does not answer', { cause });
  return new FacilitatorError('internal', 'something went wrong here', { cause });
}

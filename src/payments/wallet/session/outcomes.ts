import type { Outcome } from '../../../domain/deposit-scheme.js';
import type { Said } from '../facilitators.js';
import { RpcError } from '../rpc.js';
import type { Sight } from './sight.js';

/** A session that is not on the chain: rejected when it cannot come any more, or all facilitators refuse it for good. */
export function unopened(said: Said, sight: Extract<Sight, { is: 'gone' }>): Outcome<never> {
  if (sight.isUsed) return refused('nonce_already_used', 'the authorization was used or cancelled');
  if (sight.isExpired) return refused('expired_authorization', 'the authorization has expired unused');
  if (said.is === 'refused') return refused(said.code, said.detail);
  return unfinished(said);
}

/** The outcome of a request whose effect the chain does not show, by what the facilitators answered. */
export function unfinished(said: Said): Outcome<never> {
  if (said.is === 'done') return { kind: 'pending', detail: 'the chain does not show it yet' };
  if (said.is === 'pending') return { kind: 'pending', detail: said.detail };
  const detail = said.is === 'refused' ? `${said.code}: ${said.detail}` : said.detail;
  return { kind: 'unknown', detail };
}

/** It was not done, and will not be. */
export function refused(code: string, message: string): Outcome<never> {
  return { kind: 'rejected', code, message };
}

/** What is wrong when the chain could not be looked at; for people. */
export function troubleOf(cause: unknown): string {
  if (cause instanceof RpcError) return cause.message;
  return `the node's answer cannot be made out: ${(cause as Error).name}`;
}

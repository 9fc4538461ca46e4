import type { PaymentRequirements } from '@x402/core/types';
import type { Outcome } from '../../domain/deposit-scheme.js';
import type { ChainReader } from './chain-reader.js';
import { RpcError } from './rpc.js';

/** An outcome that is not a result. */
export type Failed = Exclude<Outcome<never>, { kind: 'confirmed' }>;

export function confirmed<T>(value: T): Outcome<T> {
  return { kind: 'confirmed', value };
}

export function pending(detail: string): Failed {
  return { kind: 'pending', detail };
}

export function unknown(detail: string): Failed {
  return { kind: 'unknown', detail };
}

export function rejected(code: string, message: string): Failed {
  return { kind: 'rejected', code, message };
}

/**
 * A node that does not answer leaves an outcome unknown; it is no error of the caller. So does one of another chain than
 * what was asked for is on, when that has been configured since.
 */
export async function askingChain<T>(
  { network }: ChainReader,
  asked: PaymentRequirements,
  look: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  if (asked.network !== network)
    return unknown(`it is on ${asked.network}, which is not configured any more`);
  try {
    return await look();
  } catch (cause) {
    if (cause instanceof RpcError) return unknown(cause.message);
    throw cause;
  }
}

import { refuse } from '../domain/refuse.js';

/** The answer to a key that was used for something else. */
export const keyConflict = refuse('key_conflict', 'this idempotency_key was used for another request');

/** Runs work under a key at most once at a time: see {@link once}. */
export type Once = <T>(key: string, digest: string, run: () => Promise<T>) => Promise<T> | undefined;

/**
 * Runs work under a key at most once at a time: a second caller with the same key and digest gets the first
 * one's promise, one with another digest gets undefined. The digest covers what kind of work it is.
 */
export function once(): Once {
  const running = new Map<string, { digest: string; result: Promise<unknown> }>();
  return <T>(key: string, digest: string, run: () => Promise<T>) => {
    const other = running.get(key);
    if (other) return other.digest === digest ? (other.result as Promise<T>) : undefined;
    const result = run().finally(() => running.delete(key));
    running.set(key, { digest, result });
    return result;
  };
}

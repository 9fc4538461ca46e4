/**
 * How a portal writes its clients: plain data, so that it can be sent to a worker.
 *
 * Portals count in thousands of their own kind and cut the rest off.
 */
export interface Dialect {
  readonly name: string;
  readonly bytesPerUnit: 1000 | 1024;
  /** Keys of the counters in a client object; up = from the client. */
  readonly keys: { readonly up: string; readonly down: string };
  /**
   * Keys whose values change whenever the counters begin anew.
   */
  readonly epoch: readonly string[];
  /** A portal that is started anew may have its counters out of a file: they tell nothing of what passed since. */
  readonly remembers: boolean;
}

/** The state in which a client's traffic passes, in both dialects. */
export const openState = 'Authenticated';

/** FNV-1a, 32 bits: where the hash of a value begins. */
export const hashSeed = 0x811c9dc5;
const hashPrime = 0x01000193;

/** Takes one more byte into the hash of a value. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, hashPrime) >>> 0;
}

/** Takes the hash of the next epoch value, in the order of {@link Dialect.epoch}, into the number of the epoch. */
export function mixEpoch(epoch: number, valueHash: number): number {
  return (Math.imul(epoch, 31) + valueHash) >>> 0;
}

/** The epoch of a client whose values, in the order of {@link Dialect.epoch}, are these; they are ASCII. */
export function epochOf(values: readonly string[]): number {
  return values.reduce((epoch, value) => mixEpoch(epoch, hashText(value)), 0);
}

function hashText(text: string): number {
  let hash = hashSeed;
  for (let i = 0; i < text.length; i++) hash = hashByte(hash, text.charCodeAt(i) & 0xff);
  return hash;
}

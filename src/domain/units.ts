/**
 * Numbers that carry their unit in the type, so that KiB never meets KB and seconds never meet milliseconds.
 *
 * Both are safe integers: 2^53 bytes are 9 petabytes.
 */
declare const unit: unique symbol;

/** A count of octets on layer 3. */
export type Bytes = number & { readonly [unit]: 'bytes' };

/** A span of time in milliseconds. */
export type Millis = number & { readonly [unit]: 'millis' };

/** Takes a whole number as bytes: fractions are cut off, what is negative or no number is 0, what is too large saturates. */
export function bytes(n: number): Bytes {
  return whole(n) as Bytes;
}

/** Takes a whole number as milliseconds, by the same rules as {@link bytes}. */
export function millis(n: number): Millis {
  return whole(n) as Millis;
}

/** Seconds, with a fraction or without, as milliseconds. */
export function seconds(n: number): Millis {
  return millis(n * 1000);
}

function whole(n: number): number {
  if (!(n > 0)) return 0;
  return Math.min(Math.trunc(n), Number.MAX_SAFE_INTEGER);
}

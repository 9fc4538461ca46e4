import { createHash } from 'node:crypto';

/** Bytes that cannot be deflated, the same for the same length. */
export function noise(length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${length} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

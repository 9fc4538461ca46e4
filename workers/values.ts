import { hashByte, hashSeed } from '../src/domain/dialect.js';
import { type Cursor, colon } from './cursor.js';

const dot = 0x2e;
/** Digits of the largest safe integer. */
const mostDigits = 16;

/** The span as a whole number; -1 when it is none, or too large to be exact. */
export function integer({ bytes, start, end }: Cursor): number {
  if (end === start || end - start > mostDigits) return -1;
  let n = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    n = n * 10 + digit;
  }
  return Number.isSafeInteger(n) ? n : -1;
}

/** The span as a MAC address, a number below 2^48; -1 when it is none. */
export function mac({ bytes, start, end }: Cursor): number {
  if (end - start !== 17) return -1;
  let n = 0;
  for (let i = 0; i < 17; i++) {
    const byte = bytes[start + i]!;
    if (i % 3 === 2) {
      if (byte !== colon) return -1;
      continue;
    }
    const digit = hexDigit(byte);
    if (digit < 0) return -1;
    n = n * 16 + digit;
  }
  return n;
}

/** The span as an IPv4 address, a number below 2^32; -1 when it is none. */
export function ipv4({ bytes, start, end }: Cursor): number {
  let n = 0;
  let part = -1;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === dot) {
      if (part < 0) return -1;
      n = n * 256 + part;
      part = -1;
      dots += 1;
      continue;
    }
    const digit = byte - 0x30;
    if (digit < 0 || digit > 9) return -1;
    part = Math.max(part, 0) * 10 + digit;
    if (part > 255) return -1;
  }
  return dots === 3 && part >= 0 ? n * 256 + part : -1;
}

/** The hash of the span, for an epoch. */
export function hash({ bytes, start, end }: Cursor): number {
  let h = hashSeed;
  for (let i = start; i < end; i++) h = hashByte(h, bytes[i]!);
  return h;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

import { hashByte, hashSeed } from '../src/domain/dialect.js';
import { type Cursor, colon } from './cursor.js';

const dot = 0x2e;
/** Digits of the largest safe integer. */
const mostDigits = 16;
/** By byte; -1 for what is no digit. */
const hexDigits = tableOfHexDigits();

/**
 * Takes the span as a whole number; -1 when it is none, or too large to be exact.
 *
 * The numbers of this file are put in their place and not returned: a returned one that is not small is an object on
 * the heap.
 */
export function readInteger({ bytes, start, end }: Cursor, into: Float64Array, place: number): void {
  into[place] = -1;
  if (end === start || end - start > mostDigits) return;
  let n = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return;
    n = n * 10 + digit;
  }
  if (Number.isSafeInteger(n)) into[place] = n;
}

/** Takes the span as a MAC address, a number below 2^48; -1 when it is none. */
export function readMac(
  { bytes, start, end }: Pick<Cursor, 'bytes' | 'start' | 'end'>,
  into: { mac: number },
): void {
  into.mac = -1;
  if (end - start !== 17) return;
  let n = 0;
  for (let i = start; i < end; i += 3) {
    const digits = (hexDigits[bytes[i]!]! << 4) | hexDigits[bytes[i + 1]!]!;
    if (digits < 0 || (i + 2 < end && bytes[i + 2] !== colon)) return;
    n = n * 256 + digits;
  }
  into.mac = n;
}

/** Takes the span as an IPv4 address, a number below 2^32; -1 when it is none. */
export function readIpv4({ bytes, start, end }: Cursor, into: { ip: number }): void {
  into.ip = -1;
  let n = 0;
  let part = -1;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === dot) {
      if (part < 0) return;
      n = n * 256 + part;
      part = -1;
      dots += 1;
      continue;
    }
    const digit = byte - 0x30;
    if (digit < 0 || digit > 9) return;
    part = Math.max(part, 0) * 10 + digit;
    if (part > 255) return;
  }
  if (dots === 3 && part >= 0) into.ip = n * 256 + part;
}

/** The hash of the span, for an epoch, as a signed number: those are small. */
export function hash({ bytes, start, end }: Cursor): number {
  let h = hashSeed | 0;
  for (let i = start; i < end; i++) h = hashByte(h, bytes[i]!) | 0;
  return h;
}

function tableOfHexDigits(): Int8Array {
  const digits = new Int8Array(256).fill(-1);
  for (let digit = 0; digit < 16; digit++) {
    const text = digit.toString(16);
    digits[text.charCodeAt(0)] = digits[text.toUpperCase().charCodeAt(0)] = digit;
  }
  return digits;
}

import type { Address, Hex } from './typed-data.js';

// What comes from outside, member by member: undefined for all that is not as it should be. Nothing here throws.

const account = /^0x[0-9a-fA-F]{40}$/;
const word = /^0x[0-9a-fA-F]{64}$/;
const signature = /^0x[0-9a-fA-F]{130}$/;
/** 2^256 has 78 digits. */
const decimal = /^(?:0|[1-9]\d{0,77})$/;

export type Fields = Readonly<Record<string, unknown>>;

/** An object that is no list. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** An account, in lower case. */
export function accountOf(value: unknown): Address | undefined {
  return typeof value === 'string' && account.test(value) ? (value.toLowerCase() as Address) : undefined;
}

/** 32 bytes, in lower case. */
export function wordOf(value: unknown): Hex | undefined {
  return typeof value === 'string' && word.test(value) ? (value.toLowerCase() as Hex) : undefined;
}

/** The 65 bytes of an ECDSA signature, in lower case. */
export function signatureOf(value: unknown): Hex | undefined {
  return typeof value === 'string' && signature.test(value) ? (value.toLowerCase() as Hex) : undefined;
}

/** A whole number below 2^`bits`: a decimal string, or a number that JSON can hold. */
export function uintOf(value: unknown, bits = 256): bigint | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || !decimal.test(text)) return undefined;
  const number = BigInt(text);
  return number < 2n ** BigInt(bits) ? number : undefined;
}

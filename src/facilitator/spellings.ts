import { z } from 'zod';
import type { Address, Hex } from '../payments/wallet/typed-data.js';
import { withoutDeployment } from './smart-wallet.js';

/**
 * What clients may write, and the one form in which everything else has it. The journal hashes that form: a spelling
 * that is added here must not make another operation of a repeat.
 */

const largest = 2n ** 256n - 1n;
const noNumber = { error: 'must be a whole number below 2^256: decimal digits, or 0x and hex digits' };

/**
 * A whole number up to 2^256 - 1: a decimal string, `0x` and hex digits, or a safe integer. Hex digits without `0x` are
 * read as nothing else than decimals, or refused.
 */
export const uint = z
  .union(
    [z.string().regex(/^(?:\d{1,78}|0x[0-9a-fA-F]{1,64})$/, noNumber), z.int(noNumber).min(0, noNumber)],
    noNumber,
  )
  .transform((value) => BigInt(value))
  .refine((value) => value <= largest, noNumber);

/** An account, in lower case. */
export const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase() as Address);

const digitsOfWord = 64;

/** 32 bytes, an id for example, with or without `0x`: their length leaves no other reading. */
export const word = z
  .string()
  .regex(/^(?:0x)?[0-9a-fA-F]{64}$/, 'must be 32 bytes: 64 hex digits, with 0x or without')
  .transform((text): Hex => `0x${text.slice(-digitsOfWord).toLowerCase()}`);

/** 65 bytes of a key, or what a smart wallet calls a signature; what would make the wallet (ERC-6492) is left out. */
export const signature = z
  .string()
  .max(4098)
  .regex(/^0x([0-9a-fA-F]{2})+$/)
  .transform((text) => withoutDeployment(text.toLowerCase() as Hex));

/** What x402 version 1 calls the networks, by the chain's number. */
export const networkNames: ReadonlyMap<string, number> = new Map([
  ['ethereum', 1],
  ['sepolia', 11155111],
  ['base', 8453],
  ['base-sepolia', 84532],
  ['polygon', 137],
  ['polygon-amoy', 80002],
  ['avalanche', 43114],
  ['avalanche-fuji', 43113],
  ['abstract', 2741],
  ['abstract-testnet', 11124],
  ['sei', 1329],
  ['sei-testnet', 1328],
  ['celo', 42220],
  ['iotex', 4689],
  ['peaq', 3338],
  ['story', 1514],
  ['educhain', 41923],
]);

/** A CAIP-2 id, or a name, which is read as its id. */
export const network = z
  .string()
  .transform(idOfNetwork)
  .pipe(
    z.string().regex(/^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/, 'must be a network such as eip155:8453 or base'),
  );

function idOfNetwork(text: string): string {
  const chainId = networkNames.get(text);
  return chainId === undefined ? text : `eip155:${chainId}`;
}

/** A number as 32 bytes. @param value below 2^256 */
export function wordOf(value: bigint): Hex {
  return `0x${value.toString(16).padStart(digitsOfWord, '0')}`;
}

import { encodeAbiParameters, hashStruct, keccak256 } from 'viem';

/** Bytes as `0x` and hex digits. */
export type Hex = `0x${string}`;
/** An account: 20 bytes. */
export type Address = Hex;

/** What a buyer agrees to. Amounts are in the token's smallest unit. */
export interface Terms {
  readonly seller: Address;
  readonly token: Address;
  readonly totalDeposit: bigint;
  readonly pricePerUnit: bigint;
  /** Seconds from the block that creates the session. */
  readonly duration: bigint;
  /** 32 bytes that make the terms unique among the buyer's sessions. */
  readonly salt: Hex;
}

/** EIP-712 types of all that a buyer signs for a session (`SessionEscrow.sol`; EIP-3009). */
export const types = {
  SessionTerms: [
    { name: 'seller', type: 'address' },
    { name: 'token', type: 'address' },
    { name: 'totalDeposit', type: 'uint256' },
    { name: 'pricePerUnit', type: 'uint256' },
    { name: 'duration', type: 'uint256' },
    { name: 'salt', type: 'bytes32' },
  ],
  ReceiveWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
  ConsumeUnits: [
    { name: 'sessionId', type: 'bytes32' },
    { name: 'units', type: 'uint256' },
    { name: 'unitsUsedBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const;

/** The struct hash of the terms: the nonce of the authorization that pays the deposit, so that it pays for these alone. */
export function termsHash(terms: Terms): Hex {
  return hashStruct({ data: { ...terms }, primaryType: 'SessionTerms', types });
}

/** The id that the contract gives to a session of these terms (`sessionIdOf` in `SessionEscrow.sol`). */
export function sessionIdOf(chainId: number, escrow: Address, buyer: Address, terms: Terms): Hex {
  const layout = [
    { type: 'uint256' },
    { type: 'address' },
    { type: 'address' },
    { type: 'address' },
    { type: 'bytes32' },
  ] as const;
  const values = [BigInt(chainId), escrow, buyer, terms.token, termsHash(terms)] as const;
  return keccak256(encodeAbiParameters(layout, values));
}

/** 32 random bytes, for salts and nonces. */
export function randomWord(): Hex {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(32));
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

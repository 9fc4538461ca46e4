import { concatHex, keccak256, stringToHex } from 'viem/utils';

/** Bytes as `0x` and hex digits. */
export type Hex = `0x${string}`;
/** An account: 20 bytes. Compare in lower case only: checksums (ERC-55) are in upper case. */
export type Address = Hex;

/** What a buyer agrees to (`SessionTerms` in ISessionEscrow.sol). Amounts are in the token's smallest unit. */
export interface SessionTerms {
  readonly seller: Address;
  readonly token: Address;
  readonly totalDeposit: bigint;
  readonly pricePerUnit: bigint;
  /** Seconds from the block that creates the session. */
  readonly duration: bigint;
  /** 32 bytes that make the terms unique among the buyer's sessions. */
  readonly salt: Hex;
}

/** The buyer's signed statement that `unitsUsedBefore + units` are used in all. */
export interface ConsumeUnits {
  readonly sessionId: Hex;
  readonly units: bigint;
  readonly unitsUsedBefore: bigint;
  /** 32 bytes; names the signature in the log. */
  readonly nonce: Hex;
}

/** The seller's permission to close a session at this amount. */
export interface CloseSession {
  readonly sessionId: Hex;
  readonly consumedAmount: bigint;
}

/** The seller's permission to charge this total; the session goes on. */
export interface ChargeUnits {
  readonly sessionId: Hex;
  readonly consumedAmount: bigint;
}

/** The message of EIP-3009, `ReceiveWithAuthorization`; times are Unix seconds. */
export interface Authorization {
  readonly from: Address;
  readonly to: Address;
  readonly value: bigint;
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly nonce: Hex;
}

/** EIP-712 types of all that is signed for a session, for wallets. */
export const escrowTypes = {
  SessionTerms: [
    { name: 'seller', type: 'address' },
    { name: 'token', type: 'address' },
    { name: 'totalDeposit', type: 'uint256' },
    { name: 'pricePerUnit', type: 'uint256' },
    { name: 'duration', type: 'uint256' },
    { name: 'salt', type: 'bytes32' },
  ],
  ConsumeUnits: [
    { name: 'sessionId', type: 'bytes32' },
    { name: 'units', type: 'uint256' },
    { name: 'unitsUsedBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
  CloseSession: [
    { name: 'sessionId', type: 'bytes32' },
    { name: 'consumedAmount', type: 'uint256' },
  ],
  ChargeUnits: [
    { name: 'sessionId', type: 'bytes32' },
    { name: 'consumedAmount', type: 'uint256' },
  ],
  RequestClose: [{ name: 'sessionId', type: 'bytes32' }],
  ReceiveWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const;

type Word = bigint | Hex;

const typeHashes = Object.fromEntries(
  Object.entries(escrowTypes).map(([name, fields]) => {
    const list = fields.map((field) => `${field.type} ${field.name}`).join(',');
    return [name, keccak256(stringToHex(`${name}(${list})`))];
  }),
) as Readonly<Record<keyof typeof escrowTypes, Hex>>;

const domainTypeHash = keccak256(
  stringToHex('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
);

/** Name and version of the escrow's EIP-712 domain. */
export const escrowDomain = { name: 'SessionEscrow', version: '2' } as const;
/** That of contracts before `version()`: there, anybody could have all charged that a buyer had signed. */
export const oldEscrowDomain = { ...escrowDomain, version: '1' } as const;

/** The separator of an EIP-712 domain: compute it once and keep it, for digests then cost microseconds. */
export function domainSeparator(domain: {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  readonly verifyingContract: Address;
}): Hex {
  const { name, version, chainId, verifyingContract } = domain;
  const [nameHash, versionHash] = [keccak256(stringToHex(name)), keccak256(stringToHex(version))];
  return hashWords(domainTypeHash, nameHash, versionHash, chainId, verifyingContract);
}

/** The struct hash of the terms: the nonce of the authorization that pays the deposit. */
export function termsHash(terms: SessionTerms): Hex {
  const { seller, token, totalDeposit, pricePerUnit, duration, salt } = terms;
  return hashWords(typeHashes.SessionTerms, seller, token, totalDeposit, pricePerUnit, duration, salt);
}

/** The id that the escrow gives to a session of these terms (`sessionIdOf` in SessionEscrow.sol). */
export function sessionIdOf(chainId: bigint, escrow: Address, buyer: Address, terms: SessionTerms): Hex {
  return hashWords(chainId, escrow, buyer, terms.token, termsHash(terms));
}

/** What the buyer signs, in the escrow's domain. */
export function consumeDigest(separator: Hex, message: ConsumeUnits): Hex {
  const { sessionId, units, unitsUsedBefore, nonce } = message;
  return digest(separator, hashWords(typeHashes.ConsumeUnits, sessionId, units, unitsUsedBefore, nonce));
}

/** What the seller signs to have a session closed, in the escrow's domain. */
export function closeDigest(separator: Hex, message: CloseSession): Hex {
  return digest(separator, hashWords(typeHashes.CloseSession, message.sessionId, message.consumedAmount));
}

/** What the seller signs to be paid a part, in the escrow's domain. Nobody can close with it. */
export function chargeDigest(separator: Hex, message: ChargeUnits): Hex {
  return digest(separator, hashWords(typeHashes.ChargeUnits, message.sessionId, message.consumedAmount));
}

/** What a buyer signs who wants to close, in the escrow's domain. */
export function requestCloseDigest(separator: Hex, sessionId: Hex): Hex {
  return digest(separator, hashWords(typeHashes.RequestClose, sessionId));
}

/** What the buyer signs for the deposit, in the token's domain. */
export function authorizationDigest(separator: Hex, message: Authorization): Hex {
  const { from, to, value, validAfter, validBefore, nonce } = message;
  const type = typeHashes.ReceiveWithAuthorization;
  return digest(separator, hashWords(type, from, to, value, validAfter, validBefore, nonce));
}

/** The digest of a message that is signed: EIP-712 `"\x19\x01" ‖ domainSeparator ‖ hashStruct(message)`, hashed. */
export function digest(separator: Hex, structHash: Hex): Hex {
  return keccak256(concatHex(['0x1901', separator, structHash]));
}

/** `abi.encode` of static values, hashed: each is one word, numbers and accounts to the right. */
export function hashWords(...words: Word[]): Hex {
  let encoded = '0x';
  for (const word of words)
    encoded += (typeof word === 'bigint' ? word.toString(16) : word.slice(2)).padStart(64, '0');
  return keccak256(encoded as Hex);
}

import { keccak256, stringToHex } from 'viem/utils';
import { type Address, digest, domainSeparator, type Hex, hashWords } from '../typed-data.js';

/** The batch-settlement contract, at the same address on every chain (x402 `batch-settlement`). */
export const batchAddress: Address = '0x4020074e9df2ce1dee5a9c1b5c3f541d02a10003';
/** It pulls deposits by EIP-3009: the payee of the wallet's authorization. */
export const collectorAddress: Address = '0x4020806089470a89826cb9fb1f4059150b550004';

/** What the contract allows for {@link Channel.withdrawDelay}. */
export const [leastDelay, longestDelay] = [900, 2_592_000];

/** A channel's terms (`ChannelConfig`), as they go over the wire; accounts in lower case. */
export interface Channel {
  readonly payer: Address;
  /** The account whose key signs vouchers: the payer's, or another that the payer chose. */
  readonly payerAuthorizer: Address;
  readonly receiver: Address;
  /** Who signs claims and refunds for the receiver. */
  readonly receiverAuthorizer: Address;
  readonly token: Address;
  /** Seconds that payers wait when they take their money back without the receiver's help. */
  readonly withdrawDelay: number;
  readonly salt: Hex;
}

/** The payer's signed permission to claim a total from a channel. */
export interface Voucher {
  readonly channelId: Hex;
  /** A decimal string, in the token's smallest unit. */
  readonly maxClaimableAmount: string;
  readonly signature: Hex;
}

const channelType = typeHash(
  'ChannelConfig(address payer,address payerAuthorizer,address receiver,address receiverAuthorizer,address token,uint40 withdrawDelay,bytes32 salt)',
);
const voucherType = typeHash('Voucher(bytes32 channelId,uint128 maxClaimableAmount)');
const refundType = typeHash('Refund(bytes32 channelId,uint256 nonce,uint128 amount)');
const entry = 'ClaimEntry(bytes32 channelId,uint128 maxClaimableAmount,uint128 totalClaimed)';
const entryType = typeHash(entry);
const batchType = typeHash(`ClaimBatch(ClaimEntry[] claims)${entry}`);

/** The separator of the contract's EIP-712 domain on a chain. */
export function batchSeparator(chainId: bigint): Hex {
  return domainSeparator({
    name: 'x402 Batch Settlement',
    version: '1',
    chainId,
    verifyingContract: batchAddress,
  });
}

/** A channel's id: the digest of its terms. */
export function channelIdOf(separator: Hex, channel: Channel): Hex {
  const { payer, payerAuthorizer, receiver, receiverAuthorizer, token, withdrawDelay, salt } = channel;
  const accounts = [payer, payerAuthorizer, receiver, receiverAuthorizer, token];
  return digest(separator, hashWords(channelType, ...accounts, BigInt(withdrawDelay), salt));
}

/** What the payer signs. */
export function voucherDigest(separator: Hex, channelId: Hex, maxClaimableAmount: bigint): Hex {
  return digest(separator, hashWords(voucherType, channelId, maxClaimableAmount));
}

/** What the receiver's key signs for `amount` to go back, `nonce` being the number of refunds so far. */
export function refundDigest(separator: Hex, channelId: Hex, nonce: bigint, amount: bigint): Hex {
  return digest(separator, hashWords(refundType, channelId, nonce, amount));
}

/** What the receiver's key signs for a claim of `totalClaimed` in all, under one voucher. */
export function claimDigest(
  separator: Hex,
  { channelId, maxClaimableAmount }: Voucher,
  totalClaimed: bigint,
): Hex {
  const claim = hashWords(entryType, channelId, BigInt(maxClaimableAmount), totalClaimed);
  return digest(separator, hashWords(batchType, hashWords(claim)));
}

/** The nonce of the authorization that pays a deposit: it is for this channel and no other. */
export function depositNonce(channelId: Hex, salt: Hex): Hex {
  return hashWords(channelId, salt);
}

function typeHash(type: string): Hex {
  return keccak256(stringToHex(type));
}

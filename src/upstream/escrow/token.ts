import { decodeFunctionResult, encodeFunctionData, keccak256, parseAbi, stringToHex } from 'viem/utils';
import type { ChainReader, Log } from './chain-reader.js';
import {
  type Address,
  type Authorization,
  digest,
  domainSeparator,
  type Hex,
  hashWords,
} from './typed-data.js';

/** A token that deposits are paid in: one with EIP-3009, such as USDC. */
export interface Token {
  readonly address: Address;
  /** Name and version of its EIP-712 domain. */
  readonly name: string;
  readonly version: string;
  /** Its code in prices, `USDC`. */
  readonly currency: string;
  readonly decimals: number;
}

/** An authorization that was used, and what was moved by it. */
export interface Use {
  readonly transaction: Hex;
  readonly block: bigint;
  readonly to: Address;
  readonly value: bigint;
}

const abi = parseAbi([
  'function name() view returns (string)',
  'function version() view returns (string)',
  'function decimals() view returns (uint8)',
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
]);
const transferType = keccak256(
  stringToHex(
    'TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)',
  ),
);
const used = keccak256(stringToHex('AuthorizationUsed(address,bytes32)'));
const cancelled = keccak256(stringToHex('AuthorizationCanceled(address,bytes32)'));
const transfer = keccak256(stringToHex('Transfer(address,address,uint256)'));

/** The separator of the token's EIP-712 domain. */
export function tokenSeparator({ address, name, version }: Token, chainId: bigint): Hex {
  return domainSeparator({ name, version, chainId, verifyingContract: address });
}

/** What the payer signs so that anybody may move his tokens (EIP-3009 `TransferWithAuthorization`). */
export function transferDigest(separator: Hex, message: Authorization): Hex {
  const { from, to, value, validAfter, validBefore, nonce } = message;
  return digest(separator, hashWords(transferType, from, to, value, validAfter, validBefore, nonce));
}

/**
 * What an authorization was used for, or undefined when the node does not show it. `to` and `value` are of the transfer
 * that follows upon its use: another one of the same transaction may belong to another authorization.
 * @param since Unix seconds: it was not used before
 * @throws {@link RpcError}
 */
export async function findUse(
  chain: ChainReader,
  token: Address,
  from: Address,
  nonce: Hex,
  since: bigint,
): Promise<Use | 'cancelled' | undefined> {
  const topics = [[used, cancelled], word(from), nonce];
  const log = await chain.newestLog({ address: token, topics }, since);
  if (!log) return undefined;
  if (log.topics[0] === cancelled) return 'cancelled';
  const receipt = await chain.receipt(log.transaction);
  if (!receipt?.ok) return undefined;
  const own = receipt.logs.filter(({ address }) => address === token);
  const moved = own[own.findIndex(({ index }) => index === log.index) + 1];
  if (moved?.topics[0] !== transfer || moved.topics[1] !== word(from)) return undefined;
  return { transaction: log.transaction, block: log.block, to: accountIn(moved), value: BigInt(moved.data) };
}

/**
 * Asks a token for its EIP-712 domain and decimals, so that they need not be configured.
 * @throws {@link RpcError}; `Error` when the contract's separator is not of this domain
 */
export async function readToken(chain: ChainReader, address: Address, currency: string): Promise<Token> {
  const text = async (functionName: 'name' | 'version') =>
    decodeFunctionResult({
      abi,
      functionName,
      data: await chain.call(address, encodeFunctionData({ abi, functionName })),
    });
  const number = async (functionName: 'decimals' | 'DOMAIN_SEPARATOR') =>
    BigInt(await chain.call(address, encodeFunctionData({ abi, functionName })));
  const [name, version] = [await text('name'), await text('version')];
  const token = { address, name, version, currency, decimals: Number(await number('decimals')) };
  const separator = await number('DOMAIN_SEPARATOR');
  if (separator === BigInt(tokenSeparator(token, chain.chainId))) return token;
  throw new Error(`the token's EIP-712 domain is not '${name}' '${version}'`);
}

function word(account: Address): Hex {
  return `0x${account.slice(2).padStart(64, '0')}`;
}

/** The second indexed value of a transfer. */
function accountIn({ topics }: Log): Address {
  return `0x${(topics[2] ?? '').slice(-40)}`;
}

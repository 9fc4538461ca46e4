import { decodeFunctionResult, encodeFunctionData, keccak256, parseAbi, stringToHex } from 'viem/utils';
import type { ChainReader } from './chain-reader.js';
import type { Log } from './node-replies.js';
import { MismatchError } from './place.js';
import { RpcError } from './rpc.js';
import {
  type Address,
  type Authorization,
  digest,
  domainSeparator,
  type Hex,
  hashWords,
} from './typed-data.js';

/** A token's EIP-712 domain (x402: `extra.name`, `extra.version`). */
export interface TokenDomain {
  readonly name: string;
  readonly version: string;
}

/** A token that deposits are paid in: one with EIP-3009, such as USDC. */
export interface Token extends TokenDomain {
  readonly address: Address;
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

const abi = parseAbi(['function name() view returns (string)', 'function version() view returns (string)']);
const transferType = keccak256(
  stringToHex(
    'TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)',
  ),
);
const used = keccak256(stringToHex('AuthorizationUsed(address,bytes32)'));
const cancelled = keccak256(stringToHex('AuthorizationCanceled(address,bytes32)'));
const transfer = keccak256(stringToHex('Transfer(address,address,uint256)'));

/** The separator of the token's EIP-712 domain. */
export function tokenSeparator(
  { address, name, version }: Pick<Token, 'address' | 'name' | 'version'>,
  chainId: bigint,
): Hex {
  return domainSeparator({ name, version, chainId, verifyingContract: address });
}

/** What payers sign so that anybody may move their tokens (EIP-3009 `TransferWithAuthorization`). */
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
  const log = await chain.newestLog({ address: token, topics }, { since });
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
 * The domain in which deposits are signed: what is not known is asked of the token, and the token must agree.
 * @throws {@link MismatchError} when its separator is another one; `RpcError`
 */
export async function readDomain(
  chain: ChainReader,
  address: Address,
  known: Partial<TokenDomain> = {},
): Promise<TokenDomain> {
  const name = known.name ?? (await ask(chain, address, 'name'));
  const version = known.version ?? (await ask(chain, address, 'version'));
  const separator = tokenSeparator({ address, name, version }, chain.chainId);
  if (separator === (await chain.tokenSeparator(address))) return { name, version };
  throw new MismatchError(`the EIP-712 domain of token ${address} is not '${name}', '${version}'`);
}

/**
 * Asks a token for its decimals and for what is not known of its domain. Throws as {@link readDomain} does.
 * @param known of the domain: the token is not asked for it
 */
export async function readToken(
  chain: ChainReader,
  address: Address,
  currency: string,
  known?: Partial<TokenDomain>,
): Promise<Token> {
  const domain = await readDomain(chain, address, known);
  return { address, ...domain, currency, decimals: await chain.decimals(address) };
}

async function ask(chain: ChainReader, token: Address, functionName: 'name' | 'version'): Promise<string> {
  const data = await chain.call(token, encodeFunctionData({ abi, functionName }));
  try {
    return decodeFunctionResult({ abi, functionName, data });
  } catch (cause) {
    throw new RpcError('unreachable', `the ${functionName} of token ${token} makes no sense`, { cause });
  }
}

function word(account: Address): Hex {
  return `0x${account.slice(2).padStart(64, '0')}`;
}

/** The second indexed value of a transfer. */
function accountIn({ topics }: Log): Address {
  return `0x${(topics[2] ?? '').slice(-40)}`;
}

import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem/utils';
import { MismatchError } from '../place.js';
import type { Chain } from '../session-chain.js';
import { type Address, domainSeparator, type Hex } from '../typed-data.js';

const namesAbi = parseAbi([
  'function name() view returns (string)',
  'function version() view returns (string)',
]);

/** A token's EIP-712 domain (x402: `extra.name`, `extra.version`). */
export interface TokenDomain {
  readonly name: string;
  readonly version: string;
}

/**
 * The domain in which deposits are signed: what is not configured is asked of the token, and the token must agree.
 * @throws {@link MismatchError} when its separator is another one; `RpcError`
 */
export async function tokenDomain(
  chain: Chain,
  token: Address,
  known: Partial<TokenDomain>,
): Promise<TokenDomain> {
  const name = known.name ?? (await ask(chain, token, 'name'));
  const version = known.version ?? (await ask(chain, token, 'version'));
  const separator = domainSeparator({ name, version, chainId: chain.chainId, verifyingContract: token });
  if (separator === (await chain.tokenSeparator(token))) return { name, version };
  throw new MismatchError(`the EIP-712 domain of token ${token} is not '${name}', '${version}'`);
}

async function ask(chain: Chain, token: Address, functionName: 'name' | 'version'): Promise<string> {
  const call = { to: token, data: encodeFunctionData({ abi: namesAbi, functionName }) };
  const data = await chain.rpc<Hex>('eth_call', [call, 'latest']);
  return decodeFunctionResult({ abi: namesAbi, functionName, data });
}

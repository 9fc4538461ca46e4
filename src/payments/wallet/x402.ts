import type { Clock } from '../../ports/clock.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import { BatchBackend } from './batch/backend.js';
import { ChainReader } from './chain-reader.js';
import { ExactBackend } from './exact/backend.js';
import { FacilitatorClient } from './facilitator-client.js';
import { httpRpc } from './rpc.js';
import type { EscrowConfig } from './section.js';
import { readToken } from './token.js';
import type { Address, Hex } from './typed-data.js';

/**
 * The deposit schemes that any facilitator of x402 serves, as configured. They ask the node for what they need to know
 * of the token.
 * @throws Error when the node does not answer, or token and configuration differ
 */
export async function x402Backends(
  config: EscrowConfig,
  callLimitMs: number,
  clock: Clock,
): Promise<DepositScheme[]> {
  const { methods, x402Facilitators, chainId, rpc, currency, decimals, payTo, confirmations, key } = config;
  const chain = new ChainReader(httpRpc(rpc, callLimitMs), { chainId: BigInt(chainId) });
  const token = await readToken(chain, config.token as Address, currency, config.tokenDomain);
  await chain.findWidth(token.address);
  if (token.decimals !== decimals) {
    throw new Error(`the token has ${token.decimals} decimals, and ${decimals} are configured`);
  }
  const facilitator = new FacilitatorClient(x402Facilitators.map((url) => ({ url })));
  const common = {
    ...{ chain, facilitator, token, finality: confirmations },
    payTo: payTo as Address,
    now: clock.wall,
  };
  const backends: DepositScheme[] = [];
  if (methods.includes('x402-exact')) backends.push(new ExactBackend(common));
  if (methods.includes('x402-batch')) {
    const marginSeconds = Math.floor(config.margin / 1000);
    const withdrawDelaySeconds = Math.floor(config.duration / 1000);
    backends.push(new BatchBackend({ ...common, key: key as Hex, marginSeconds, withdrawDelaySeconds }));
  }
  return backends;
}

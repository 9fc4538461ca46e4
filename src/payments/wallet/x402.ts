import type { Clock } from '../../ports/clock.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import { BatchBackend } from './batch/backend.js';
import { ChainReader } from './chain-reader.js';
import { ExactBackend } from './exact/backend.js';
import type { FacilitatorClient } from './facilitator-client.js';
import type { Ready } from './readiness.js';
import type { Rpc } from './rpc.js';
import type { EscrowConfig } from './section.js';
import { readToken } from './token.js';
import type { Address, Hex } from './typed-data.js';

/** Whom these schemes ask. */
export interface X402Parts {
  readonly rpc: Rpc;
  readonly facilitator: FacilitatorClient;
  readonly readiness: Ready;
  readonly clock: Clock;
}

/**
 * The deposit schemes that any facilitator of x402 serves, as configured. They ask the node for what they need to know
 * of the token.
 * @throws Error when the node does not answer, or token and configuration differ
 */
export async function x402Backends(
  config: EscrowConfig,
  { rpc, facilitator, readiness, clock }: X402Parts,
): Promise<DepositScheme[]> {
  const { methods, chainId, currency, decimals, payTo, confirmations, key } = config;
  const chain = new ChainReader(rpc, { chainId: BigInt(chainId) });
  const token = await readToken(chain, config.token as Address, currency, config.tokenDomain);
  await chain.findWidth(token.address);
  if (token.decimals !== decimals) {
    throw new Error(`the token has ${token.decimals} decimals, and ${decimals} are configured`);
  }
  const common = {
    ...{ chain, facilitator, token, finality: confirmations, readiness },
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

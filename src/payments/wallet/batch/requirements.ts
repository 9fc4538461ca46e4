import type { PaymentRequirements } from '@x402/core/types';
import type { Wares } from '../../../domain/deposit-scheme.js';
import { present } from '../../../domain/present.js';
import type { Authorizer } from './authorizers.js';
import type { BatchOptions } from './options.js';

/** What a wallet needs to know to pay into a channel: x402 v2 payment requirements. */
export function requirementsOf(
  { chain, token, payTo, withdrawDelaySeconds, maxTimeoutSeconds = 300 }: BatchOptions,
  { units, unitPrice, description }: Wares,
  { address, mark }: Authorizer,
): PaymentRequirements {
  return {
    scheme: 'batch-settlement',
    network: chain.network,
    asset: token.address,
    amount: `${units * unitPrice}`,
    payTo,
    maxTimeoutSeconds,
    extra: {
      name: token.name,
      version: token.version,
      assetTransferMethod: 'eip3009',
      receiverAuthorizer: address,
      ...present({ authorizerMark: mark }),
      withdrawDelay: withdrawDelaySeconds,
      minDeposit: `${units * unitPrice}`,
      description,
    },
  };
}

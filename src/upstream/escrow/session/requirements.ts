import type { Wares } from '../../../domain/settlement.js';
import { escrowDomain } from '../typed-data.js';
import type { Offer } from './payment.js';
import type { TokenDomain } from './token-domain.js';

/** Seconds for which a wallet should let its authorization be good: long enough to outlast a reorganisation. */
const maxTimeoutSeconds = 3600;

/**
 * What a wallet needs to pay for these wares: x402 v2 payment requirements of the scheme `session`. In `extra` are the
 * terms to sign, and both EIP-712 domains: `name` and `version` are the token's, as in the scheme `exact`.
 */
export function requirementsOf(wares: Wares, offer: Offer, token: TokenDomain | undefined): object {
  const { units, unitPrice, description } = wares;
  return {
    scheme: 'session',
    network: offer.network,
    asset: offer.token,
    amount: `${units * unitPrice}`,
    payTo: offer.escrow,
    maxTimeoutSeconds,
    extra: {
      ...token,
      assetTransferMethod: 'eip3009-receive',
      type: 'prepaid',
      seller: offer.seller,
      pricePerUnit: `${unitPrice}`,
      maxUnits: `${units}`,
      duration: `${offer.duration}`,
      description,
      escrow: {
        ...escrowDomain,
        chainId: Number(offer.chainId),
        verifyingContract: offer.escrow,
      },
    },
  };
}

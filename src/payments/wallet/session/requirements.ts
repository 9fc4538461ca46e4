import type { Wares } from '../../../domain/deposit-scheme.js';
import type { TokenDomain } from '../token.js';
import { type Address, escrowDomain } from '../typed-data.js';
import type { Offer } from './payment.js';

/** Seconds for which a wallet should let its authorization be good: long enough to outlast a reorganisation. */
const maxTimeoutSeconds = 3600;

/** x402 v2 payment requirements of the scheme `session`. Amounts and units are decimal strings. */
export interface SessionRequirements {
  readonly scheme: 'session';
  /** CAIP-2. */
  readonly network: string;
  readonly asset: Address;
  /** The deposit. */
  readonly amount: string;
  /** The escrow: the payee of the authorization. */
  readonly payTo: Address;
  readonly maxTimeoutSeconds: number;
  /** The terms to sign, and both EIP-712 domains: `name` and `version` are the token's, as in the scheme `exact`. */
  readonly extra: Partial<TokenDomain> & {
    readonly assetTransferMethod: 'eip3009-receive';
    readonly type: 'prepaid';
    readonly seller: Address;
    readonly pricePerUnit: string;
    readonly maxUnits: string;
    /** Seconds. */
    readonly duration: string;
    readonly description: string;
    readonly escrow: typeof escrowDomain & { readonly chainId: number; readonly verifyingContract: Address };
  };
}

/** What a wallet needs to pay for these wares. */
export function requirementsOf(
  wares: Wares,
  offer: Offer,
  token: TokenDomain | undefined,
): SessionRequirements {
  const { units, unitPrice, description } = wares;
  const { chainId, escrow } = offer;
  return {
    scheme: 'session',
    network: offer.network,
    asset: offer.token,
    amount: `${units * unitPrice}`,
    payTo: escrow,
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
      escrow: { ...escrowDomain, chainId: Number(chainId), verifyingContract: escrow },
    },
  };
}

// A payment of x402's scheme exact, made by the package's own wallet.
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { privateKeyToAccount } from 'viem/accounts';
import { keyOf } from '../../packages/simulators/anvil.js';
import { type Scene, tokenDomain } from '../contracts/scene.js';
import { payWith } from '../payments/wallet/x402/room.js';
import { network } from './shop.js';

export const buyer = privateKeyToAccount(keyOf(1));

/** The body of a request: a price for the seller, paid by the package's own wallet. */
export async function paymentFor(
  scene: Scene,
  price: bigint,
  change: Partial<PaymentRequirements> = {},
): Promise<Payment> {
  const paymentRequirements: PaymentRequirements = {
    scheme: 'exact',
    network,
    asset: scene.token.address,
    amount: `${price}`,
    payTo: scene.seller.address,
    maxTimeoutSeconds: 600,
    extra: { ...tokenDomain },
    ...change,
  };
  const paymentPayload = await payWith(buyer, paymentRequirements);
  return { x402Version: 2, paymentPayload, paymentRequirements };
}

/** The body of a request of x402. */
export interface Payment {
  readonly x402Version: 2;
  readonly paymentPayload: PaymentPayload;
  readonly paymentRequirements: PaymentRequirements;
}

export interface Signed {
  authorization: Record<'from' | 'to' | 'value' | 'validAfter' | 'validBefore' | 'nonce', string>;
  signature: string;
}

/** What the buyer signed. */
export function signedIn({ paymentPayload }: Payment): Signed {
  return paymentPayload.payload as unknown as Signed;
}

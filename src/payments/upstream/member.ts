import type { PaymentMember } from '../../ports/payment-method.js';
import { type UpstreamPurchaseConfig, upstreamPurchase } from './section.js';

/** The router's own Internet, bought with what the router has earned. */
export const upstreamPayments: PaymentMember<UpstreamPurchaseConfig> = {
  section: upstreamPurchase,
  build: async (config, parts) => (await import('./build.js')).buildUpstream(config, parts),
};

import type { PaymentMember } from '../../ports/payment-method.js';
import { type CashuConfig, cashu as section } from './section.js';

/** Cashu tokens. */
export const cashuPayments: PaymentMember<CashuConfig> = {
  section,
  build: async (config, parts) => (await import('./build.js')).buildCashu(config, parts),
};

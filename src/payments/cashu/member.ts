import type { PaymentMember } from '../../ports/payment-method.js';
import { type CashuConfig, cashu as section } from './section.js';

/** Cashu tokens. */
export const cashuPayments: PaymentMember<CashuConfig> = {
  section,
  form: { fields: [{ name: 'token', kind: 'lines', most: 6_000 }] },
  build: async (config, parts) => (await import('./build.js')).buildCashu(config, parts),
};

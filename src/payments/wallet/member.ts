import type { EscrowConfig } from '../../config/escrow.js';
import type { PaymentMember } from '../../ports/payment-method.js';

/** Deposits from wallets: x402r sessions, and the schemes of x402. */
export const walletPayments: PaymentMember<EscrowConfig> = {
  build: async (config, parts) => (await import('./build.js')).buildWallet(config, parts),
};

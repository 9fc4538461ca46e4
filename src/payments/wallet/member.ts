import type { PaymentMember } from '../../ports/payment-method.js';
import { type EscrowConfig, escrow } from './section.js';

/** Deposits from wallets: x402r sessions, and the schemes of x402. */
export const walletPayments: PaymentMember<EscrowConfig> = {
  section: escrow,
  build: async (config, parts) => (await import('./build.js')).buildWallet(config, parts),
};

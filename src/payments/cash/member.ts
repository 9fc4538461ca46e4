import type { MethodConfig } from '../../config/sections.js';
import type { PaymentMember } from '../../ports/payment-method.js';
import { cash } from './cash.js';

/** Cash at the owner's till. */
export const cashPayments: PaymentMember<MethodConfig> = {
  async build({ currencies }) {
    return { methods: [cash(currencies)], schemes: [], async stop() {} };
  },
};

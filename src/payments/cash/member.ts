import type { ConfigOf } from '../../config/section.js';
import type { PaymentMember } from '../../ports/payment-method.js';
import { cash } from './cash.js';
import { cash as section } from './section.js';

/** Cash at the owner's till. */
export const cashPayments: PaymentMember<ConfigOf<typeof section>> = {
  section,
  async build({ currencies }) {
    return { methods: [cash(currencies)], schemes: [], async stop() {} };
  },
};

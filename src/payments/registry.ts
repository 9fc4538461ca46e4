import { cashPayments } from './cash/member.js';
import { cashuPayments } from './cashu/member.js';
import { upstreamPayments } from './upstream/member.js';
import { walletPayments } from './wallet/member.js';

/** Ways to pay, by the name of their section `method`, or the type of a section of their own. */
export const payments = {
  cash: cashPayments,
  cashu: cashuPayments,
  escrow: walletPayments,
  upstream_purchase: upstreamPayments,
};

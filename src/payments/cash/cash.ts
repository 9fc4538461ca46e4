import { formatAmount } from '../../domain/money.js';
import { refuse } from '../../domain/refuse.js';
import type { PaymentMethod } from '../../ports/payment-method.js';

/** A reference is what the operator wrote down: printable, one line, short enough for a receipt. */
const reference = /^[\p{L}\p{N}\p{P}\p{S} ]{1,64}$/u;

/**
 * Payment in cash: the caller is the operator's till, and says that it has the money by giving its reference.
 *
 * `payment`: `{ method: 'cash', reference, paid? }`. `paid`, a decimal string, is compared with the price where it
 * is given, so that a till with an old price list sells nothing at the wrong price.
 */
export function cash(currencies: ReadonlyMap<string, number>): PaymentMethod {
  return {
    name: 'cash',
    currencies,
    async charge({ payment, price }) {
      if (typeof payment.reference !== 'string' || !reference.test(payment.reference)) {
        return refuse('bad_payment', 'payment.reference is missing: 1 to 64 printable characters');
      }
      const due = formatAmount(price);
      if (payment.paid !== undefined && payment.paid !== due) {
        return refuse('price_differs', `the price is ${due} ${price.currency}`);
      }
      return { ok: true, value: { reference: payment.reference } };
    },
  };
}

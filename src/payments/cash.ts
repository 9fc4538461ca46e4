import type { Mac } from '../domain/mac.js';
import { formatAmount, type Money } from '../domain/money.js';

/** A reference is what the operator wrote down: printable, one line, short enough for a receipt. */
const reference = /^[\p{L}\p{N}\p{P}\p{S} ]{1,64}$/u;

type Receipt =
  | { readonly ok: true; readonly reference: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * Payment in cash: the caller is the operator's till, and says that it has the money by giving its reference.
 *
 * `payment`: `{ method: 'cash', reference, paid? }`. `paid`, a decimal string, is compared with the price where it
 * is given, so that a till with an old price list sells nothing at the wrong price.
 */
export function cash(currencies: ReadonlyMap<string, number>) {
  return {
    name: 'cash',
    currencies,
    async charge(charge: {
      readonly price: Money;
      readonly payment: Readonly<Record<string, unknown>>;
      readonly mac: Mac;
    }): Promise<Receipt> {
      const { payment, price } = charge;
      if (typeof payment.reference !== 'string' || !reference.test(payment.reference)) {
        return refused('bad_payment', 'payment.reference is missing: 1 to 64 printable characters');
      }
      const due = formatAmount(price);
      if (payment.paid !== undefined && payment.paid !== due) {
        return refused('price_differs', `the price is ${due} ${price.currency}`);
      }
      return { ok: true, reference: payment.reference };
    },
  };
}

function refused(code: string, message: string): Receipt {
  return { ok: false, code, message };
}

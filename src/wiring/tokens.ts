import type { Service } from '../api/service.js';
import { refuse } from '../domain/refuse.js';
import type { PaymentMethod } from '../ports/payment-method.js';

/** Money that is a token, as the API asks for it, of the methods that are at work. */
export function tokensOf(
  methods: () => Iterable<PaymentMethod>,
): Pick<Service, 'returned' | 'held' | 'takeOut'> {
  return {
    async returned(mac) {
      const all = [...methods()].map((method) => method.returned?.(mac) ?? []);
      return (await Promise.all(all)).flat();
    },
    held: () =>
      [...methods()].flatMap((method) =>
        (method.held?.() ?? []).map((one) => ({ method: method.name, ...one })),
      ),
    async takeOut(written) {
      const purse = [...methods()].find((method) => method.takeOut);
      if (!purse) return refuse('unknown_method', 'no payment method holds money itself');
      const out = await purse.takeOut!(written);
      return out === 'unknown'
        ? refuse('unknown_export', 'this is not the last token that was taken out')
        : { ok: true, value: out };
    },
  };
}

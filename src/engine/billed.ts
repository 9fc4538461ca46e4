import { moneyOf } from '../domain/money.js';
import type { PayOrder } from '../domain/pay-order.js';
import type { Result } from '../ports/result.js';
import type { Hook } from './payment-window.js';

/** What a hook's provider is told in the place of an order's id; undefined where it is told that. */
export function numberOf({ router }: Hook, id: string): string | undefined {
  return router === undefined ? undefined : `${id}-${router}`;
}

/** The order with what the customer pays with, or the provider is told, where the hook makes such a thing. */
export async function billedBy(hook: Hook, order: PayOrder): Promise<Result<PayOrder>> {
  const { id, mac, steps, price } = order;
  const number = numberOf(hook, id);
  if (number !== undefined) return { ok: true, value: { ...order, number } };
  const bill = await hook.bill?.({ id, mac, steps, price: moneyOf(price) });
  if (!bill) return { ok: true, value: order };
  if (!bill.ok) return bill;
  const { request, until } = bill.value;
  return { ok: true, value: { ...order, request, until: Math.min(order.until, until) } };
}

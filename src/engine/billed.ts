import { moneyOf } from '../domain/money.js';
import type { PayOrder } from '../domain/pay-order.js';
import type { Result } from '../ports/result.js';
import type { Hook } from './payment-window.js';

/** The order with what the customer pays with, or the provider is told, where the hook makes such a thing. */
export async function billedBy(hook: Hook, order: PayOrder): Promise<Result<PayOrder>> {
  const { id, mac, steps, price } = order;
  if (hook.router !== undefined) return { ok: true, value: { ...order, number: `${id}-${hook.router}` } };
  const bill = await hook.bill?.({ id, mac, steps, price: moneyOf(price) });
  if (!bill) return { ok: true, value: order };
  if (!bill.ok) return bill;
  const { request, until } = bill.value;
  return { ok: true, value: { ...order, request, until: Math.min(order.until, until) } };
}

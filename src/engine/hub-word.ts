import { type Money, parseAmount } from '../domain/money.js';
import type { PayOrder } from '../domain/pay-order.js';
import { refuse } from '../domain/refuse.js';
import type { Result } from '../ports/result.js';
import type { Hook } from './payment-window.js';

/** What a hub says of an order, after it has checked the provider's signature. */
export interface HubWord {
  readonly hook: string;
  readonly order: string;
  /** A decimal number. */
  readonly amount: string;
  readonly currency: string;
  readonly reference: string;
}

/** What is paid. Only a hook that leaves its messages to a hub is told of by one: all others have a check of their own. */
export function readWord(
  hooks: readonly Hook[],
  { hook: name, order, amount, currency, reference }: HubWord,
): Result<{ order: string; money: Money; reference: string }> {
  const hook = hooks.find((one) => one.name === name);
  if (hook?.router === undefined)
    return refuse('unknown_method', `there is no hook '${name}' with the signature 'hub'`);
  const decimals = hook.currencies.get(currency);
  if (decimals === undefined)
    return refuse('price_differs', 'the money is in a currency that is not configured');
  const money = parseAmount(amount, currency, decimals);
  if (!money) return refuse('bad_argument', 'amount must be a decimal number');
  return {
    ok: true,
    value: { order, money, reference: reference.replace(/[^\x21-\x7e]/g, '').slice(0, 64) },
  };
}

/** An order that is paid and has neither access nor a voucher yet is not done. */
export function servedOrBusy(done: Result<PayOrder>): Result<PayOrder> {
  if (!done.ok || done.value.state === 'sold' || done.value.state === 'voucher') return done;
  return refuse('busy', 'it is paid, and cannot be served now: say it again');
}

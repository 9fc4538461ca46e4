import { createHash } from 'node:crypto';
import type { Database } from '../collector/database.js';
import { formatAmount } from '../domain/money.js';
import { foreignText, readEvent } from '../payments/webhook/event.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { PaymentHook } from './config.js';
import { HubError } from './error.js';
import { type Order, placePayment } from './orders.js';

interface PaymentParts {
  readonly database: Database;
  readonly clock: Pick<Clock, 'wall'>;
  readonly log: Log;
}

/**
 * Turns a provider's signed word that an order is paid into an order to the router that the order's number names.
 * @returns the router; nothing where the message is about something else
 * @throws {@link HubError}, or what the database throws
 */
export async function takePayment(
  hook: PaymentHook,
  { name, body }: { readonly name: string; readonly body: Buffer },
  { database, clock, log }: PaymentParts,
): Promise<readonly string[]> {
  const event = readEvent(hook, body);
  const amiss = (code: 'not_found' | 'not_served', message: string) => {
    log('error', `hook ${name}: money came that fits no order: ${message}`);
    return new HubError(code, message);
  };
  if (!event.ok) throw amiss(event.code === 'unknown_order' ? 'not_found' : 'not_served', event.message);
  if (!event.value) return [];
  if (event.value === 'foreign') {
    log('warn', `hook ${name}: ${foreignText}`);
    return [];
  }
  const { order, router, money, reference } = event.value;
  if (router === undefined) throw amiss('not_found', `the number of order ${order} does not name its router`);
  const made = clock.wall();
  const args = JSON.stringify({
    ...{ hook: name, order, amount: formatAmount(money), currency: money.currency, reference },
  });
  // Providers send a payment several times, and in several kinds of messages: it is one order.
  const key = `hub-${createHash('sha256').update(args).digest('hex').slice(0, 40)}`;
  const times: Pick<Order, 'made' | 'validUntil'> = { made, validUntil: made + hook.validForMs };
  await placePayment(database, { router, key, command: 'payment_confirm', args, ...times });
  return [router];
}

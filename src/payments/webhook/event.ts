import { type Money, parseAmount } from '../../domain/money.js';
import { present } from '../../domain/present.js';
import { refuse } from '../../domain/refuse.js';
import { idLength, idLetters } from '../../domain/session-id.js';
import type { Result } from '../../ports/result.js';
import type { Scheme } from './signature.js';

/** A provider's word that an order is paid. */
export interface Confirmation {
  /** The id of the order. */
  readonly order: string;
  /** Which router has it, where the number that the page showed names it. */
  readonly router?: string;
  readonly money: Money;
  /** By which the provider knows the payment. */
  readonly reference: string;
}

/** An id, and the name of a router behind it. */
const orderForm = /^([a-z0-9]{16,40})(?:-([A-Za-z0-9._-]{1,64}))?$/;

/** What begins as the number of an order does, and may be one that was bent. */
const ownForm = new RegExp(`^[${idLetters}]{${idLength}}(?![A-Za-z0-9])`);

/** A confirmation, a payment for something that others sell, or undefined: about something else. */
export type Read = Confirmation | 'foreign' | undefined;
/** For the log: the owner may have given the provider a wrong number. */
export const foreignText = 'a payment was left alone whose number is not of the form that orders have';

/** Reads a message whose signature is good. */
export function readEvent(
  { signature, currencies }: { readonly signature: Scheme; readonly currencies: Currencies },
  body: Buffer,
): Result<Read> {
  const event = parsed(body);
  if (!event) return refuse('bad_argument', 'the message is no JSON object');
  return signature === 'stripe' ? readStripe(event, currencies) : readStandard(event, currencies);
}

/** What stands in a message. */
export type Fields = Readonly<Record<string, unknown>>;
/** Decimals of each currency. */
type Currencies = ReadonlyMap<string, number>;

/** `{ type: 'payment.confirmed', data: { order, amount: '1.50', currency: 'USD', reference } }` */
function readStandard({ type, data }: Fields, currencies: Currencies): Result<Read> {
  if (type !== 'payment.confirmed') return nothing;
  const { order, amount, currency, reference } = fields(data);
  const decimals = typeof currency === 'string' ? currencies.get(currency) : undefined;
  if (decimals === undefined)
    return refuse('price_differs', 'the money is in a currency that is not configured');
  const money = typeof amount === 'string' ? parseAmount(amount, currency as string, decimals) : undefined;
  if (!money) return refuse('bad_argument', 'data.amount must be a decimal number in a string');
  return confirmed(order, money, reference);
}

/** Stripe's checkout sessions and payment intents; the order is in `metadata.order` or `client_reference_id`. */
function readStripe({ type, data }: Fields, currencies: Currencies): Result<Read> {
  const object = fields(fields(data).object);
  const { payment_status: status, currency, id, payment_intent: intent } = object;
  const isCheckout =
    type === 'checkout.session.completed' || type === 'checkout.session.async_payment_succeeded';
  const isIntent = type === 'payment_intent.succeeded';
  const order = fields(object.metadata).order ?? object.client_reference_id;
  if (!(isIntent || (isCheckout && status === 'paid')) || order === undefined || order === null)
    return nothing;
  // The account may sell other things, with numbers of their own: Stripe gives up an endpoint that refuses them.
  if (typeof order !== 'string' || !ownForm.test(order)) return { ok: true, value: 'foreign' };
  const code = typeof currency === 'string' ? currency.toUpperCase() : '';
  const decimals = currencies.get(code);
  if (decimals === undefined)
    return refuse('price_differs', 'the money is in a currency that is not configured');
  const amount = isIntent ? object.amount_received : object.amount_total;
  if (!Number.isSafeInteger(amount)) return refuse('bad_argument', 'the amount is no whole number');
  return confirmed(
    order,
    { currency: code, decimals, amount: BigInt(amount as number) },
    isIntent ? id : intent,
  );
}

function confirmed(order: unknown, money: Money, reference: unknown): Result<Confirmation> {
  const [, id, router] = (typeof order === 'string' ? orderForm.exec(order) : undefined) ?? [];
  if (id === undefined) return refuse('unknown_order', 'there is no such order');
  const known = typeof reference === 'string' ? reference.replace(/[^\x21-\x7e]/g, '').slice(0, 64) : '';
  return { ok: true, value: { order: id, money, reference: known, ...present({ router }) } };
}

const nothing: Result<undefined> = { ok: true, value: undefined };

/** Undefined when it is no JSON object. */
export function parsed(body: Buffer): Fields | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What stands in a part of a message; nothing where the part is no object. */
export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

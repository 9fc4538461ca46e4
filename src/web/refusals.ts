import type { Refusal } from '../ports/result.js';
import type { Sentence, Text } from './text.js';

type Reason = Sentence extends infer S ? (S extends `err_${infer R}` ? R : never) : never;

/** What is said for each code that a customer can meet: a sentence whose name begins with `err_`. */
const reasons: Readonly<Record<string, Reason>> = {
  unknown_voucher: 'unknown_voucher',
  voucher_in_use: 'voucher_in_use',
  voucher_busy: 'busy',
  voucher_spent: 'voucher_spent',
  voucher_expired: 'voucher_expired',
  voucher_void: 'voucher_void',
  too_many_attempts: 'wait',
  free_used: 'free_next',
  login_rejected: 'login',
  login_timeout: 'login_silent',
  bad_authorization: 'shop',
  unknown_carry: 'carry',
  session_running: 'running',
  authorized_elsewhere: 'running',
  closed: 'busy',
  clock_not_set: 'busy',
  unknown_plan: 'plan',
  plan_off: 'plan',
  unknown_method: 'plan',
  bad_steps: 'plan',
  no_price: 'plan',
  price_differs: 'plan',
  limits_differ: 'differs',
  too_large: 'differs',
  portal_full: 'full',
  too_many_sessions: 'full',
  offloaded: 'shop',
  storage_full: 'shop',
  storage_failed: 'shop',
  voucher_key_damaged: 'shop',
  gateway_needed: 'busy',
  unknown_gateway: 'shop',
  busy: 'busy',
  stopping: 'busy',
  key_conflict: 'done',
  forgotten: 'done',
  bad_payment: 'payment',
  payment_rejected: 'payment',
  payment_returned: 'payment',
  payment_used: 'payment',
  payment_locked: 'payment',
  payment_short: 'short',
  foreign_mint: 'mint',
  token_spent: 'spent',
  upstream_silent: 'busy',
  payment_pending: 'pending',
  escrow_unready: 'busy',
  too_many_orders: 'orders',
};

/** Codes whose message is the owner's or the server's own word to the customer. */
const ownWords: Readonly<Record<string, string>> = { login_rejected: 'the server refused the login' };

/** Why something was refused, for the customer. @param now wall clock, ms since 1970 */
export function refusalText(refusal: Refusal, text: Text, now: number): string {
  const { code, message, next } = refusal;
  const reason = Object.hasOwn(reasons, code) ? reasons[code]! : 'other';
  const said = text.say(`err_${reason}`, { time: text.span(Math.max(1_000, (next ?? now) - now)) });
  return code in ownWords && message !== ownWords[code] ? `${said} ${message}` : said;
}

/** Codes that are put into words. */
export const knownCodes = Object.keys(reasons);

import type { Refusal } from '../ports/result.js';
import type { Sentence, Text } from './text.js';

/** What is said for each code that a customer can meet. */
const sentences: Readonly<Record<string, Sentence>> = {
  unknown_voucher: 'err_unknown_voucher',
  voucher_in_use: 'err_voucher_in_use',
  voucher_busy: 'err_busy',
  voucher_spent: 'err_voucher_spent',
  voucher_expired: 'err_voucher_expired',
  voucher_void: 'err_voucher_void',
  too_many_attempts: 'err_wait',
  free_used: 'err_free_next',
  login_rejected: 'err_login',
  login_timeout: 'err_login_silent',
  bad_authorization: 'err_shop',
  unknown_carry: 'err_carry',
  session_running: 'err_running',
  authorized_elsewhere: 'err_running',
  closed: 'err_busy',
  clock_not_set: 'err_busy',
  unknown_plan: 'err_plan',
  plan_off: 'err_plan',
  unknown_method: 'err_plan',
  bad_steps: 'err_plan',
  no_price: 'err_plan',
  price_differs: 'err_plan',
  limits_differ: 'err_differs',
  too_large: 'err_differs',
  portal_full: 'err_full',
  too_many_sessions: 'err_full',
  offloaded: 'err_shop',
  storage_full: 'err_shop',
  storage_failed: 'err_shop',
  voucher_key_damaged: 'err_shop',
  gateway_needed: 'err_busy',
  unknown_gateway: 'err_shop',
  busy: 'err_busy',
  stopping: 'err_busy',
  key_conflict: 'err_done',
  forgotten: 'err_done',
  bad_payment: 'err_payment',
  payment_rejected: 'err_payment',
  payment_returned: 'err_payment',
  payment_used: 'err_payment',
  payment_locked: 'err_payment',
  payment_short: 'err_short',
  foreign_mint: 'err_mint',
  token_spent: 'err_spent',
  upstream_silent: 'err_busy',
  payment_pending: 'err_pending',
  escrow_unready: 'err_busy',
  too_many_orders: 'err_orders',
};

/** Codes whose message is the owner's or the server's own word to the customer. */
const ownWords: Readonly<Record<string, string>> = { login_rejected: 'the server refused the login' };

/** Why something was refused, for the customer. @param now wall clock, ms since 1970 */
export function refusalText(refusal: Refusal, text: Text, now: number): string {
  const { code, message, next } = refusal;
  const sentence = Object.hasOwn(sentences, code) ? sentences[code]! : 'err_other';
  const said = text.say(sentence, { time: text.span(Math.max(1_000, (next ?? now) - now)) });
  return code in ownWords && message !== ownWords[code] ? `${said} ${message}` : said;
}

/** Codes that are put into words. */
export const knownCodes = Object.keys(sentences);

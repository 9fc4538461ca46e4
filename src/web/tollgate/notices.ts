import type { Refusal } from '../../ports/result.js';

/** What TollGate calls it, and the status of HTTP. */
interface Notice {
  readonly code: string;
  readonly status: number;
}

const spent: Notice = { code: 'payment-error-token-spent', status: 402 };
const invalid: Notice = { code: 'payment-error-invalid-token', status: 400 };
const foreign: Notice = { code: 'payment-error-mint-not-accepted', status: 402 };
const failed: Notice = { code: 'payment-processing-failed', status: 402 };
/** It may be sent again, and is not taken twice. */
const late: Notice = { code: 'payment-processing-timeout', status: 503 };
const closed: Notice = { code: 'service-unavailable', status: 503 };
const unserved: Notice = { code: 'session-error', status: 402 };

const notices: Readonly<Record<string, Notice>> = {
  token_spent: spent,
  payment_used: spent,
  payment_returned: spent,
  bad_payment: invalid,
  payment_locked: invalid,
  foreign_mint: foreign,
  payment_rejected: failed,
  payment_pending: late,
  upstream_silent: late,
  unknown_device: { code: 'mac-address-lookup-failed', status: 400 },
  // Nothing of it is the payment's fault.
  unknown_plan: closed,
  unknown_method: closed,
  no_price: closed,
  busy: closed,
  stopping: closed,
  closed,
  offloaded: closed,
  portal_full: closed,
  too_many_sessions: closed,
  gateway_needed: closed,
  unknown_gateway: closed,
  storage_full: closed,
  storage_failed: closed,
};

/** A refusal as TollGates say it: the codes of TIP-01, and those that its own program has beside them. */
export function noticeOf({ code }: Refusal): Notice {
  return Object.hasOwn(notices, code) ? notices[code]! : unserved;
}

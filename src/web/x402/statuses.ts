/** The status of HTTP for each code that is no matter of the payment. */
const statuses: Readonly<Record<string, number>> = {
  bad_argument: 400,
  bad_steps: 400,
  unknown_device: 403,
  unknown_plan: 404,
  plan_off: 404,
  no_price: 404,
  // Another payment would fail as well.
  key_conflict: 409,
  payment_used: 409,
  payment_returned: 409,
  limits_differ: 409,
  authorized_elsewhere: 409,
  too_large: 409,
  forgotten: 409,
  // Time, or the owner, heals it.
  busy: 503,
  stopping: 503,
  closed: 503,
  escrow_unready: 503,
  upstream_silent: 503,
  gateway_needed: 503,
  unknown_gateway: 503,
  portal_full: 503,
  too_many_sessions: 503,
  too_many_deposits: 503,
  offloaded: 503,
  storage_full: 503,
  storage_failed: 503,
};

/** `402` for what another payment mends. */
export function statusOf(code: string): number {
  return Object.hasOwn(statuses, code) ? statuses[code]! : 402;
}

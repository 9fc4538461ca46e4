/**
 * Codes of the session API: the HTTP status they come with, and whether the same request may succeed later.
 *
 * | status | meaning | what the caller does |
 * |---|---|---|
 * | 200 | confirmed on the chain | goes on |
 * | 202 | sent, not confirmed yet | sends the SAME request again |
 * | 400, 404, 413, 415 | the request is wrong | never again |
 * | 403 | this server opens no sessions | goes elsewhere |
 * | 409 | the state does not allow it, or does not yet | by `retryable` |
 * | 422 | refused for good | never again, with this payload |
 * | 429, 500, 502, 503 | the server or the chain cannot, now | sends the SAME request again, later |
 */
export const codes = {
  settlement_pending: { status: 202, retryable: true },

  bad_request: { status: 400, retryable: false },
  sessions_disabled: { status: 403, retryable: false },
  /** The seller is not one of those that this server pays gas for. */
  unknown_seller: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  unknown_network: { status: 404, retryable: false },
  unknown_session: { status: 404, retryable: false },
  body_too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },

  /** Another operation on this session has not ended. */
  session_busy: { status: 409, retryable: true },
  /** The session is closed: nothing can be consumed any more. */
  session_closed: { status: 409, retryable: false },
  /** The signed total is not above what is consumed already. */
  stale_units: { status: 409, retryable: false },
  /** The seller's signature names another amount than is consumed. */
  wrong_consumed_amount: { status: 409, retryable: false },
  /** Without a signature of the seller: neither expired, nor has the buyer's closing period ended. */
  not_closable_yet: { status: 409, retryable: true },
  /** The authorization was used or cancelled, and not for this session. */
  nonce_already_used: { status: 409, retryable: false },
  /** The payment is made, and somebody has been told so: it pays for one thing. */
  duplicate_settlement: { status: 409, retryable: false },

  unsupported_type: { status: 422, retryable: false },
  wrong_network: { status: 422, retryable: false },
  unknown_token: { status: 422, retryable: false },
  wrong_payee: { status: 422, retryable: false },
  /** Price, units, deposit or duration do not fit together. */
  bad_terms: { status: 422, retryable: false },
  /** The authorization's nonce is not the hash of the session's terms. */
  terms_not_signed: { status: 422, retryable: false },
  bad_signature: { status: 422, retryable: false },
  not_yet_valid: { status: 422, retryable: false },
  expired_authorization: { status: 422, retryable: false },
  insufficient_funds: { status: 422, retryable: false },
  /** The deposit, or what a charge adds, is less than the server pays gas for. */
  below_minimum: { status: 422, retryable: false },
  /** The account has code: a contract, or a key that has delegated to one (EIP-7702). */
  smart_wallet: { status: 422, retryable: false },
  exceeds_signed: { status: 422, retryable: false },
  exceeds_deposit: { status: 422, retryable: false },
  /** The chain refuses the call for another reason. */
  refused_by_chain: { status: 422, retryable: false },

  rate_limited: { status: 429, retryable: true },
  /** The gas that this server pays for a seller in a day is used up. */
  budget_spent: { status: 429, retryable: true },
  /** A call for this account passed in advance and failed when it was mined: it waits for a while. */
  failed_before: { status: 429, retryable: true },
  internal: { status: 500, retryable: true },
  chain_unreachable: { status: 502, retryable: true },
  /** Too many transactions wait, or the signers have no gas. */
  overloaded: { status: 503, retryable: true },
  /** The server's own network, escrow or tokens are not what its configuration says. */
  misconfigured: { status: 503, retryable: true },
  /** The configured escrow is of a version that is not served any more. */
  old_contract: { status: 503, retryable: true },
  shutting_down: { status: 503, retryable: true },
} as const satisfies Readonly<Record<string, { status: number; retryable: boolean }>>;

/** A stable word for what went wrong, in the `code` of a reply. */
export type Code = keyof typeof codes;

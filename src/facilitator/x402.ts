import { type Code, codes } from '../payments/wallet/codes.js';
import type { FacilitatorError } from './error.js';
import type { Network } from './network.js';

/** What the facilitators of `@x402/evm` call a refusal, where they have a word for it. */
const reasons: Partial<Readonly<Record<Code, string>>> = {
  bad_request: 'invalid_payload',
  unsupported_type: 'unsupported_scheme',
  unknown_network: 'invalid_network',
  wrong_network: 'invalid_exact_evm_network_mismatch',
  wrong_payee: 'invalid_exact_evm_recipient_mismatch',
  bad_terms: 'invalid_exact_evm_payload_authorization_value_mismatch',
  bad_signature: 'invalid_exact_evm_signature',
  not_yet_valid: 'invalid_exact_evm_payload_authorization_valid_after',
  expired_authorization: 'invalid_exact_evm_payload_authorization_valid_before',
  insufficient_funds: 'invalid_exact_evm_insufficient_balance',
  nonce_already_used: 'invalid_exact_evm_nonce_already_used',
};

/** Routes whose replies are in the form of x402, by what says yes or no in them. */
const routes: Readonly<Record<string, 'isValid' | 'success'>> = {
  '/verify': 'isValid',
  '/settle': 'success',
};

/** A reply to a failed request. */
export interface Told {
  readonly status: number;
  readonly body: object;
}

/**
 * A failure as it is told on a route. On those of x402, only what is refused for good is called a failure: clients
 * believe a `success` of false, whatever else is beside it. The rest has neither `success` nor a status of success, so
 * that it can only be taken for unknown.
 * @param body of the request
 */
export function toldOn(route: string, error: FacilitatorError, body: unknown): Told {
  const answer = Object.hasOwn(routes, route) ? routes[route] : undefined;
  if (!answer) return { status: error.status, body: error.failure };
  const { success: _, ...rest } = error.failure;
  const { retryable, status } = codes[error.code];
  if (retryable) return { status: status < 300 ? 504 : status, body: rest };
  const reason = reasons[error.code] ?? error.code;
  const { code } = error;
  if (answer === 'isValid')
    return { status, body: { isValid: false, invalidReason: reason, invalidMessage: error.message, code } };
  const refused = { success: false, errorReason: reason, errorMessage: error.message, code };
  const { transaction = '' } = error.known;
  return { status, body: { ...refused, transaction, network: networkIn(body) } };
}

/** The reply to `GET /supported`. @param networks those on which payments are taken */
export function supported(networks: readonly Network[]): object {
  return {
    kinds: networks.map(({ id: network }) => ({ x402Version: 2, scheme: 'exact', network })),
    extensions: [],
    signers: Object.fromEntries(networks.map(({ id, signers }) => [id, signers.map((one) => one.address)])),
  };
}

/** The network that a request names, as far as it is one. */
function networkIn(body: unknown): string {
  const asked = (body as { paymentRequirements?: { network?: unknown } } | null | undefined)
    ?.paymentRequirements;
  const named = asked?.network;
  return typeof named === 'string' && named.length <= 64 ? named : '';
}

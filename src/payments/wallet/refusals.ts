/**
 * What a facilitator of `@x402/evm` refuses for good, by the last words of its reason (`invalid_exact_evm_...`,
 * `invalid_batch_settlement_evm_...`), and the stable code for it. All other reasons may pass: its node did not answer,
 * another request was under way.
 */
const final: readonly (readonly [ending: string, code: string])[] = [
  ['insufficient_balance', 'insufficient_funds'],
  ['authorization_valid_before', 'expired_authorization'],
  ['invalid_exact_evm_signature', 'bad_signature'],
  ['receive_authorization_signature', 'bad_signature'],
  ['voucher_signature', 'bad_signature'],
  ['recipient_mismatch', 'wrong_payee'],
  ['receiver_mismatch', 'wrong_payee'],
  ['value_mismatch', 'bad_terms'],
  ['cumulative_exceeds_balance', 'exceeds_deposit'],
  ['cumulative_below_claimed', 'stale_signature'],
];

/** The code of a refusal that stays, undefined for one that may pass. */
export function finalCode(reason: string): string | undefined {
  return final.find(([ending]) => reason.endsWith(ending))?.[1];
}

import type { PaymentRequirements } from '@x402/core/types';
import type { Result } from '../../ports/result.js';
import { accountOf, type Fields, fieldsOf, uintOf } from './fields.js';

/** A longer payment is not read. */
const longest = 16_384;

/**
 * Reads `payload` of a payment: an x402 v2 `PaymentPayload`, or base64 of one as it stands in the header
 * `PAYMENT-SIGNATURE`. It must have been made for these requirements.
 * @returns its inner `payload`, which the scheme reads
 */
export function readPayment(payment: Fields, asked: PaymentRequirements): Result<Fields> {
  const accepted = acceptedOf(payment);
  const inner = innerOf(payment);
  if (!accepted || !inner) {
    return refuse('bad_payment', 'payload must be an x402 PaymentPayload of version 2, or base64 of one');
  }
  return acceptance(accepted, asked) ?? { ok: true, value: inner };
}

/** The requirements that the wallet says it pays, as it repeats them. */
export function acceptedOf(payment: Fields): Fields | undefined {
  return fieldsOf(fullOf(payment)?.accepted);
}

/** The scheme's part of a `PaymentPayload`, whatever it was made for. */
export function innerOf(payment: Fields): Fields | undefined {
  const full = fullOf(payment);
  return full?.x402Version === 2 ? fieldsOf(full.payload) : undefined;
}

function fullOf({ payload }: Fields): Fields | undefined {
  return fieldsOf(typeof payload === 'string' ? decoded(payload) : payload);
}

/** The same without what is for people: it is kept with each order. */
export function withoutText(asked: PaymentRequirements): PaymentRequirements {
  return { ...asked, extra: { ...asked.extra, description: '' } };
}

/** A refusal with a stable code. */
export function refuse(code: string, message: string): Extract<Result<never>, { ok: false }> {
  return { ok: false, code, message };
}

/** What the wallet agreed to must be what was asked; what it echoes beside that does not matter. */
function acceptance(accepted: Fields, asked: PaymentRequirements): Result<never> | undefined {
  const { scheme, network, asset, amount, payTo } = asked;
  if (accepted.scheme !== scheme) return refuse('unsupported_type', `the scheme must be ${scheme}`);
  if (accepted.network !== network) return refuse('wrong_network', `the network must be ${network}`);
  if (accountOf(accepted.asset) !== asset) return refuse('unknown_token', `the asset must be ${asset}`);
  if (accountOf(accepted.payTo) !== payTo) return refuse('wrong_payee', `payTo must be ${payTo}`);
  if (uintOf(accepted.amount) !== BigInt(amount)) return refuse('bad_terms', `the amount must be ${amount}`);
  return undefined;
}

function decoded(text: string): unknown {
  if (text.length > longest || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
}

import type { PaymentRequirements } from '@x402/core/types';
import type { PaymentOrder, SignedUnits, Wares } from '../../../domain/deposit-scheme.js';
import type { Result } from '../../../ports/result.js';
import { accountOf, type Fields, fieldsOf, signatureOf, uintOf, wordOf } from '../fields.js';
import { refuse } from '../payment.js';
import { type Address, type Authorization, type Hex, hashWords } from '../typed-data.js';
import { checkTimes, untilOf, type Validity } from '../validity.js';

/** The `payload` of scheme `exact`, journalled with the order. Numbers are decimal strings, as wallets send them. */
export interface ExactPayload {
  readonly authorization: {
    readonly from: Hex;
    readonly to: Hex;
    readonly value: string;
    readonly validAfter: string;
    readonly validBefore: string;
    readonly nonce: Hex;
  };
  readonly signature: Hex;
}

/** What is kept of a payment: all that is sent, whatever is configured by then, and who read it when. */
export interface ExactOrder {
  readonly asked: PaymentRequirements;
  readonly payload: ExactPayload;
  /** See `Submission`. */
  readonly run: string;
  /** Unix seconds. */
  readonly readAt: number;
}

/** Reads EIP-3009 out of what a wallet sent. */
export function exactPayloadOf(inner: Fields): ExactPayload | undefined {
  const fields = fieldsOf(inner.authorization);
  const signature = signatureOf(inner.signature);
  const [from, to, nonce] = [accountOf(fields?.from), accountOf(fields?.to), wordOf(fields?.nonce)];
  const [value, after, before] = [fields?.value, fields?.validAfter, fields?.validBefore].map((v) =>
    uintOf(v),
  );
  if (!from || !to || !nonce || !signature) return undefined;
  if (value === undefined || after === undefined || before === undefined) return undefined;
  const times = { validAfter: `${after}`, validBefore: `${before}` };
  return { authorization: { from, to, value: `${value}`, ...times, nonce }, signature };
}

export function authorizationOf({ authorization: a }: ExactPayload): Authorization {
  const { from, to, nonce } = a;
  const times = { validAfter: BigInt(a.validAfter), validBefore: BigInt(a.validBefore) };
  return { from, to, nonce, value: BigInt(a.value), ...times };
}

/** Whether an authorization moves the price to the payee, in a time that fits. `now`: Unix seconds. */
export function checkTerms(
  { to, value, validAfter, validBefore }: Authorization,
  asked: PaymentRequirements,
  validity: Validity,
  now: number,
): Result<never> | undefined {
  if (to !== asked.payTo) return refuse('wrong_payee', `the payee must be ${asked.payTo}`);
  if (value !== BigInt(asked.amount)) return refuse('bad_terms', `the value must be ${asked.amount}`);
  return checkTimes(validAfter, validBefore, validity, now);
}

/**
 * An order. Its id is made of what a chain takes once: a second signature with the same nonce, for another time, is the
 * same payment.
 */
export function orderOf(
  kept: ExactOrder,
  { units, unitPrice }: Wares,
  chainId: bigint,
): { order: PaymentOrder; signed: SignedUnits } {
  const { from, nonce, validBefore } = kept.payload.authorization;
  const id = hashWords(chainId, kept.asked.asset as Address, from, nonce);
  const terms = { units: `${units}`, unitPrice: `${unitPrice}`, until: untilOf(validBefore) };
  const order = { id, buyer: from, ...terms, payload: kept };
  return { order, signed: { units: order.units, proof: null } };
}

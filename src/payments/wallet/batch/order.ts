import type { PaymentRequirements } from '@x402/core/types';
import type { Result } from '../../../ports/result.js';
import { accountOf, type Fields, fieldsOf, signatureOf, uintOf, wordOf } from '../fields.js';
import { refuse } from '../payment.js';
import type { Authorization, Hex } from '../typed-data.js';
import { type Channel, collectorAddress, depositNonce, type Voucher } from './channel.js';

/** A deposit into a channel, signed by EIP-3009; as it goes over the wire. */
export interface Deposit {
  readonly amount: string;
  readonly authorization: {
    readonly erc3009Authorization: {
      readonly validAfter: string;
      readonly validBefore: string;
      readonly salt: Hex;
      readonly signature: Hex;
    };
  };
}

/** What is kept of a purchase: all that is sent, whatever is configured by then, and who read it when. */
export interface BatchOrder {
  readonly asked: PaymentRequirements;
  readonly channelConfig: Channel;
  readonly deposit: Deposit;
  readonly voucher: Voucher;
  /** See `Submission`. */
  readonly run: string;
  /** Unix seconds. */
  readonly readAt: number;
}

/** Reads the `payload` of scheme `batch-settlement`: a deposit and the first voucher. */
export function depositPayloadOf(
  inner: Fields,
): Pick<BatchOrder, 'channelConfig' | 'deposit' | 'voucher'> | undefined {
  const channelConfig = channelOf(inner.channelConfig);
  const voucher = voucherOf(inner.voucher);
  const deposit = depositOf(inner.deposit);
  if (inner.type !== 'deposit' || !channelConfig || !voucher || !deposit) return undefined;
  return { channelConfig, deposit, voucher };
}

export function voucherOf(value: unknown): Voucher | undefined {
  const fields = fieldsOf(value);
  const [channelId, signature] = [wordOf(fields?.channelId), signatureOf(fields?.signature)];
  const amount = uintOf(fields?.maxClaimableAmount, 128);
  if (!channelId || !signature || amount === undefined) return undefined;
  return { channelId, maxClaimableAmount: `${amount}`, signature };
}

function channelOf(value: unknown): Channel | undefined {
  const fields = fieldsOf(value);
  const [payer, payerAuthorizer] = [accountOf(fields?.payer), accountOf(fields?.payerAuthorizer)];
  const [receiver, receiverAuthorizer] = [accountOf(fields?.receiver), accountOf(fields?.receiverAuthorizer)];
  const [token, salt, delay] = [
    accountOf(fields?.token),
    wordOf(fields?.salt),
    uintOf(fields?.withdrawDelay, 40),
  ];
  if (!payer || !payerAuthorizer || !receiver || !receiverAuthorizer || !token || !salt) return undefined;
  if (delay === undefined) return undefined;
  return { payer, payerAuthorizer, receiver, receiverAuthorizer, token, withdrawDelay: Number(delay), salt };
}

function depositOf(value: unknown): Deposit | undefined {
  const fields = fieldsOf(value);
  const amount = uintOf(fields?.amount, 128);
  const signed = fieldsOf(fieldsOf(fields?.authorization)?.erc3009Authorization);
  const [after, before] = [uintOf(signed?.validAfter), uintOf(signed?.validBefore)];
  const [salt, signature] = [wordOf(signed?.salt), signatureOf(signed?.signature)];
  if (amount === undefined || after === undefined || before === undefined || !salt || !signature) {
    return undefined;
  }
  const erc3009Authorization = { validAfter: `${after}`, validBefore: `${before}`, salt, signature };
  return { amount: `${amount}`, authorization: { erc3009Authorization } };
}

/** What the payer signed for the deposit, in the token's domain. */
export function depositAuthorization({ channelConfig, voucher, deposit }: BatchOrder): Authorization {
  const { validAfter, validBefore, salt } = deposit.authorization.erc3009Authorization;
  return {
    from: channelConfig.payer,
    to: collectorAddress,
    value: BigInt(deposit.amount),
    validAfter: BigInt(validAfter),
    validBefore: BigInt(validBefore),
    nonce: depositNonce(voucher.channelId, salt),
  };
}

/** Whether a channel is with us, on our terms. */
export function checkChannel(
  { payerAuthorizer, receiver, receiverAuthorizer, token, withdrawDelay }: Channel,
  ours: Pick<Channel, 'receiver' | 'receiverAuthorizer' | 'token' | 'withdrawDelay'>,
): Result<never> | undefined {
  if (receiver !== ours.receiver) return refuse('wrong_payee', `the receiver must be ${ours.receiver}`);
  if (receiverAuthorizer !== ours.receiverAuthorizer) {
    return refuse('wrong_payee', `the receiverAuthorizer must be ${ours.receiverAuthorizer}`);
  }
  if (token !== ours.token) return refuse('unknown_token', `the token must be ${ours.token}`);
  if (withdrawDelay !== ours.withdrawDelay) {
    return refuse('bad_terms', `the withdrawDelay must be ${ours.withdrawDelay}`);
  }
  // Else vouchers are for a contract to judge (ERC-1271), which may think otherwise when they are claimed.
  if (BigInt(payerAuthorizer) !== 0n) return undefined;
  return refuse('bad_signature', 'vouchers must be signed by a key: payerAuthorizer is not set');
}

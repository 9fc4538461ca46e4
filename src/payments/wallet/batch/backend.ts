import type { PaymentRequirements } from '@x402/core/types';
import type {
  ChainState,
  Closed,
  Opened,
  Outcome,
  PaymentOrder,
  SignedUnits,
  Wares,
} from '../../../domain/deposit-scheme.js';
import type { DepositScheme } from '../../../ports/deposit-scheme.js';
import type { Result } from '../../../ports/result.js';
import { askingChain, confirmed, type Failed, unknown } from '../outcome.js';
import { acceptedOf, innerOf, readPayment, refuse, withoutText } from '../payment.js';
import { isSignedBy } from '../signature.js';
import { Submitter } from '../submitter.js';
import { tokenSeparator } from '../token.js';
import { authorizationDigest, type Hex } from '../typed-data.js';
import { checkTimes, skew, untilOf } from '../validity.js';
import { Authorizers, markIn } from './authorizers.js';
import { batchSeparator, channelIdOf, type Voucher, voucherDigest } from './channel.js';
import { BatchContract } from './contract.js';
import { Deposits } from './deposits.js';
import { type BatchOptions, checkDelay } from './options.js';
import { type BatchOrder, checkChannel, depositAuthorization, depositPayloadOf, voucherOf } from './order.js';
import { requirementsOf } from './requirements.js';
import { ChannelSettler, type Settlement } from './settler.js';

/**
 * The x402 scheme `batch-settlement`: a deposit in a channel, vouchers for rising totals of it, a claim of what was
 * used.
 *
 * Each purchase has a channel of its own, by who signs for the router in it: see {@link Authorizers}. So vouchers count
 * from nothing, and the channel ends with the purchase. Payers can take their money back without us, but not before the
 * withdraw delay has passed since the deposit: the router serves only while it can still claim.
 */
export class BatchBackend implements DepositScheme {
  readonly name = 'x402-batch';
  readonly currency: string;
  readonly decimals: number;
  readonly finality: number;
  readonly #options: BatchOptions;
  readonly #separator: Hex;
  readonly #tokenSeparator: Hex;
  readonly #authorizers: Authorizers;
  readonly #submitter: Submitter;
  readonly #deposits: Deposits;
  readonly #settler: ChannelSettler;

  /** @throws `RangeError` when the withdraw delay is none that the contract allows, or as short as the margin */
  constructor(options: BatchOptions) {
    const { chain, token, key, finality } = options;
    checkDelay(options);
    this.#options = options;
    this.currency = token.currency;
    this.decimals = token.decimals;
    this.finality = finality;
    this.#separator = batchSeparator(chain.chainId);
    this.#tokenSeparator = tokenSeparator(token, chain.chainId);
    this.#authorizers = new Authorizers(key);
    this.#submitter = new Submitter(options.facilitator);
    const contract = new BatchContract(chain);
    this.#deposits = new Deposits({
      chain,
      contract,
      submitter: this.#submitter,
      margin: options.marginSeconds,
      wall: options.now ?? Date.now,
    });
    const separator = this.#separator;
    this.#settler = new ChannelSettler({
      chain,
      contract,
      submitter: this.#submitter,
      separator,
      keyOf: (order) => this.#authorizers.keyOf(markIn(order.asked)),
      finality,
    });
  }

  get isReady(): boolean {
    return this.#options.readiness?.isReady ?? true;
  }

  requirements(wares: Wares): PaymentRequirements {
    return requirementsOf(this.#options, wares, this.#authorizers.offered);
  }

  async read(
    payment: Readonly<Record<string, unknown>>,
    wares: Wares,
  ): Promise<Result<{ readonly order: PaymentOrder; readonly signed: SignedUnits }>> {
    const authorizer = this.#authorizers.of(markIn(acceptedOf(payment)));
    const asked = requirementsOf(this.#options, wares, authorizer);
    const inner = readPayment(payment, asked);
    if (!inner.ok) return inner;
    const payload = depositPayloadOf(inner.value);
    if (!payload) return refuse('bad_payment', 'a deposit by EIP-3009 with a first voucher is needed');
    const { run } = this.#submitter;
    const kept: BatchOrder = { asked: withoutText(asked), ...payload, run, readAt: this.#seconds() };
    const wrong = this.#checkTerms(kept, wares) ?? (await this.#checkSignatures(kept));
    if (wrong) return wrong;
    this.#authorizers.renew(authorizer);
    const { voucher, channelConfig, deposit } = kept;
    const { units, unitPrice } = wares;
    const until = untilOf(deposit.authorization.erc3009Authorization.validBefore);
    const terms = { units: `${units}`, unitPrice: `${unitPrice}`, until, payload: kept };
    const more = deposit.amount !== asked.amount && { paidIn: deposit.amount };
    const order = { id: voucher.channelId, buyer: channelConfig.payer, ...terms, ...more };
    const signed = signedBy(voucher, order);
    if (signed.units === '0') return refuse('bad_terms', 'the first voucher must be for one unit at least');
    return { ok: true, value: { order, signed } };
  }

  async readSignature(
    order: PaymentOrder,
    _opened: Opened,
    given: Readonly<Record<string, unknown>>,
    before: SignedUnits,
  ): Promise<Result<SignedUnits>> {
    const voucher = voucherOf(given.voucher ?? innerOf(given)?.voucher);
    if (!voucher) return refuse('bad_payment', 'a voucher is needed, or an x402 PaymentPayload with one');
    if (voucher.channelId !== order.id) return refuse('bad_payment', `the channel must be ${order.id}`);
    const signed = signedBy(voucher, order);
    if (BigInt(signed.units) <= BigInt(before.units)) {
      return refuse('stale_signature', `${before.units} units are signed already`);
    }
    return (await this.#checkVoucher(keptOf(order), voucher)) ?? { ok: true, value: signed };
  }

  open(order: PaymentOrder): Promise<Outcome<Opened>> {
    return this.#asking(order, () => this.#deposits.open(keptOf(order)));
  }

  consume(
    order: PaymentOrder,
    _opened: Opened,
    signed: SignedUnits,
    units: string,
  ): Promise<Outcome<string>> {
    return this.#asking(order, async () => {
      const outcome = await this.#settler.claim(settlementOf(order, signed, units));
      if (outcome.kind !== 'confirmed') return outcome;
      return confirmed(`${outcome.value / BigInt(order.unitPrice)}`);
    });
  }

  close(order: PaymentOrder, _opened: Opened, signed: SignedUnits, units: string): Promise<Outcome<Closed>> {
    return this.#asking<Closed>(order, async () => {
      const lost = await this.#bringBack(order);
      return lost ?? this.#settler.finish(settlementOf(order, signed, units));
    });
  }

  look(order: PaymentOrder): Promise<Outcome<ChainState>> {
    return this.#asking(order, () => this.#deposits.look(keptOf(order), BigInt(order.unitPrice)));
  }

  /** A channel whose claims another key must sign cannot be charged until that key is configured again. */
  async #asking<T>(order: PaymentOrder, look: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const { asked, channelConfig } = keptOf(order);
    const { receiverAuthorizer } = channelConfig;
    if (receiverAuthorizer === this.#authorizers.of(markIn(asked)).address)
      return askingChain(this.#options.chain, asked, look);
    return unknown(`it is settled by the key of ${receiverAuthorizer}, which is not configured any more`);
  }

  /** Sends a deposit again that a reorganisation has removed, so that the channel can be charged. */
  async #bringBack(order: PaymentOrder): Promise<Failed | undefined> {
    if (await this.#deposits.isTaken(keptOf(order))) return undefined;
    const outcome = await this.#deposits.open(keptOf(order));
    return outcome.kind === 'confirmed' ? undefined : outcome;
  }

  #checkTerms(order: BatchOrder, { units, unitPrice }: Wares): Result<never> | undefined {
    const { asked, channelConfig, deposit, voucher, readAt } = order;
    const { payTo, token, withdrawDelaySeconds, maxTimeoutSeconds = 300 } = this.#options;
    const receiverAuthorizer = this.#authorizers.of(markIn(asked)).address;
    const ours = { receiver: payTo, receiverAuthorizer, token: token.address };
    const wrong = checkChannel(channelConfig, { ...ours, withdrawDelay: withdrawDelaySeconds });
    if (wrong) return wrong;
    if (channelIdOf(this.#separator, channelConfig) !== voucher.channelId) {
      return refuse('bad_payment', 'the voucher is not of this channel');
    }
    const amount = BigInt(deposit.amount);
    if (amount < units * unitPrice || unitPrice === 0n) {
      return refuse('bad_terms', `the deposit must be ${units * unitPrice} at least`);
    }
    if (BigInt(voucher.maxClaimableAmount) > amount) {
      return refuse('exceeds_deposit', 'the voucher is for more than the deposit');
    }
    const { validAfter, validBefore } = depositAuthorization(order);
    const margin = this.#options.signatureMarginSeconds ?? 30;
    return checkTimes(validAfter, validBefore, { margin, longest: maxTimeoutSeconds + skew }, readAt);
  }

  async #checkSignatures(order: BatchOrder): Promise<Result<never> | undefined> {
    const { signature } = order.deposit.authorization.erc3009Authorization;
    const authorization = depositAuthorization(order);
    const digest = authorizationDigest(this.#tokenSeparator, authorization);
    if (await isSignedBy(authorization.from, digest, signature)) {
      return this.#checkVoucher(order, order.voucher);
    }
    return refuse('bad_signature', `the deposit is not signed by the key of ${authorization.from}`);
  }

  async #checkVoucher({ channelConfig }: BatchOrder, voucher: Voucher): Promise<Result<never> | undefined> {
    const { channelId, maxClaimableAmount, signature } = voucher;
    const signer = channelConfig.payerAuthorizer;
    const digest = voucherDigest(this.#separator, channelId, BigInt(maxClaimableAmount));
    if (await isSignedBy(signer, digest, signature)) return undefined;
    return refuse('bad_signature', `the voucher is not signed by the key of ${signer}`);
  }

  #seconds(): number {
    return Math.floor((this.#options.now ?? Date.now)() / 1000);
  }
}

function keptOf({ payload }: PaymentOrder): BatchOrder {
  return payload as BatchOrder;
}

function settlementOf(order: PaymentOrder, { proof }: SignedUnits, units: string): Settlement {
  const kept = keptOf(order);
  const due = BigInt(units) * BigInt(order.unitPrice);
  return { order: kept, voucher: proof as Voucher, due, since: BigInt(kept.readAt - skew) };
}

/** Whole units only, and no more than were ordered. */
function signedBy(voucher: Voucher, { units, unitPrice }: PaymentOrder): SignedUnits {
  const signed = BigInt(voucher.maxClaimableAmount) / BigInt(unitPrice);
  return { units: `${signed < BigInt(units) ? signed : units}`, proof: voucher };
}

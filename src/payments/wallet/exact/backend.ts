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
import type { ChainReader } from '../chain-reader.js';
import type { FacilitatorClient } from '../facilitator-client.js';
import { askingChain, confirmed, rejected, unknown } from '../outcome.js';
import { readPayment, refuse, withoutText } from '../payment.js';
import type { Ready } from '../readiness.js';
import { isSignedBy } from '../signature.js';
import { type Submission, Submitter } from '../submitter.js';
import { findUse, type Token, tokenSeparator, transferDigest, type Use } from '../token.js';
import type { Address, Hex } from '../typed-data.js';
import { reorgSeconds, skew } from '../validity.js';
import { authorizationOf, checkTerms, type ExactOrder, exactPayloadOf, orderOf } from './order.js';

export interface ExactOptions {
  readonly chain: ChainReader;
  readonly facilitator: FacilitatorClient;
  readonly token: Token;
  /**
   * The seller's account, in lower case. It must be this router's alone: nothing in a payment of this scheme says which
   * of two sellers with the same account it was for.
   */
  readonly payTo: Address;
  /** How long a wallet's signature is good, in seconds. @default 300 */
  readonly maxTimeoutSeconds?: number;
  /** How long a wallet's signature must still be valid when it comes, in seconds. @default 30 */
  readonly marginSeconds?: number;
  /** Blocks on top of a payment after which it is final. */
  readonly finality: number;
  /** Wall clock in ms since 1970. */
  readonly now?: () => number;
  /** Of facilitator and node. @default they are always thought to be there */
  readonly readiness?: Ready;
}

/**
 * The x402 scheme `exact`: the price of a package is moved to the seller at once, by EIP-3009. Nothing is held, and
 * nothing goes back. A facilitator brings the payment onto the chain; that it is there, the chain alone says.
 */
export class ExactBackend implements DepositScheme {
  readonly name = 'x402-exact';
  readonly currency: string;
  readonly decimals: number;
  readonly finality: number;
  readonly #options: ExactOptions;
  readonly #separator: Hex;
  readonly #maxTimeoutSeconds: number;
  readonly #submitter: Submitter;

  constructor(options: ExactOptions) {
    this.#options = options;
    this.currency = options.token.currency;
    this.decimals = options.token.decimals;
    this.finality = options.finality;
    this.#separator = tokenSeparator(options.token, options.chain.chainId);
    this.#maxTimeoutSeconds = options.maxTimeoutSeconds ?? 300;
    this.#submitter = new Submitter(options.facilitator);
  }

  get isReady(): boolean {
    return this.#options.readiness?.isReady ?? true;
  }

  requirements({ units, unitPrice, description }: Wares): PaymentRequirements {
    const { chain, token, payTo } = this.#options;
    return {
      scheme: 'exact',
      network: chain.network,
      asset: token.address,
      amount: `${units * unitPrice}`,
      payTo,
      maxTimeoutSeconds: this.#maxTimeoutSeconds,
      extra: { name: token.name, version: token.version, assetTransferMethod: 'eip3009', description },
    };
  }

  async read(
    payment: Readonly<Record<string, unknown>>,
    wares: Wares,
  ): Promise<Result<{ readonly order: PaymentOrder; readonly signed: SignedUnits }>> {
    const asked = this.requirements(wares);
    const inner = readPayment(payment, asked);
    if (!inner.ok) return inner;
    const payload = exactPayloadOf(inner.value);
    if (!payload) return refuse('bad_payment', 'an EIP-3009 authorization with its signature is needed');
    const authorization = authorizationOf(payload);
    const readAt = this.#seconds();
    const validity = { margin: this.#options.marginSeconds ?? 30, longest: this.#maxTimeoutSeconds + skew };
    const wrong = checkTerms(authorization, asked, validity, readAt);
    if (wrong) return wrong;
    const digest = transferDigest(this.#separator, authorization);
    if (!(await isSignedBy(authorization.from, digest, payload.signature))) {
      return refuse('bad_signature', `it is not signed by the key of ${authorization.from}`);
    }
    const kept = { asked: withoutText(asked), payload, run: this.#submitter.run, readAt };
    return { ok: true, value: orderOf(kept, wares, this.#options.chain.chainId) };
  }

  async readSignature(): Promise<Result<SignedUnits>> {
    return refuse('stale_signature', 'a package is paid as a whole: there is no more to sign');
  }

  open(order: PaymentOrder): Promise<Outcome<Opened>> {
    const { asked, payload } = keptOf(order);
    return askingChain(this.#options.chain, asked, async () => {
      const before = await this.#find(order);
      if (before) return before;
      const said = await this.#submitter.submit(submissionOf(order), payload, asked);
      // The chain decides: a payment that it shows is paid, whatever the facilitator said.
      return (await this.#find(order)) ?? said;
    });
  }

  async consume({ units }: PaymentOrder): Promise<Outcome<string>> {
    return confirmed(units);
  }

  async close(order: PaymentOrder, { transaction }: Opened): Promise<Outcome<Closed>> {
    return confirmed({ transaction, sellerAmount: amountOf(order), buyerRefund: '0' });
  }

  look(order: PaymentOrder): Promise<Outcome<ChainState>> {
    const { chain } = this.#options;
    return askingChain<ChainState>(chain, keptOf(order).asked, async () => {
      if (!(await this.#isUsed(order))) return confirmed({ is: 'gone' });
      const use = await this.#findUse(order);
      if (!use) return unknown(unseen);
      if (!isOurs(order, use)) return confirmed({ is: 'gone' });
      const { number } = await chain.latest();
      const confirmations = Number(number - use.block);
      return confirmed({ is: 'open', opened: openedBy(order, use), consumed: order.units, confirmations });
    });
  }

  /** What the chain says of a payment; undefined while it can still come. @throws {@link RpcError} */
  async #find(order: PaymentOrder): Promise<Outcome<Opened> | undefined> {
    if (!(await this.#isUsed(order))) {
      return (await this.#isOver(order, reorgSeconds))
        ? rejected('expired_authorization', 'the authorization was not used in its time')
        : undefined;
    }
    if (!this.#submitter.mayBeSent(submissionOf(order)))
      return rejected(alreadyUsed, 'it was used before it was given to us');
    const use = await this.#findUse(order);
    if (use && isOurs(order, use)) return confirmed(openedBy(order, use));
    // Tokens need not tell that an authorization was cancelled.
    const isSure = use !== undefined || (await this.#isOver(order, skew));
    return isSure ? rejected(alreadyUsed, 'it was used for another payment, or cancelled') : unknown(unseen);
  }

  /** Whether the authorization has been out of date for so many seconds, by the clock of the chain. */
  async #isOver(order: PaymentOrder, seconds: number): Promise<boolean> {
    const { timestamp } = await this.#options.chain.latest();
    return timestamp > BigInt(keptOf(order).payload.authorization.validBefore) + BigInt(seconds);
  }

  #isUsed(order: PaymentOrder): Promise<boolean> {
    const { asked, payload } = keptOf(order);
    const { from, nonce } = payload.authorization;
    return this.#options.chain.isAuthorizationUsed(asked.asset as Address, from, nonce);
  }

  #findUse(order: PaymentOrder): Promise<Use | 'cancelled' | undefined> {
    const { asked, payload, readAt } = keptOf(order);
    const { from, nonce } = payload.authorization;
    return findUse(this.#options.chain, asked.asset as Address, from, nonce, BigInt(readAt - skew));
  }

  #seconds(): number {
    return Math.floor((this.#options.now ?? Date.now)() / 1000);
  }
}

const alreadyUsed = 'nonce_already_used';
const unseen = 'the authorization was used, and the node does not show for what';

function keptOf({ payload }: PaymentOrder): ExactOrder {
  return payload as ExactOrder;
}

function isOurs(order: PaymentOrder, use: Use | 'cancelled'): use is Use {
  return use !== 'cancelled' && use.to === keptOf(order).asked.payTo && `${use.value}` === amountOf(order);
}

function submissionOf(order: PaymentOrder): Submission {
  return { id: order.id, run: keptOf(order).run };
}

function openedBy(order: PaymentOrder, { transaction }: Use): Opened {
  return { reference: keptOf(order).payload.authorization.nonce, transaction, final: true };
}

function amountOf({ units, unitPrice }: PaymentOrder): string {
  return `${BigInt(units) * BigInt(unitPrice)}`;
}

import { randomBytes } from 'node:crypto';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import type { SessionRequirements } from '../../src/payments/wallet/session/requirements.js';
import type { TokenDomain } from '../../src/payments/wallet/token.js';
import {
  type Address,
  type Authorization,
  type ChargeUnits,
  type CloseSession,
  type ConsumeUnits,
  escrowDomain,
  escrowTypes,
  type Hex,
  type SessionTerms,
  sessionIdOf,
  termsHash,
} from '../../src/payments/wallet/typed-data.js';
import type {
  CloseRequest,
  ConsumeRequest,
  CreateRequest,
  SignedTotal,
} from '../../src/payments/wallet/wire.js';

/** The escrow that a wallet signs for. */
export interface EscrowPlace {
  readonly chainId: number;
  readonly escrow: Address;
}

/** How long a deposit's signature is good. Unix seconds. */
export interface Validity {
  readonly validAfter: bigint;
  readonly validBefore: bigint;
}

/** 32 random bytes, for salts and nonces. */
export function randomWord(): Hex {
  return `0x${randomBytes(32).toString('hex')}`;
}

/** A customer's wallet, or a seller's: it holds a key and signs, and talks to nobody. */
export class Wallet {
  readonly #account: PrivateKeyAccount;
  readonly #place: EscrowPlace;

  constructor(key: Hex, place: EscrowPlace) {
    this.#account = privateKeyToAccount(key);
    this.#place = place;
  }

  get address(): Address {
    return this.#account.address;
  }

  /**
   * The deposit: EIP-3009 `ReceiveWithAuthorization` to the escrow, bound to the terms by its nonce.
   * @param from another account that this key signs for, such as a smart wallet
   */
  async authorize(
    terms: SessionTerms,
    token: TokenDomain,
    validity: Validity,
    from: Address = this.address,
  ): Promise<{ authorization: Authorization; signature: Hex }> {
    const { chainId, escrow } = this.#place;
    const { totalDeposit: value } = terms;
    const authorization = { from, to: escrow, value, ...validity, nonce: termsHash(terms) };
    const signature = await this.#account.signTypedData({
      domain: { ...token, chainId, verifyingContract: terms.token },
      types: escrowTypes,
      primaryType: 'ReceiveWithAuthorization',
      message: authorization,
    });
    return { authorization, signature };
  }

  /** As the buyer: signs for so many units more. */
  consume(message: ConsumeUnits): Promise<Hex> {
    const domain = this.#domain();
    return this.#account.signTypedData({ domain, types: escrowTypes, primaryType: 'ConsumeUnits', message });
  }

  /** As the seller: signs that the session closes at this amount. */
  close(message: CloseSession): Promise<Hex> {
    const domain = this.#domain();
    return this.#account.signTypedData({ domain, types: escrowTypes, primaryType: 'CloseSession', message });
  }

  /** As the seller: signs that this amount is charged while the session goes on. */
  charge(message: ChargeUnits): Promise<Hex> {
    const domain = this.#domain();
    return this.#account.signTypedData({ domain, types: escrowTypes, primaryType: 'ChargeUnits', message });
  }

  /** As the buyer: signs the wish to have the rest back. */
  requestClose(sessionId: Hex): Promise<Hex> {
    return this.#account.signTypedData({
      domain: this.#domain(),
      types: escrowTypes,
      primaryType: 'RequestClose',
      message: { sessionId },
    });
  }

  /** The body of `POST /session/create`. */
  async createRequest(
    terms: SessionTerms,
    token: TokenDomain,
    validity: Validity,
    from: Address = this.address,
  ): Promise<CreateRequest> {
    const { authorization: a, signature } = await this.authorize(terms, token, validity, from);
    const network = this.#network();
    return {
      x402Version: 2,
      paymentPayload: {
        network,
        authorization: {
          ...a,
          value: `${a.value}`,
          validAfter: `${a.validAfter}`,
          validBefore: `${a.validBefore}`,
        },
        signature,
        extensions: {
          session: {
            type: 'prepaid',
            pricePerUnit: `${terms.pricePerUnit}`,
            maxUnits: `${terms.totalDeposit / terms.pricePerUnit}`,
            duration: `${terms.duration}`,
            seller: terms.seller,
            salt: terms.salt,
          },
        },
      },
      paymentRequirements: { asset: terms.token, amount: `${terms.totalDeposit}`, network },
    };
  }

  /**
   * The `payment` of a purchase, for the requirements of a quote.
   * @param signed units that may be served before the wallet is asked again
   * @param now Unix seconds
   */
  async pay(
    asked: SessionRequirements,
    signed: bigint,
    now: bigint,
  ): Promise<{ sessionId: Hex; payment: Record<string, unknown> }> {
    const { name = '', version = '', seller, pricePerUnit, duration } = asked.extra;
    const terms: SessionTerms = {
      seller,
      token: asked.asset,
      totalDeposit: BigInt(asked.amount),
      pricePerUnit: BigInt(pricePerUnit),
      duration: BigInt(duration),
      salt: randomWord(),
    };
    const validity = { validAfter: 0n, validBefore: now + BigInt(asked.maxTimeoutSeconds) };
    const { paymentPayload: payload } = await this.createRequest(terms, { name, version }, validity);
    const { chainId, escrow } = this.#place;
    const sessionId = sessionIdOf(BigInt(chainId), escrow, this.address, terms);
    const consume = await this.total(sessionId, signed);
    return { sessionId, payment: { method: 'x402r-session', payload, consume } };
  }

  /** As the buyer: signs a running total, `units` beyond `unitsUsedBefore`. */
  async total(sessionId: Hex, units: bigint, unitsUsedBefore = 0n): Promise<SignedTotal> {
    const nonce = randomWord();
    const buyerSignature = await this.consume({ sessionId, units, unitsUsedBefore, nonce });
    return { units: `${units}`, unitsUsedBefore: `${unitsUsedBefore}`, nonce, buyerSignature };
  }

  /** As the seller: the body of `POST /session/consume`, for this part of a buyer's total. */
  async consumeRequest(sessionId: Hex, total: SignedTotal, consumedAmount: bigint): Promise<ConsumeRequest> {
    const signature = await this.charge({ sessionId, consumedAmount });
    return { sessionId, ...total, network: this.#network(), consumedAmount: `${consumedAmount}`, signature };
  }

  /** The body of `POST /session/close`, as the seller. */
  async closeRequest(sessionId: Hex, consumedAmount: bigint): Promise<CloseRequest> {
    const signature = await this.close({ sessionId, consumedAmount });
    return { sessionId, network: this.#network(), signature, consumedAmount: `${consumedAmount}` };
  }

  #network(): string {
    return `eip155:${this.#place.chainId}`;
  }

  #domain() {
    return { ...escrowDomain, chainId: this.#place.chainId, verifyingContract: this.#place.escrow };
  }
}

import { findDefaultAsset } from '@x402/evm';
import {
  type Asked,
  type Requirements,
  readRequirements,
  SessionError,
  type Signer,
} from './requirements.js';
import {
  type Address,
  type Hex,
  randomWord,
  sessionIdOf,
  type Terms,
  termsHash,
  types,
} from './typed-data.js';

/** A deposit that was signed. It is made when its seller brings it to the chain, and may never be. */
export interface Deposit {
  readonly sessionId: Hex;
  /** CAIP-2. */
  readonly network: string;
  readonly escrow: Address;
  readonly terms: Terms;
  /** Unix seconds: from then on it cannot be made any more. */
  readonly validBefore: bigint;
}

/** How a wallet pays. */
export interface Options {
  /** The contracts that deposits may be paid into. @default any that a seller names */
  readonly escrows?: readonly string[];
  /**
   * Is told of each deposit before it leaves the wallet. Whoever keeps it can ask the contract for the rest of the money
   * themselves, should the seller never end the session.
   */
  readonly onDeposit?: (deposit: Deposit) => void | Promise<void>;
  /** Wall clock in ms since 1970. @default Date.now */
  readonly now?: () => number;
}

/** What a seller gets: the deposit, and the buyer's first total, for all units of it. */
export interface Payload extends Record<string, unknown> {
  readonly payload: Record<string, unknown>;
  readonly consume: Record<string, unknown>;
}

/**
 * The scheme `session` for clients of x402 version 2. The buyer pays for units up front, into a contract; what is
 * used of them is charged, and the rest goes back when the session ends.
 */
export class SessionEvmScheme {
  readonly scheme = 'session';
  /** Lets the client's spend controls know tokens such as USDC. */
  readonly findDefaultAsset = findDefaultAsset;
  readonly #signer: Signer;
  readonly #options: Options;
  readonly #escrows: readonly string[] | undefined;

  constructor(signer: Signer, options: Options = {}) {
    this.#signer = signer;
    this.#options = options;
    this.#escrows = options.escrows?.map((one) => one.toLowerCase());
  }

  /** @throws {@link SessionError} when the requirements do not fit together, or name another contract */
  async createPaymentPayload(
    x402Version: number,
    requirements: Requirements,
  ): Promise<{ x402Version: number; payload: Payload }> {
    if (x402Version !== 2) throw new SessionError('sessions are paid for by x402 version 2');
    const asked = readRequirements(requirements);
    const { chainId, escrow } = asked;
    if (this.#escrows && !this.#escrows.includes(escrow.toLowerCase()))
      throw new SessionError(`${escrow} is none of the contracts that may be paid into`);
    const terms: Terms = { ...asked.terms, salt: randomWord() };
    const seconds = Math.floor((this.#options.now ?? Date.now)() / 1000);
    const validBefore = BigInt(seconds + requirements.maxTimeoutSeconds);
    const sessionId = sessionIdOf(chainId, escrow, this.#signer.address, terms);
    const payload = await this.#deposit(asked, requirements.network, terms, validBefore);
    const consume = await this.#total(asked, sessionId);
    await this.#options.onDeposit?.({ sessionId, network: requirements.network, escrow, terms, validBefore });
    return { x402Version, payload: { payload, consume } };
  }

  /** EIP-3009, payable to the contract alone and for these terms alone. */
  async #deposit(
    { chainId, escrow, tokenDomain, units }: Asked,
    network: string,
    terms: Terms,
    validBefore: bigint,
  ): Promise<Record<string, unknown>> {
    const { seller, token, totalDeposit, pricePerUnit, duration, salt } = terms;
    const [from, nonce] = [this.#signer.address, termsHash(terms)];
    const signature = await this.#signer.signTypedData({
      domain: { ...tokenDomain, chainId, verifyingContract: token },
      types,
      primaryType: 'ReceiveWithAuthorization',
      message: { from, to: escrow, value: totalDeposit, validAfter: 0n, validBefore, nonce },
    });
    const [value, before] = [`${totalDeposit}`, `${validBefore}`];
    const authorization = { from, to: escrow, value, validAfter: '0', validBefore: before, nonce };
    const prices = { pricePerUnit: `${pricePerUnit}`, maxUnits: `${units}`, duration: `${duration}` };
    const session = { type: 'prepaid', ...prices, seller, salt };
    return { network, authorization, signature, extensions: { session } };
  }

  /** What may be charged at the most. */
  async #total(
    { chainId, escrow, escrowDomain, units }: Asked,
    sessionId: Hex,
  ): Promise<Record<string, unknown>> {
    const nonce = randomWord();
    const buyerSignature = await this.#signer.signTypedData({
      domain: { ...escrowDomain, chainId, verifyingContract: escrow },
      types,
      primaryType: 'ConsumeUnits',
      message: { sessionId, units, unitsUsedBefore: 0n, nonce },
    });
    return { units: `${units}`, unitsUsedBefore: '0', nonce, buyerSignature };
  }
}

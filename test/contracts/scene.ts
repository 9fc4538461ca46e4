// The escrow on a test chain, and what the tests ask of it again and again.
import { Anvil } from '../../packages/simulators/anvil.js';
import { EscrowChain, testToken } from '../../packages/simulators/chain.js';
import { randomWord, type Validity } from '../../packages/simulators/wallet.js';
import type { Hex, SessionTerms } from '../../src/payments/wallet/typed-data.js';
import type { ConsumeRequest } from '../../src/payments/wallet/wire.js';

export const tokenDomain = testToken.domain;

/** From the start of time to the end. */
export const always: Validity = { validAfter: 0n, validBefore: 2n ** 40n };

/** 100 tokens of 6 decimals, which the buyer has at first. */
export const purse = 100_000_000n;

export class Scene extends EscrowChain {
  /** @param kind of token, by its name in contracts/artifacts */
  static async on(chain: Anvil, kind?: string): Promise<Scene> {
    const { escrow, token } = await EscrowChain.deploy(chain, purse, kind);
    return new Scene(chain, escrow, token);
  }

  static async start(kind?: string): Promise<Scene> {
    return Scene.on(await Anvil.start(), kind);
  }

  /** 1.00 for a million units, for an hour. */
  terms(change: Partial<SessionTerms> = {}): SessionTerms {
    return {
      seller: this.seller.address,
      token: this.token.address,
      totalDeposit: 1_000_000n,
      pricePerUnit: 1n,
      duration: 3600n,
      salt: randomWord(),
      ...change,
    };
  }

  /** Opens a session by the buyer's signature. */
  async open(terms: SessionTerms = this.terms()): Promise<Hex> {
    const { authorization, signature } = await this.buyer.authorize(terms, tokenDomain, always);
    const { from, validAfter, validBefore } = authorization;
    const call = [terms, { from, validAfter, validBefore, signature }];
    const { events } = await this.escrow.must(this.stranger, 'createSessionWithAuthorization', ...call);
    return (events.SessionCreated![0] as { sessionId: Hex }).sessionId;
  }

  /** What the buyer signs, as the arguments of a charge have it: units, units before, signature, nonce. */
  async signed(sessionId: Hex, units: bigint, before: bigint): Promise<[bigint, bigint, Hex, Hex]> {
    const nonce = randomWord();
    const signature = await this.buyer.consume({ sessionId, units, unitsUsedBefore: before, nonce });
    return [units, before, signature, nonce];
  }

  /** The arguments of `consumeUnitsAt`: all that the buyer signs at a price of 1, by the seller's word. */
  async charge(sessionId: Hex, units: bigint, before: bigint) {
    const consumedAmount = units + before;
    const word = await this.seller.charge({ sessionId, consumedAmount });
    return [sessionId, consumedAmount, word, ...(await this.signed(sessionId, units, before))] as const;
  }

  /** The body of `POST /session/consume`: all that the buyer signs at a price of 1. */
  async consumeRequest(sessionId: Hex, units: bigint, before: bigint): Promise<ConsumeRequest> {
    const total = await this.buyer.total(sessionId, units, before);
    return this.seller.consumeRequest(sessionId, total, units + before);
  }

  /** What the buyer, the seller, the escrow and the stranger have. */
  balances(): Promise<bigint[]> {
    const accounts = [this.buyer.address, this.seller.address, this.escrow.address, this.stranger];
    return Promise.all(accounts.map((account) => this.balance(account)));
  }
}

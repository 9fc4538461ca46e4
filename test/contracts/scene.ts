// The escrow on a test chain, with a buyer, a seller and a stranger.
import { mnemonicToAccount } from 'viem/accounts';
import { toHex } from 'viem/utils';
import { Anvil, chainId } from '../../packages/simulators/anvil.js';
import { randomWord, type Validity, Wallet } from '../../packages/simulators/wallet.js';
import type { Address, Hex, SessionTerms } from '../../src/payments/wallet/typed-data.js';
import { Contract } from './contracts.js';

/** The EIP-712 domain of contracts/test/TestToken.sol. */
export const tokenDomain = { name: 'Test USD', version: '2' };

/** Keys of the accounts that anvil makes and unlocks. */
export function keyOf(index: number): Hex {
  const account = mnemonicToAccount(`${'test '.repeat(11)}junk`, { addressIndex: index });
  return toHex(account.getHdKey().privateKey!);
}

/** From the start of time to the end. */
export const always: Validity = { validAfter: 0n, validBefore: 2n ** 40n };

/** 100 tokens of 6 decimals, which the buyer has at first. */
export const purse = 100_000_000n;

export class Scene {
  readonly chain: Anvil;
  readonly escrow: Contract;
  readonly token: Contract;
  readonly buyer: Wallet;
  readonly seller: Wallet;
  /** Has neither part in any session, nor tokens. */
  readonly stranger: Address;

  private constructor(chain: Anvil, escrow: Contract, token: Contract) {
    this.chain = chain;
    this.escrow = escrow;
    this.token = token;
    this.buyer = this.wallet(1);
    this.seller = this.wallet(2);
    this.stranger = this.wallet(3).address;
  }

  /** @param kind of token, by its name in contracts/artifacts */
  static async on(chain: Anvil, kind = 'TestToken'): Promise<Scene> {
    const escrow = await Contract.deploy(chain, 'SessionEscrow');
    const scene = new Scene(chain, escrow, await Contract.deploy(chain, kind));
    await scene.token.must(scene.stranger, 'mint', scene.buyer.address, purse);
    return scene;
  }

  static async start(kind?: string): Promise<Scene> {
    const chain = await Anvil.start();
    return Scene.on(chain, kind);
  }

  wallet(index: number): Wallet {
    return new Wallet(keyOf(index), { chainId, escrow: this.escrow.address });
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

  /** The arguments of `consumeUnitsFrom`, signed by the buyer. */
  async signed(sessionId: Hex, units: bigint, before: bigint): Promise<[Hex, bigint, bigint, Hex, Hex]> {
    const nonce = randomWord();
    const signature = await this.buyer.consume({ sessionId, units, unitsUsedBefore: before, nonce });
    return [sessionId, units, before, signature, nonce];
  }

  balance(account: Address): Promise<bigint> {
    return this.token.read('balanceOf', account);
  }

  /** What the buyer, the seller, the escrow and the stranger have. */
  balances(): Promise<bigint[]> {
    const accounts = [this.buyer.address, this.seller.address, this.escrow.address, this.stranger];
    return Promise.all(accounts.map((account) => this.balance(account)));
  }
}

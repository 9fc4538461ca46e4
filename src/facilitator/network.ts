import { Chain, type ChainSession } from '../payments/wallet/session-chain.js';
import { isSignedBy } from '../payments/wallet/signature.js';
import type { Address, Hex } from '../payments/wallet/typed-data.js';
import { type SessionView, statuses } from '../payments/wallet/wire.js';
import type { Log } from '../ports/log.js';
import { Allowance } from './allowance.js';
import type { FacilitatorConfig, NetworkConfig } from './config.js';
import { FacilitatorError } from './error.js';
import type { Journal } from './journal.js';
import type { Parties } from './operation.js';
import { Purse } from './purse.js';
import { Sender } from './sender.js';
import { Signer } from './signer.js';
import { isAccepted } from './smart-wallet.js';

/** Seconds, see the configuration. */
export interface Margins {
  readonly expiry: bigint;
  readonly authorization: bigint;
}

/** One network and everything that is done on it. */
export class Network {
  readonly id: string;
  readonly config: NetworkConfig;
  readonly chain: Chain;
  readonly sender: Sender;
  readonly signers: readonly Signer[];
  readonly margins: Margins;
  readonly purse: Purse;
  readonly allowance: Allowance;
  readonly #journal: Journal;

  constructor(id: string, config: FacilitatorConfig, journal: Journal, log: Log) {
    this.id = id;
    this.config = config.networks[id]!;
    this.chain = new Chain({ ...this.config, chainId: BigInt(id.slice('eip155:'.length)) });
    this.signers = this.config.keys.map((key) => new Signer(key, id, this.chain, journal));
    this.sender = new Sender(id, this.config, { chain: this.chain, journal, signers: this.signers, log });
    this.purse = new Purse(this.chain, this.signers);
    this.allowance = new Allowance(id, this.config, journal);
    this.#journal = journal;
    const { expiryMarginSeconds, authorizationMarginSeconds } = config;
    this.margins = { expiry: BigInt(expiryMarginSeconds), authorization: BigInt(authorizationMarginSeconds) };
  }

  /**
   * Who a session belongs to. Only sessions in tokens of the configuration are served: a call of the escrow runs the
   * token's code, at this server's cost.
   * @throws {@link FacilitatorError} `unknown_session`, `unknown_token`, `unknown_seller`; `RpcError`
   */
  async parties(sessionId: Hex): Promise<Parties> {
    const parties = this.#journal.parties(this.id, sessionId) ?? (await this.session(sessionId));
    if (!(parties.token in this.config.tokens))
      throw new FacilitatorError('unknown_token', `${parties.token} is not taken here`);
    this.allowance.mustServe(parties.seller);
    return parties;
  }

  /** A session as the chain has it now. @throws {@link FacilitatorError} `unknown_session`; `RpcError` */
  async session(sessionId: Hex): Promise<ChainSession> {
    await this.chain.check();
    const session = await this.chain.session(sessionId, await this.chain.latest());
    if (!session) throw new FacilitatorError('unknown_session', 'there is no such session on this network');
    this.#journal.remember(this.id, sessionId, session);
    return session;
  }

  /** Keeps what the chain says of a session. */
  remember(sessionId: Hex, session: ChainSession): void {
    this.#journal.remember(this.id, sessionId, session);
  }

  /**
   * Refuses a signature by another key, and one that a smart wallet (ERC-1271), where those are allowed, does not accept
   * or needs too much gas for. It can think otherwise when the call is paid for.
   * @returns whether a key has signed, so that nobody's code decides
   * @throws {@link FacilitatorError} `bad_signature`; `RpcError`
   */
  async checkSignature(signer: Address, digest: Hex, signature: Hex): Promise<boolean> {
    if (await isSignedBy(signer, digest, signature)) return true;
    const { smartWallets, walletGas } = this.config;
    if (smartWallets && (await isAccepted(this.chain, signer, { digest, signature }, walletGas)))
      return false;
    throw new FacilitatorError('bad_signature', `it is not signed by ${signer}`);
  }

  /** The session as the API tells of it. */
  view(sessionId: Hex, session: ChainSession): SessionView {
    const { totalDeposit, pricePerUnit, unitsUsed, closableAt, expiresAt } = session;
    const consumed = unitsUsed * pricePerUnit;
    return {
      sessionId,
      network: this.id,
      buyer: session.buyer,
      seller: session.seller,
      token: session.token,
      totalDeposit: `${totalDeposit}`,
      pricePerUnit: `${pricePerUnit}`,
      consumedAmount: `${consumed}`,
      remainingAmount: `${totalDeposit - consumed}`,
      unitsUsed: `${unitsUsed}`,
      remainingUnits: `${totalDeposit / pricePerUnit - unitsUsed}`,
      expiresAt: Number(expiresAt),
      closableAt: Number(closableAt),
      serveUntil: Number(closableAt - this.margins.expiry),
      status: statuses[session.status] ?? 'active',
    };
  }
}

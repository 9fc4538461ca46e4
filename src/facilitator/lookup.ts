import { createHash, timingSafeEqual } from 'node:crypto';
import { hashTypedData } from 'viem/utils';
import { escrowDomain, type Hex } from '../payments/wallet/typed-data.js';
import type { SessionsReply } from '../payments/wallet/wire.js';
import { FacilitatorError } from './error.js';
import type { Journal } from './journal.js';
import type { Network } from './network.js';
import type { LookupOrder } from './requests.js';

/** How long a signature for a lookup may be good, in seconds. */
const longest = 300;
/** Signatures that were used and are not over yet: more than these wait until some are. */
const mostUsed = 10_000;

/** EIP-712 types of what a buyer or a seller signs to see their sessions, in the escrow's domain. */
export const lookupTypes = {
  ListSessions: [
    { name: 'account', type: 'address' },
    { name: 'role', type: 'string' },
    { name: 'after', type: 'bytes32' },
    { name: 'until', type: 'uint256' },
  ],
} as const;

export interface LookupParts {
  readonly journal: Pick<Journal, 'sessionsOf'>;
  /** Lets its bearer see the sessions of everybody; undefined: nobody may. */
  readonly operatorToken: string | undefined;
  /** ms since 1970. @default Date.now */
  readonly now?: () => number;
}

/** Lists of sessions, for those whose they are: they sign each request, which counts once and for a short time. */
export class Lookup {
  readonly #parts: LookupParts;
  /** Digests that were used, and when they are over, in Unix seconds. */
  readonly #used = new Map<Hex, number>();

  constructor(parts: LookupParts) {
    this.#parts = parts;
  }

  /**
   * Sessions of an account on a network that this server has had to do with, by their ids.
   * @param bearer the token of the request's `Authorization`, if it has one
   * @throws {@link FacilitatorError} `bad_signature` for who is not let in; `bad_request`; `overloaded`
   */
  async sessions(network: Network, order: LookupOrder, bearer: string | undefined): Promise<SessionsReply> {
    if (bearer !== undefined) this.#mustBeOperator(bearer);
    else await this.#mustBeSigned(network, order);
    const { account, role, after, limit } = order;
    const found = this.#parts.journal.sessionsOf(network.id, { account, role, after, limit: limit + 1 });
    const sessions = found.slice(0, limit).map((one) => ({ network: network.id, ...one }));
    const next = found.length > limit ? sessions.at(-1)?.sessionId : undefined;
    return { success: true, sessions, ...(next && { next }) };
  }

  #mustBeOperator(bearer: string): void {
    const { operatorToken } = this.#parts;
    if (operatorToken === undefined || !timingSafeEqual(hashOf(bearer), hashOf(operatorToken)))
      throw new FacilitatorError('bad_signature', 'Authorization: it is not the token of the operator');
  }

  async #mustBeSigned(network: Network, order: LookupOrder): Promise<void> {
    const { account, role, after, until, signature } = order;
    const now = Math.floor((this.#parts.now ?? Date.now)() / 1000);
    if (signature === undefined || until === undefined)
      throw new FacilitatorError('bad_request', 'signature, until: the account must sign');
    if (until <= now || until > now + longest)
      throw new FacilitatorError('bad_request', `until: within the next ${longest} seconds`);
    const { chainId, escrow } = network.chain;
    const digest = hashTypedData({
      domain: { ...escrowDomain, chainId, verifyingContract: escrow },
      types: lookupTypes,
      primaryType: 'ListSessions',
      message: { account, role, after, until: BigInt(until) },
    });
    await network.checkSignature(account, digest, signature);
    this.#use(digest, until, now);
  }

  #use(digest: Hex, until: number, now: number): void {
    for (const [old, end] of this.#used) if (end <= now) this.#used.delete(old);
    if (this.#used.has(digest))
      throw new FacilitatorError('bad_signature', 'it was used: sign another `until`');
    if (this.#used.size >= mostUsed) throw new FacilitatorError('overloaded', 'too many lookups');
    this.#used.set(digest, until);
  }
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

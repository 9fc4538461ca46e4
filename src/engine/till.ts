import type { Lot } from '../domain/lot.js';
import type { Mac } from '../domain/mac.js';
import type { Session } from '../domain/session.js';
import type { Sale } from './accounts.js';
import type { Engine } from './engine.js';
import { type Refusal, refuse } from './ports.js';
import { misfit, rivals, sessionToTopUp, sold } from './sales.js';

/** Whom a sale is for; `gateway` where the caller names one. */
export interface Target {
  readonly mac: Mac;
  readonly user?: string;
  readonly gateway?: string;
}

/** The sale as it would be now, or why it cannot be. */
export type Draft = () => Sale | Refusal;

/** How long a caller waits for a gate before he gets the session as it stands. LuCI hangs up after 20 s. */
export const patienceMs = 3_000;
/** Sessions that are open at once: beyond what any router carries, and within its memory. */
const mostLive = 10_000;
/** Session ids: 100 random bits, five to a letter; no clock is needed for them to be unique. */
const idLetters = 'abcdefghjkmnpqrstvwxyz0123456789';

/** The way of every lot into a session: drafted, made durable, delivered. */
export class Till {
  readonly #engine: Engine;
  readonly #random: (bytes: number) => Uint8Array;

  constructor(engine: Engine, random: (bytes: number) => Uint8Array) {
    this.#engine = engine;
    this.#random = random;
  }

  /** The target's session with the lot in it. `exact`: the lot must limit just what the session does. */
  draft(target: Target, lot: Lot, exact: boolean): Sale | Refusal {
    const into = sessionToTopUp(this.#engine.accounts, target);
    const wrong = misfit(into, lot, exact);
    if (wrong) return wrong;
    if (!into && this.#engine.accounts.book.liveCount >= mostLive) {
      return refuse('too_many_sessions', `${mostLive} sessions are open: no more fit`);
    }
    const gateway = into?.gateway ?? target.gateway ?? this.#engine.gatewayOf(target.mac);
    if (gateway === undefined) {
      return refuse('gateway_needed', `no portal lists ${target.mac} yet: name its gateway`);
    }
    if (!into && !this.#engine.hasGateway(gateway)) {
      return refuse('unknown_gateway', `there is no gateway '${gateway}'`);
    }
    return { session: sold(into, lot, { ...target, gateway }, into?.id ?? this.#newId()) };
  }

  /** Makes the sale durable; nothing was sold when it is refused. */
  async commit(draft: Draft, key: string, digest: string): Promise<Sale | Refusal> {
    try {
      return await this.#engine.accounts.sell(draft, key, digest);
    } catch (cause) {
      return unwritten(cause);
    }
  }

  /** Closes what must close first, opens the gate, and waits a little for it. */
  async deliver(session: Session): Promise<void> {
    for (const rival of rivals(this.#engine.accounts, session)) await this.#engine.end(rival.id, 'conflict');
    this.#engine.settle(session);
    await this.#engine.atRest(session, patienceMs);
  }

  #newId(): string {
    return [...this.#random(20)].map((byte) => idLetters[byte & 31]).join('');
  }
}

/** The refusal for an error of the journal. */
export function unwritten(cause: unknown): Refusal {
  const full = (cause as { code?: unknown }).code === 'storage_full';
  return full
    ? refuse('storage_full', 'the disk is full: nothing was sold')
    : refuse('storage_failed', 'the journal cannot be written: nothing was sold');
}

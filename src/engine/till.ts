import type { Lot } from '../domain/lot.js';
import type { Mac } from '../domain/mac.js';
import type { Allotment } from '../domain/plan.js';
import { refuse } from '../domain/refuse.js';
import { isAsked, newSession, type Owner, type Session } from '../domain/session.js';
import { idLength, idLetters } from '../domain/session-id.js';
import type { Refusal, Result } from '../ports/result.js';
import type { Engine } from './engine.js';
import { type Once, once } from './once.js';
import { patienceMs } from './patience.js';
import { rivals } from './rivals.js';
import type { Sale } from './sale.js';
import { misfit, sessionToTopUp, toppedUp } from './sales.js';

/** Whom a sale is for; `gateway` where the caller names one. */
export interface Target {
  readonly mac: Mac;
  readonly user?: string;
  readonly gateway?: string;
}

/** A sale alone, without its effects on other sessions. */
export type Drafted = Omit<Sale, 'rivals'>;

/** The sale as it would be now, or why it cannot be. */
export type Draft = () => Drafted | Refusal;

/** Sessions that are open at once: beyond what any router carries, and within its memory. */
const mostLive = 10_000;
/** A server has been asked for this device, and has not answered yet. */
export const loginUnderWay = refuse('busy', 'a login of this device is under way: try again');

/** Takes every lot into its session: drafted, made durable, delivered. */
export class Till {
  /** One guard for all requests with an idempotency key, whatever they are for. */
  readonly once: Once = once();
  readonly #engine: Engine;
  readonly #random: (bytes: number) => Uint8Array;

  constructor(engine: Engine, random: (bytes: number) => Uint8Array) {
    this.#engine = engine;
    this.#random = random;
  }

  /** The target's session with the lot in it. `exact`: the lot must limit just what the session does. */
  draft(target: Target, lot: Lot, exact: boolean): Drafted | Refusal {
    const { accounts } = this.#engine;
    if (accounts.book.runningOfMac(target.mac).some(isAsked)) return loginUnderWay;
    const into = sessionToTopUp(accounts, target);
    const wrong = this.#misplaced(target, into) ?? misfit(into, lot, exact) ?? this.#uncounted(lot);
    if (wrong) return wrong;
    if (into && this.#engine.isFull(into.gateway)) return portalFull(into.gateway);
    if (into) return { session: toppedUp(into, lot, target.user) };
    const owner = this.newOwner(target);
    return owner.ok ? { session: newSession(owner.value, lot) } : owner;
  }

  /** Whose a new session would be, or why there can be none. */
  newOwner({ mac, user, gateway: named }: Target, id = this.newId()): Result<Owner> {
    if (this.#engine.accounts.book.runningCount >= mostLive) {
      return refuse('too_many_sessions', `${mostLive} sessions are open: no more fit`);
    }
    const gateway = named ?? this.#engine.gatewayOf(mac);
    if (gateway === undefined) {
      return refuse('gateway_needed', `no portal lists ${mac} yet: name its gateway`);
    }
    if (!this.#engine.hasGateway(gateway)) return unknownGateway(gateway);
    if (this.#engine.isFull(gateway)) return portalFull(gateway);
    return { ok: true, value: { id, mac, gateway, ...(user !== undefined && { user }) } };
  }

  /** An id for a session that was never used. */
  newId(): string {
    return [...this.#random(idLength)].map((byte) => idLetters[byte & 31]).join('');
  }

  /**
   * A session goes on at its own portal, whichever configured portal the caller names; an unknown portal is
   * refused.
   */
  #misplaced({ gateway }: Target, into: Session | undefined): Refusal | undefined {
    if (!into || gateway === undefined || gateway === into.gateway) return undefined;
    return this.#engine.hasGateway(gateway) ? undefined : unknownGateway(gateway);
  }

  /** Nobody counts what is offloaded. What an owner gives away needs no count. */
  #uncounted({ allotment, funding }: Lot): Refusal | undefined {
    const { kernel, settings } = this.#engine;
    const isGift = funding.method === 'grant';
    if (kernel?.state !== 'bypassed' || settings.allowOffload || isGift || !hasDataCap(allotment))
      return undefined;
    return refuse('offloaded', 'flow offload takes packets past the caps, so no data is sold: switch it off');
  }

  /** Makes the sale durable; nothing was sold when it is refused. */
  async commit(draft: Draft, key: string, digest: string): Promise<Sale | Refusal> {
    const { accounts } = this.#engine;
    const withRivals = (): Sale | Refusal => {
      const sale = draft();
      return 'session' in sale ? { ...sale, rivals: rivals(accounts, sale.session) } : sale;
    };
    try {
      return await accounts.sell(withRivals, key, digest);
    } catch (cause) {
      return unwritten(cause);
    }
  }

  /** Closes what must close first, opens the gate, and waits a little for it. */
  async deliver({ session, rivals }: Sale): Promise<void> {
    for (const id of rivals) await this.#engine.shutOut(id);
    this.#engine.reconcile(session);
    await this.#engine.atRest(session, patienceMs);
  }
}

function portalFull(gateway: string): Refusal {
  return refuse('portal_full', `${gateway} lists more devices than can be counted: nothing was sold`);
}

function unknownGateway(name: string): Refusal {
  return refuse('unknown_gateway', `there is no gateway '${name}'`);
}

function hasDataCap({ bytes, upBytes, downBytes }: Allotment): boolean {
  return bytes !== undefined || upBytes !== undefined || downBytes !== undefined;
}

/** The refusal for an error of the journal. */
export function unwritten(cause: unknown): Refusal {
  const full = (cause as { code?: unknown }).code === 'storage_full';
  return full
    ? refuse('storage_full', 'the disk is full: nothing was sold')
    : refuse('storage_failed', 'the journal cannot be written: nothing was sold');
}

const damagedKey = refuse(
  'voucher_key_damaged',
  'the key of the voucher codes is damaged or lost: put vouchers.key back from a backup; all else is sold',
);

/** Runs work that needs the disk. An error of the disk becomes a refusal. */
export async function stored<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === 'secret_damaged') return damagedKey;
    if (!String(code).startsWith('storage_')) throw cause;
    return unwritten(cause);
  }
}

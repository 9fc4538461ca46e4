import { type Authorization, authorizedLot } from '../domain/lot.js';
import { refuse } from '../domain/refuse.js';
import {
  askedSession,
  dueCause,
  isAsked,
  isAuthorized,
  isUsable,
  policyOf,
  type Reauthorization,
  type Session,
  step,
} from '../domain/session.js';
import type { Authorizer, Login } from '../ports/authorizer.js';
import type { Refusal, Result } from '../ports/result.js';
import { Attempts } from './attempts.js';
import type { Engine } from './engine.js';
import { patienceMs } from './patience.js';
import type { Proofs } from './proofs.js';
import { type Draft, loginUnderWay, type Target, type Till } from './till.js';

/** A device, or its user, that wants to log in. */
export interface LoginOrder extends Target {
  readonly payment: Readonly<Record<string, unknown>> & { readonly method: string };
}

/** A login whose server has not been asked yet. */
export interface Prepared {
  /** The payment method that the authorizer is. */
  readonly method: string;
  readonly authorizer: Authorizer;
  /** Of the session, should there be one. */
  readonly id: string;
  readonly target: Target;
  readonly user: string;
  readonly password: string;
}

/**
 * Sessions that a server authorises. The session is pending, without a lot, while the server is asked.
 *
 * A user's old device is closed, and its end reported, before the server is asked to let the new device in. A
 * stranger who knows only a name must not be able to close it: a password that is not known to be right is
 * tried first.
 */
export class Logins {
  readonly #engine: Engine;
  readonly #till: Till;
  readonly #proofs: Proofs;
  readonly #attempts = new Attempts();
  /** Servers that decide, by the payment method that a login with them is. Others after a reload. */
  authorizers: ReadonlyMap<string, Authorizer> = new Map();
  /** Resolves when the server of a payment method has heard of the end of these sessions, or does not answer. */
  reported: (method: string, sessions: readonly string[]) => Promise<void> = async () => {};

  constructor(engine: Engine, till: Till, proofs: Proofs) {
    this.#engine = engine;
    this.#till = till;
    this.#proofs = proofs;
  }

  /** This payment method is a login. */
  takes(method: string): boolean {
    return this.authorizers.has(method);
  }

  /** Finds out who wants in; the server is not asked yet. */
  prepare({ payment, ...target }: LoginOrder): Result<Prepared> {
    const { method } = payment;
    const authorizer = this.authorizers.get(method);
    if (!authorizer) return refuse('unknown_method', `there is no payment method '${method}'`);
    const found = authorizer.credentials(payment, target.mac);
    if (!found.ok) return found;
    return { ok: true, value: { method, authorizer, id: this.#till.newId(), target, ...found.value } };
  }

  /** Asks the server; the draft of what it allows, or its refusal. Call {@link leave} in the end, however it went. */
  async enter(prepared: Prepared, key: string): Promise<Draft | Refusal> {
    const { clock, accounts } = this.#engine;
    const { id, target, user, password, authorizer, method } = prepared;
    const wait = this.#attempts.wait(target.mac, clock.mono());
    if (wait > 0)
      return refuse(
        'too_many_attempts',
        `too many wrong passwords: try again in ${Math.ceil(wait / 1000)} s`,
      );
    const mine = accounts.book.runningOfMac(target.mac).filter(isUsable);
    if (mine.some(isAsked)) return loginUnderWay;
    const paid = mine.find((s) => !isAuthorized(s));
    if (paid) return refuse('session_running', `the device has the paid session ${paid.id}: close it first`);
    const owner = this.#till.newOwner({ ...target, user }, id);
    if (!owner.ok) return owner;
    const { mac, gateway } = owner.value;
    const address = this.#engine.addressesOf(owner.value)?.[0];
    const login = { session: id, mac, gateway, user, password, ...(address !== undefined && { address }) };
    accounts.expect(askedSession(owner.value, clock.wall()));
    const cleared = await this.#clear(prepared, login, mine);
    if (!cleared.ok) return this.#note(cleared, login);
    const answer = await authorizer.authorize(login);
    // A login with a proof has the right password: the server refuses it for another reason.
    if (!answer.ok) return cleared.value.proven ? answer : this.#note(answer, login);
    return this.#draft(method, login, answer.value, key);
  }

  /** Forgets the pending session of a login that came to nothing. */
  leave({ id }: Prepared): void {
    const { accounts } = this.#engine;
    const session = accounts.book.get(id);
    if (session && isAsked(session) && isUsable(session)) accounts.dismiss(session);
  }

  /**
   * Gives an authorised session other limits, in force at once; `to` is asked with its use up to now. Undefined when
   * there is no such session that is open.
   */
  async reauthorize(id: string, to: (session: Session) => Reauthorization): Promise<Session | undefined> {
    const { accounts } = this.#engine;
    const session = accounts.upToDate(id);
    if (!session) return undefined;
    const changed = accounts.change(id, { type: 'reauthorized', to: to(session) }, 'reauthorized');
    if (!changed) return undefined;
    await accounts.sync();
    const due = dueCause(changed);
    if (due) await this.#engine.end(id, due);
    else this.#engine.reconcile(changed);
    return accounts.upToDate(id);
  }

  /**
   * Closes the sessions that stand in the way: those of the device, and the user's oldest sessions above
   * their limit. A server that allows one login at a time refuses every probe of a user who is logged in, so
   * turnpike's own proof is tried before a probe.
   */
  async #clear(
    { authorizer, method }: Prepared,
    login: Login,
    mine: readonly Session[],
  ): Promise<Result<{ readonly proven: boolean }>> {
    const rivals = [...mine, ...this.#tooMany(login, authorizer.devices)];
    if (rivals.length === 0) return { ok: true, value: { proven: false } };
    if (!rivals.every((rival) => this.#proofs.hold(rival, login))) {
      const probed = await authorizer.authenticate(login);
      if (!probed.ok) return probed;
    }
    for (const { id } of rivals) await this.#engine.end(id, 'conflict');
    for (const rival of rivals) await this.#engine.atRest(rival, patienceMs);
    const { book } = this.#engine.accounts;
    const open = rivals.find(({ id }) => book.get(id)?.state === 'closing');
    if (open) return refuse('busy', `the gate of ${open.mac} does not close yet: try again`);
    await this.reported(
      method,
      rivals.map(({ id }) => id),
    );
    return { ok: true, value: { proven: true } };
  }

  /** `configured`: where the server has said nothing of the user yet. */
  #tooMany({ session, mac, user }: Login, configured: number): Session[] {
    const others = this.#engine.accounts.book
      .runningOfUser(user)
      .filter((s) => s.id !== session && s.mac !== mac && isUsable(s));
    const said = others.findLast(isAuthorized);
    const devices = said ? policyOf(said).devices : configured;
    return others.slice(0, Math.max(0, others.length + 1 - devices));
  }

  #draft(method: string, login: Login, given: Authorization, key: string): Draft {
    const { accounts, clock } = this.#engine;
    return () => {
      const session = accounts.book.get(login.session);
      if (!session || !isUsable(session)) {
        return refuse('closed', 'the session was closed while the server was being asked');
      }
      const accounting = { ...given.accounting, proof: this.#proofs.of(login) };
      const lot = authorizedLot(method, { ...given, accounting }, { at: clock.wall(), key });
      return { session: step(session, { type: 'bought', lot, user: given.user }) };
    };
  }

  #note(refusal: Refusal, { mac }: Login): Refusal {
    if (refusal.code === 'login_rejected') this.#attempts.failed(mac, this.#engine.clock.mono());
    return refusal;
  }
}

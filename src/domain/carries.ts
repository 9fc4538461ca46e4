import type { Mac } from './mac.js';

/** A code with which a session is carried to another device; only its hash is kept. */
export interface Carry {
  readonly session: string;
  readonly hash: string;
  /** Wall clock, ms since 1970, until which it is good. */
  readonly until: number;
  /** The device that has used it: it is good for no other one. */
  readonly usedBy?: Mac;
}

/** The newest code of each session. Changed by journal records only. */
export class Carries {
  readonly #ofSession = new Map<string, Carry>();
  readonly #byHash = new Map<string, Carry>();

  constructor(plain: readonly Carry[] = []) {
    for (const carry of plain) this.#put(carry);
  }

  /** The session's code that this is the hash of, used or not, while its time is not over. */
  find(hash: string, now: number): Carry | undefined {
    const found = this.#byHash.get(hash);
    return found && now < found.until ? found : undefined;
  }

  /** A session has a new code, in the place of an older one. `now`: wall clock; codes that are over go. */
  issue(carry: Carry, now: number): void {
    for (const one of [...this.#ofSession.values()]) if (now >= one.until) this.forget(one.session);
    this.#put(carry);
  }

  /** The session has gone to another device. */
  used(session: string, usedBy: Mac): void {
    const carry = this.#ofSession.get(session);
    if (carry) this.#put({ ...carry, usedBy });
  }

  /** The session is over, or its code. */
  forget(session: string): void {
    const carry = this.#ofSession.get(session);
    if (!carry) return;
    this.#ofSession.delete(session);
    this.#byHash.delete(carry.hash);
  }

  toPlain(): { readonly carries?: readonly Carry[] } {
    return this.#ofSession.size > 0 ? { carries: [...this.#ofSession.values()] } : {};
  }

  #put(carry: Carry): void {
    this.forget(carry.session);
    this.#ofSession.set(carry.session, carry);
    this.#byHash.set(carry.hash, carry);
  }
}

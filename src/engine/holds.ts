import { type Hold, holdOf } from '../domain/hold.js';
import type { Mac } from '../domain/mac.js';
import type { Session } from '../domain/session.js';
import type { Accounts } from './accounts.js';
import { mayPass } from './rivals.js';
import type { Strays } from './strays.js';
import type { Watches } from './watches.js';

/** What the kernel is to let pass of each session. */
export class Holds {
  readonly #accounts: Accounts;
  readonly #watches: Watches;
  readonly #strays: Strays;

  constructor(accounts: Accounts, watches: Watches, strays: Strays) {
    this.#accounts = accounts;
    this.#watches = watches;
    this.#strays = strays;
  }

  /** The hold of one session; undefined when it is over. */
  of(session: Session | undefined): Hold | undefined {
    if (!session) return undefined;
    const isBlocked = this.#watches.of(session)?.gates.isBlocked(session.mac) ?? false;
    const hold = holdOf(session, !isBlocked && mayPass(this.#accounts, session, this.#watches));
    return hold && this.#strays.held(hold, session);
  }

  /** The holds of all sessions. */
  *all(): IterableIterator<Hold> {
    for (const session of this.#accounts.book.running()) {
      const hold = this.of(session);
      if (hold) yield hold;
    }
  }

  /** Something of this device may pass. */
  passes(mac: Mac): boolean {
    return this.#accounts.book.runningOfMac(mac).some((session) => this.of(session)?.live);
  }
}

import { type Hold, holdOf } from '../domain/hold.js';
import type { Mac } from '../domain/mac.js';
import { type Session, timeRuns } from '../domain/session.js';
import type { Accounts } from './accounts.js';
import { mayPass } from './rivals.js';
import type { Watches } from './watches.js';

/** After a start every session counts as away until its portal was asked: for so long, in ms, nobody is taken for it. */
const lookMs = 10_000;

/** What the kernel is to let pass of each session. */
export class Holds {
  readonly #accounts: Accounts;
  readonly #watches: Watches;

  constructor(accounts: Accounts, watches: Watches) {
    this.#accounts = accounts;
    this.#watches = watches;
  }

  /** The hold of one session; undefined when it is over. */
  of(session: Session | undefined): Hold | undefined {
    if (!session) return undefined;
    const isBlocked = this.#watches.of(session)?.gates.isBlocked(session.mac) ?? false;
    const hold = holdOf(session, !isBlocked && mayPass(this.#accounts, session, this.#watches));
    return hold && (this.#isAway(session) ? { ...hold, away: true } : hold);
  }

  /** The holds of all sessions. */
  *all(): IterableIterator<Hold> {
    for (const session of this.#accounts.book.running()) {
      const hold = this.of(session);
      if (hold) yield hold;
    }
  }

  #isAway(session: Session): boolean {
    const isKnown = this.#watches.lookedAt(session.gateway) !== undefined || session.usage.away >= lookMs;
    return isKnown && session.state === 'suspended' && !timeRuns(session);
  }

  /** Something of this device may pass. */
  passes(mac: Mac): boolean {
    return this.#accounts.book.runningOfMac(mac).some((session) => this.of(session)?.live);
  }
}

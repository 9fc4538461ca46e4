import type { Session } from '../domain/session.js';
import type { Bytes } from '../domain/units.js';
import { usedOf } from '../domain/usage.js';
import type { Log } from '../ports/log.js';
import type { Accounts } from './accounts.js';

/** Looks at the kernel in a row, with traffic in each, in which the portal counted nothing. */
const patience = 2;
/** Less than this between two looks is chatter that the portal may not have told of yet. */
const movement = 65_536;

/** What a session's two counters said at the last look. */
interface Look {
  readonly kernel: number;
  readonly portal: number;
  /** Bytes that only the kernel saw since the portal's counter stopped. */
  readonly owed: number;
  readonly stalls: number;
}

/**
 * Portals keep the largest counter they have seen, so that after a flush of the firewall theirs stand still while
 * traffic flows. What only the kernel counted in that time is billed from there; the portal's counter goes on, when
 * it does, with bytes that are really new.
 */
export class Stalls {
  readonly #accounts: Accounts;
  readonly #log: Log;
  readonly #looks = new Map<string, Look>();

  constructor(accounts: Accounts, log: Log) {
    this.#accounts = accounts;
    this.#log = log;
  }

  /** Sessions whose portal counter stands still. */
  get count(): number {
    let n = 0;
    for (const [id, { stalls }] of this.#looks) {
      if (!this.#accounts.book.get(id)) this.#looks.delete(id);
      else if (stalls >= patience) n += 1;
    }
    return n;
  }

  /** `kernel`: bytes that it let pass in all. */
  check(session: Session, kernel: number): void {
    const { id, gateway, mac } = session;
    const portal = usedOf(session.usage, 'bytes');
    const before = this.#looks.get(id);
    const passed = kernel - (before?.kernel ?? kernel);
    if (portal !== before?.portal || passed < 0) {
      this.#looks.set(id, { kernel, portal, owed: 0, stalls: 0 });
      return;
    }
    if (passed < movement) return;
    const stalls = before.stalls + 1;
    const owed = before.owed + passed;
    if (stalls < patience) {
      this.#looks.set(id, { kernel, portal, owed, stalls });
      return;
    }
    if (stalls === patience) {
      this.#log('warn', `${gateway}: the counters of ${mac} stand still: billing what the kernel counts`);
    }
    this.#accounts.update(session, { type: 'missed', bytes: owed as Bytes });
    this.#looks.set(id, { kernel, portal: portal + owed, owed: 0, stalls });
  }
}

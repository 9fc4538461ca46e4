import type { Session } from '../domain/session.js';
import type { Bytes } from '../domain/units.js';
import { usedOf } from '../domain/usage.js';
import type { Log } from '../ports/log.js';
import type { Accounts } from './accounts.js';

/** Looks at the kernel in a row, each with traffic, in which the portal counted nothing. */
const patience = 2;
/** Fewer bytes than this between two looks are small traffic that the portal may not have reported yet. */
const movement = 65_536;

/** What a session's two counters said at the last look. */
interface Look {
  readonly kernel: number;
  readonly portal: number;
  /** Replies of the portal by then: without another one its counter cannot have moved. */
  readonly replies: number;
  /** Bytes that only the kernel saw since the portal's counter stopped. */
  readonly owed: number;
  readonly stalls: number;
}

/**
 * Portals keep the largest counter they have seen, so after a flush of the firewall theirs stand still while
 * traffic flows. The bytes that only the kernel counted in that time are billed from its count. When the
 * portal's counter moves again, it counts bytes that were not billed yet.
 */
export class Stalls {
  readonly #accounts: Accounts;
  readonly #log: Log;
  readonly #looks = new Map<string, Look>();
  /** What the kernel last said that it had let pass of each session, in bytes. */
  readonly #passed = new Map<string, number>();

  constructor(accounts: Accounts, log: Log) {
    this.#accounts = accounts;
    this.#log = log;
  }

  /** Sessions whose portal counter stands still. */
  get count(): number {
    return [...this.#looks.values()].filter(({ stalls }) => stalls >= patience).length;
  }

  /** Forgets sessions that are not in the books any more: they came to nothing. */
  tidy(): void {
    const { book } = this.#accounts;
    for (const id of this.#passed.keys()) {
      if (book.get(id)) continue;
      this.#passed.delete(id);
      this.#looks.delete(id);
    }
  }

  /** Takes in how many bytes the kernel let pass of a session in all. It may have been set back, so the most counts. */
  note({ id }: Session, kernel: number): void {
    this.#passed.set(id, Math.max(kernel, this.#passed.get(id) ?? 0));
  }

  /** Bills, of a session that ends, what the kernel let pass beyond what the portal ever counted. */
  complete(session: Session): void {
    const { id, usage } = session;
    const missed = (this.#passed.get(id) ?? 0) - usedOf(usage, 'bytes');
    if (missed > 0) this.#accounts.update(session, { type: 'missed', bytes: missed as Bytes });
    this.#passed.delete(id);
    this.#looks.delete(id);
  }

  /** `kernel`: bytes that it let pass in all. `replies`: whole ones that the portal has given so far. */
  check(session: Session, kernel: number, replies: number): void {
    const { id } = session;
    const portal = usedOf(session.usage, 'bytes');
    const before = this.#looks.get(id);
    if (portal !== before?.portal || kernel < before.kernel || replies < before.replies) {
      this.#looks.set(id, { kernel, portal, replies, owed: 0, stalls: 0 });
      return;
    }
    const passed = kernel - before.kernel;
    // A portal that has not answered since the last look reports this traffic when it answers.
    if (passed < movement || replies === before.replies) return;
    const stalls = before.stalls + 1;
    const owed = before.owed + passed;
    if (stalls < patience) this.#looks.set(id, { kernel, portal, replies, owed, stalls });
    else this.#bill(session, { kernel, portal: portal + owed, replies, owed, stalls });
  }

  #bill(session: Session, look: Look): void {
    const { id, gateway, mac } = session;
    if (look.stalls === patience) {
      this.#log('warn', `${gateway}: the counters of ${mac} stand still: billing what the kernel counts`);
    }
    this.#accounts.update(session, { type: 'missed', bytes: look.owed as Bytes });
    this.#looks.set(id, { ...look, owed: 0 });
  }
}

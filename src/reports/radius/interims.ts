import type { Session } from '../../domain/session.js';
import type { Millis } from '../../domain/units.js';
import type { Clock } from '../../ports/clock.js';
import type { Report } from './report.js';

export interface InterimOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Time between two updates where the server said none. */
  readonly interim: Millis;
}

interface Entry {
  readonly session: Session;
  /** Wall clock when it was so, ms since 1970. */
  readonly at: number;
  /** Monotonic time of the next update. */
  readonly due: number;
}

/**
 * Each update comes earlier or later by up to this share of its interval, so that a thousand sessions do not report at
 * once.
 */
const jitter = 0.1;

/** Open sessions as the journal has them, and when each is reported again. */
export class Interims {
  readonly #options: InterimOptions;
  readonly #mayTell: (id: string) => boolean;
  readonly #tell: (report: Report) => Promise<unknown>;
  readonly #entries = new Map<string, Entry>();
  #cancel = () => {};
  #nextAt = Number.POSITIVE_INFINITY;

  /** `mayTell`: whether an interim update may be sent now. One that may not is left out: the next one replaces it. */
  constructor(
    options: InterimOptions,
    mayTell: (id: string) => boolean,
    tell: (report: Report) => Promise<unknown>,
  ) {
    this.#options = options;
    this.#mayTell = mayTell;
    this.#tell = tell;
  }

  get(id: string): Session | undefined {
    return this.#entries.get(id)?.session;
  }

  begin(session: Session, at: number): void {
    const known = this.#entries.get(session.id);
    if (known && known.at > at) return;
    const due = this.#dueOf(session);
    this.#entries.set(session.id, { session, at, due });
    this.#plan(due);
  }

  /** Takes in a session from a record, unless a newer state of it is known. */
  update(id: string, at: number, change: (session: Session) => Session): void {
    const known = this.#entries.get(id);
    if (!known || at < known.at) return;
    const session = change(known.session);
    const isTimed = intervalOf(session) === intervalOf(known.session);
    const due = isTimed ? known.due : this.#dueOf(session);
    this.#entries.set(id, { session, at, due });
    this.#plan(due);
  }

  end(id: string): void {
    this.#entries.delete(id);
  }

  /** @returns the sessions that were open. */
  stop(): Session[] {
    this.#cancel();
    return [...this.#entries.values()].map(({ session }) => session);
  }

  #dueOf(session: Session): number {
    const { clock, random, interim } = this.#options;
    return clock.mono() + (intervalOf(session) ?? interim) * (1 + jitter * (2 * random() - 1));
  }

  #plan(due: number): void {
    if (due >= this.#nextAt) return;
    this.#cancel();
    this.#nextAt = due;
    const { clock } = this.#options;
    this.#cancel = clock.after(Math.max(1, due - clock.mono()), () => this.#tellDue());
  }

  #tellDue(): void {
    const now = this.#options.clock.mono();
    let next = Number.POSITIVE_INFINITY;
    for (const [id, entry] of this.#entries) {
      const { session, at } = entry;
      const due = entry.due > now ? entry.due : this.#dueOf(session);
      next = Math.min(next, due);
      if (due === entry.due) continue;
      this.#entries.set(id, { ...entry, due });
      if (this.#mayTell(id)) void this.#tell({ kind: 'interim', session, at });
    }
    this.#nextAt = Number.POSITIVE_INFINITY;
    if (next < Number.POSITIVE_INFINITY) this.#plan(next);
  }
}

/** How often the server wants to hear of a session. */
function intervalOf(session: Session): Millis | undefined {
  return session.lots.find((lot) => lot.accounting)?.accounting?.interim;
}

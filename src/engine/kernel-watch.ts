import type { Count, Counted } from '../domain/hold.js';
import { isSpent } from '../domain/hold.js';
import type { Mac } from '../domain/mac.js';
import { type Racing, racing } from '../domain/review.js';
import { isDone, isUsable, type Session } from '../domain/session.js';
import { bytes } from '../domain/units.js';
import type { Clock } from '../ports/clock.js';
import type { Kernel, KernelStatus } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';
import type { Cadence } from '../ports/portal.js';
import type { Premises } from '../ports/premises.js';
import type { Accounts } from './accounts.js';
import { Audits } from './audits.js';
import { type Apart, Difference } from './difference.js';
import { Holds } from './holds.js';
import { lastCount } from './last-count.js';
import type { EngineParts } from './parts.js';
import type { Watches } from './watches.js';

/** What the kernel's watch asks of the engine. */
export interface KernelDuties {
  readonly watches: Watches;
  premises(): Iterable<Premises>;
  /** The kernel has cut a session off at its data cap. */
  spent(session: Session): void;
}

interface Options {
  readonly clock: Clock;
  readonly log: Log;
  /** When the counters are read. */
  readonly cadence: Cadence;
}

/** The state of the table, with the largest difference from what portals count. */
export interface KernelReport extends KernelStatus {
  readonly difference: Apart;
}

/** Keeps what sessions may pass in the kernel, and bills what it let pass. */
export class KernelWatch {
  readonly #accounts: Accounts;
  readonly #duties: KernelDuties;
  readonly #options: Options;
  readonly #kernel: Kernel;
  readonly #difference: Difference;
  readonly #holds: Holds;
  #started: Promise<void> | undefined;
  #cancelLook: (() => void) | undefined;
  readonly #audits: Audits;
  #lookMs = 0;
  #nextAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(
    accounts: Accounts,
    duties: KernelDuties,
    { make, cadence }: NonNullable<EngineParts['kernel']>,
    options: Omit<Options, 'cadence'>,
  ) {
    this.#accounts = accounts;
    this.#duties = duties;
    this.#options = { ...options, cadence };
    this.#holds = new Holds(accounts, duties.watches);
    this.#difference = new Difference(options.log);
    const news = {
      portalRules: (portal: string, missing: readonly string[]) =>
        duties.watches.get(portal)?.health.missRules(missing),
    };
    this.#kernel = make(
      {
        hold: (id) => this.#holds.of(accounts.book.get(id)),
        holds: () => this.#holds.all(),
        premises: () => duties.premises(),
      },
      news,
    );
    this.#audits = new Audits(options.clock, async () => {
      await this.#kernel.audit();
      this.#difference.tell();
    });
    // Nobody is known to be over yet; who passes is looked up beside the rest of the start.
    void this.#kernel.cut([]);
  }

  get report(): KernelReport {
    return { ...this.#kernel.status, difference: this.#difference.worst };
  }

  /** What the kernel counts is billed; where it cannot be read, what portals count. */
  get meters(): boolean {
    const { state } = this.#kernel.status;
    return state === 'on' || state === 'bypassed';
  }

  /** All packets meet the plans' rates. */
  get keepsRates(): boolean {
    return this.#kernel.status.state === 'on';
  }

  /** Resolves when the kernel has what this session wants now, or cannot have it. */
  sync({ id }: Pick<Session, 'id'>): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const isStarting = this.#kernel.status.state === 'starting';
    const session = this.#accounts.book.get(id);
    // The start begins with whoever is over by then.
    const mayCut = this.#started || !isStarting;
    if (mayCut && session && !this.#holds.passes(session.mac)) void this.#kernel.cut([session.mac]);
    if (!isStarting) return this.#kernel.sync([id]);
    // The whole table is compared first: once is enough.
    return this.start().then(() => (this.#stopped ? undefined : this.#kernel.sync([id])));
  }

  /** The same for every session of a device. */
  async syncDevice(mac: Mac): Promise<void> {
    if (this.#stopped) return;
    await this.#kernel.sync(this.#accounts.book.runningOfMac(mac).map(({ id }) => id));
  }

  /** Makes the table what is wanted, those whose time is over first, then begins to look at it. Once. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    const over = [...this.#accounts.book.running()].filter(({ state }) => state === 'closing');
    void this.#kernel.cut(over.map(({ mac }) => mac).filter((mac) => !this.#holds.passes(mac)));
    this.#audits.begin();
    await this.#kernel.audit();
    this.#plan(this.#racing(this.#accounts.book.running()));
  }

  /** The premises may have changed. */
  async reconfigured(): Promise<void> {
    if (!this.#audits.haveBegun || this.#stopped) return;
    // The first comparison has them already, and a second one beside it takes as long again.
    await this.#started;
    if (!this.#stopped) await this.#kernel.sync([]);
  }

  /** Stops looking. The table stays as it is, and holds while turnpike is not running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelLook?.();
    this.#audits.stop();
    if (this.#audits.haveBegun) for (const count of await this.#kernel.read()) this.#bill(count.id, count);
    await this.#kernel.stop();
  }

  /** A gate has opened: its first bytes are looked for soon. */
  opened(id: string): void {
    this.#options.cadence.moved(id, bytes(0), bytes(0), this.#options.clock.mono());
    this.replan({ id });
  }

  /** Brings the next look forward for a session that opened or bought more. */
  replan({ id }: Pick<Session, 'id'>): void {
    if (this.#cancelLook) this.#plan(this.#racing([this.#accounts.book.get(id)]), this.#nextAt);
  }

  /**
   * Bills what a session moved to its end. Last, when the kernel lets nothing of it pass any more.
   * @returns false when that is for the next run to do
   */
  async finish(id: string): Promise<boolean> {
    // What passed while turnpike was off is in a table that was not read yet.
    if (this.#kernel.status.state === 'starting' && !this.#stopped) await this.start();
    const counted = await lastCount(this.#kernel, id, this.#options.clock);
    if (counted) this.#bill(id, counted);
    else if (this.#stopped && this.#kernel.status.state === 'failed') return false;
    this.#difference.forget(id);
    this.#options.cadence.forget(id);
    return true;
  }

  /** Takes in what a portal counted. @returns what of it is to be billed: nothing while the kernel meters */
  compare(id: string, counted: Counted): Counted {
    return this.#difference.portal(id, counted, this.meters);
  }

  /** Recent rates of a session, in bytes a second. */
  rates(id: string): { readonly up: number; readonly down: number } {
    const { cadence, clock } = this.#options;
    return cadence.rates(id, clock.mono());
  }

  #plan(racing: Iterable<Racing>, atTheLatest = Number.POSITIVE_INFINITY): void {
    this.#cancelLook?.();
    if (this.#stopped) return;
    const { cadence, clock } = this.#options;
    const now = clock.mono();
    this.#nextAt = Math.min(atTheLatest, now + cadence.next(now, this.#lookMs, racing));
    this.#cancelLook = clock.after(Math.max(0, this.#nextAt - now), () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#cancelLook = undefined;
    const began = this.#options.clock.mono();
    const counts = await this.#kernel.read();
    this.#lookMs = this.#options.clock.mono() - began;
    if (this.#stopped) {
      for (const count of counts) this.#bill(count.id, count);
      return;
    }
    if (this.meters) for (const watch of this.#duties.watches.all) watch.heard(true);
    this.#book(counts);
    this.#plan(this.#racing(this.#accounts.book.running()));
  }

  #book(counts: readonly Count[]): void {
    for (const count of counts) {
      const session = this.#bill(count.id, count);
      if (!session || !isUsable(session)) continue;
      if (isSpent(session, count.spent)) this.#duties.spent(session);
      else this.#duties.watches.of(session)?.review(session);
    }
  }

  /** Bills what the kernel counted beyond what is billed: it counts from a session's beginning. */
  #bill(id: string, counted: Counted): Session | undefined {
    const session = this.#accounts.upToDate(id);
    if (!session || isDone(session)) return undefined;
    const up = bytes(Math.max(0, counted.up - session.usage.up));
    const down = bytes(Math.max(0, counted.down - session.usage.down));
    this.#options.cadence.moved(id, up, down, this.#options.clock.mono());
    if (up + down === 0) return session;
    this.#difference.kernel(id, { up, down });
    this.#accounts.update(session, { type: 'traffic', up, down });
    this.#duties.watches.of(session)?.moved(session, up > 0);
    return this.#accounts.book.get(id);
  }

  /** Sessions on their way to a data cap. */
  *#racing(sessions: Iterable<Session | undefined>): IterableIterator<Racing> {
    const { keepsRates } = this;
    for (const session of sessions) {
      const entry = session?.state === 'active' ? racing(session, keepsRates) : undefined;
      if (entry) yield entry;
    }
  }
}

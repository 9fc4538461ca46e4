import type { Mac } from '../domain/mac.js';
import type { PollOutcome, Reading } from '../domain/reading.js';
import { type Racing, type ReviewLimits, racing, review } from '../domain/review.js';
import { isDone, isUsable, type Session } from '../domain/session.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Notice } from '../ports/notice.js';
import type { Cadence, DoublePolicy, Portal } from '../ports/portal.js';
import type { Accounts } from './accounts.js';
import { Billing } from './billing.js';
import { Doubles } from './doubles.js';
import { Gates } from './gates.js';
import { Health, type HealthStatus } from './health.js';
import type { Holds } from './holds.js';

/** What a watch asks of the engine. */
export interface WatchDuties {
  /** Ends a session for a reason that the watch found. */
  end(session: Session, cause: 'data' | 'time' | 'idle' | 'lost' | 'conflict'): void;
  opened(session: Session): void;
  shut(session: Session): Promise<void>;
  mayOpen(session: Session): boolean;
  notify(notice: Notice): void;
  /** Caps and rates in the kernel; undefined when that is switched off. */
  readonly kernel: Pick<Holds, 'keepsRates' | 'sync' | 'near'> | undefined;
  /** A session of this device that waits on another portal follows the device to this one. */
  adopt(mac: Mac, gateway: string): void;
}

export interface WatchOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly cadence: Cadence;
  readonly exclusive: boolean;
  readonly doubleMac: DoublePolicy;
  /** Restarts the portal, where turnpike may. */
  readonly restart: (() => Promise<void>) | undefined;
  /** Read at each use: a reload changes them. */
  readonly limits: () => ReviewLimits;
}

/** How long a MAC that is two devices is shut out. */
const blockMs = 300_000;

/** Figures of a portal for `status`. */
export interface WatchStatus extends HealthStatus {
  readonly name: string;
  readonly gatesFailing: number;
  /** Times that one MAC was found on two devices. */
  readonly doubles: number;
}

/** Looks at one portal again and again: books what its clients used, and keeps its gates as they should be. */
export class Watch {
  readonly gates: Gates;
  readonly health: Health;
  readonly #portal: Portal;
  readonly #accounts: Accounts;
  readonly #duties: WatchDuties;
  readonly #options: WatchOptions;
  readonly #billing: Billing;
  readonly #doubles = new Doubles();
  #doublesFound = 0;
  #cancelNext: (() => void) | undefined;
  #nextAt = Number.POSITIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #stopped = false;

  constructor(portal: Portal, accounts: Accounts, duties: WatchDuties, options: WatchOptions) {
    this.#portal = portal;
    this.#accounts = accounts;
    this.#duties = duties;
    this.#options = options;
    this.health = new Health({ name: portal.name, ...options });
    this.#billing = new Billing(portal.name, accounts, options.cadence, options.clock, (mac) =>
      this.gates.isInDoubt(mac),
    );
    // Where others open gates too, an open gate may be theirs.
    if (options.exclusive) this.#billing.doubt(this.sessions());
    this.gates = new Gates(
      portal,
      accounts,
      {
        bill: (readings, session) => this.#billing.book(readings, session),
        opened: (session) => this.#opened(session),
        away: (session) => this.#away(session),
        shut: (session) => duties.shut(session),
        mayOpen: (session) => duties.mayOpen(session),
        hold: async () => duties.kernel?.sync(),
      },
      options,
    );
  }

  get name(): string {
    return this.#portal.name;
  }

  get status(): WatchStatus {
    const health = this.health.statusAt(this.#portal.waitingMs ?? 0);
    return { name: this.name, ...health, gatesFailing: this.gates.failing, doubles: this.#doublesFound };
  }

  /** Looks at the portal now; a look that is under way counts. */
  look(): Promise<void> {
    this.#cancelNext?.();
    this.#looking ??= this.#poll().finally(() => {
      this.#looking = undefined;
      this.#schedule();
    });
    return this.#looking;
  }

  /** Brings the next look forward for a session that opened or bought more; never puts the look off. */
  replan(): void {
    if (!this.#looking) this.#schedule(this.#nextAt);
  }

  /** Recent rates of a session, in bytes a second. */
  rates(id: string): { readonly up: number; readonly down: number } {
    return this.#billing.rates(id);
  }

  /** Forgets what is kept beside a session that is over. */
  forget(id: string): void {
    this.#billing.forget(id);
  }

  /** A session has gone to another portal with its device. */
  abandon({ id, mac }: Session): void {
    this.#billing.forget(id);
    this.gates.reconcile(mac);
  }

  /** Shuts the gates of its sessions before the portal is let go of; logs those that stayed open. */
  async leave(): Promise<void> {
    const open = await this.gates.leave();
    if (open.length === 0) return;
    this.#options.log('error', `${this.name}: is let go of with gates that do not shut: ${open.join(', ')}`);
  }

  /** Begins no more polls and gate turns. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelNext?.();
    this.gates.stop();
    await this.#looking;
  }

  /** Sessions of this portal that can still be used. */
  *sessions(): IterableIterator<Session> {
    for (const session of this.#running()) if (isUsable(session)) yield session;
  }

  *#running(): IterableIterator<Session> {
    for (const session of this.#accounts.book.running()) {
      if (session.gateway === this.name && !isDone(session)) yield session;
    }
  }

  async #poll(): Promise<void> {
    const outcome = await this.#portal.poll();
    if (this.#stopped) return;
    this.#billing.heard(outcome.ok);
    const change = this.health.note(outcome);
    if (outcome.ok) this.#took(outcome, change === 'up');
    if (change === 'down') this.#wentDown();
  }

  #took(outcome: PollOutcome & { ok: true }, cameUp: boolean): void {
    this.#billing.book(outcome.readings, undefined);
    for (const reading of outcome.readings) {
      this.gates.see(reading);
      if (!reading.gone) this.#duties.adopt(reading.mac, this.name);
    }
    if (outcome.complete) this.gates.reviewLeft();
    if (outcome.readings.some((r) => r.fresh || r.gone)) void this.#duties.kernel?.sync();
    if (cameUp) this.#duties.notify({ type: 'gateway.up', gateway: this.name, detail: '' });
    for (const mac of new Set(outcome.readings.map((r) => r.mac))) this.gates.review(mac);
    // After the portal was silent, sessions whose client did not change must be looked at too.
    if (cameUp) for (const session of [...this.#running()]) this.gates.reconcile(session.mac);
    this.#review();
    this.#seekDoubles(outcome.readings);
  }

  #wentDown(): void {
    this.#duties.notify({ type: 'gateway.down', gateway: this.name, detail: this.health.status.error });
    for (const session of [...this.sessions()]) this.#away(session);
  }

  #seekDoubles(readings: readonly Reading[]): void {
    const { clock, log, doubleMac } = this.#options;
    for (const mac of this.#doubles.note(readings, clock.mono())) {
      const session = this.#accounts.book.runningOfMac(mac).find((s) => s.state === 'active');
      if (!session) continue;
      this.#doubles.forget(mac);
      this.#doublesFound += 1;
      log('warn', `${this.name}: ${mac} is two devices at once: ${doubleMac}`);
      if (doubleMac === 'close') this.#duties.end(session, 'conflict');
      if (doubleMac === 'suspend') this.gates.block(mac, blockMs);
    }
  }

  #opened(session: Session): void {
    this.#billing.begin(session);
    this.#duties.opened(session);
    this.replan();
  }

  #away(session: Session): void {
    this.#accounts.change(session.id, { type: 'away' }, 'suspended');
  }

  /** Ends sessions that are used up, idle or lost, and reports those that are nearly used up. */
  #review(): void {
    const limits = this.#options.limits();
    for (const { id } of [...this.sessions()]) {
      const session = this.#accounts.upToDate(id)!;
      const verdict = review(session, this.#billing.idle(session), limits);
      if (verdict === 'low') this.#tellLow(session);
      else if (verdict) this.#duties.end(session, verdict);
      else this.#duties.kernel?.near(session);
    }
  }

  #tellLow(session: Session): void {
    const low = this.#accounts.change(session.id, { type: 'low' }, 'low');
    if (low) this.#duties.notify({ type: 'session.low', session: low });
  }

  #schedule(atTheLatest = Number.POSITIVE_INFINITY): void {
    this.#cancelNext?.();
    if (this.#stopped) return;
    const { cadence, clock } = this.#options;
    const now = clock.mono();
    const wait = cadence.next(now, this.health.status.lastPollMs, this.#racing());
    this.#nextAt = Math.min(atTheLatest, now + wait);
    this.#cancelNext = clock.after(Math.max(0, this.#nextAt - now), () => void this.look());
  }

  /** Open sessions with a data cap, with what is left of it. */
  *#racing(): IterableIterator<Racing> {
    const ratesHold = this.#duties.kernel?.keepsRates ?? false;
    for (const session of this.sessions()) {
      const entry = session.state === 'active' ? racing(session, ratesHold) : undefined;
      if (entry) yield entry;
    }
  }
}

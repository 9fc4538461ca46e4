import type { Mac } from '../domain/mac.js';
import type { PollOutcome, Reading } from '../domain/reading.js';
import { type Racing, racing, review } from '../domain/review.js';
import { isDone, isUsable, type Session } from '../domain/session.js';
import type { Portal } from '../ports/portal.js';
import type { Accounts } from './accounts.js';
import { Billing } from './billing.js';
import { Doubles } from './doubles.js';
import { Gates } from './gates.js';
import { Health } from './health.js';
import type { WatchDuties, WatchOptions, WatchStatus } from './watch-parts.js';

/** A device that the portal does not tell of, and that moves nothing for this long, counts as away, in ms. */
const silentMs = 60_000;
/** A MAC that is two devices is shut out for this long. */
const blockMs = 300_000;

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
    const inDoubt = (mac: Mac) => this.gates.isInDoubt(mac);
    const { cadence, clock } = options;
    this.#billing = new Billing(portal.name, accounts, cadence, clock, inDoubt, duties.kernel);
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
        hold: async (mac) => duties.kernel?.syncDevice(mac),
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
      this.#schedule(this.#racing(this.sessions()));
    });
    return this.#looking;
  }

  /**
   * Brings the next look forward for a session that opened or bought more; never puts the look off. A look that is under
   * way plans for all of them.
   */
  replan({ id }: Pick<Session, 'id'>): void {
    if (!this.#looking) this.#schedule(this.#racing([this.#accounts.book.get(id)]), this.#nextAt);
  }

  /** Recent rates of a session, in bytes a second. */
  rates(id: string): { readonly up: number; readonly down: number } {
    const { kernel } = this.#duties;
    return kernel?.meters ? kernel.rates(id) : this.#billing.rates(id);
  }

  /** Notes that what moved could be read, or not. */
  heard(answered: boolean): void {
    this.#billing.heard(answered);
    if (!answered || this.health.status.state === 'starting') return;
    for (const session of [...this.sessions()]) {
      const { state, mac } = session;
      const isSeen = this.health.isUp && this.gates.sees(mac);
      if (state === 'active' && !isSeen && this.#billing.idle(session) >= silentMs) this.#away(session);
    }
  }

  /**
   * The kernel let packets of this session pass. `isSending`: its device sent some; what is sent to a device that has
   * left moves as well. Who sends is here, whatever the portal says: it may be dead, or never open their gate, and
   * many see no IPv6. Else a plan of time would last for ever there.
   */
  moved(session: Session, isSending: boolean): void {
    this.#billing.moved(session);
    if (!isSending || session.state === 'active' || !isUsable(session)) return;
    const { gates } = this;
    const isDeaf = gates.isInDoubt(session.mac) || (session.state === 'suspended' && !this.health.isUp);
    if ((isDeaf || !gates.mayBeOpen(session.mac)) && !gates.isBlocked(session.mac)) this.#opened(session);
  }

  /** Ends a session, its time counted up to now, that is used up, idle or lost; reports one that is nearly used up. */
  review(session: Session): void {
    const verdict = review(session, this.#billing.idle(session), this.#options.limits());
    if (verdict === 'low') this.#tellLow(session);
    else if (verdict) this.#duties.end(session, verdict);
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
    if (!this.#duties.kernel?.meters) this.heard(outcome.ok);
    const change = this.health.note(outcome);
    if (outcome.ok) this.#took(outcome, change === 'up');
    if (change === 'down') this.#wentDown();
  }

  #took(outcome: PollOutcome & { ok: true }, cameUp: boolean): void {
    this.#billing.book(outcome.readings, undefined);
    for (const reading of outcome.readings) this.gates.see(reading);
    // A portal that comes up tells of everybody, and not only of those who have come.
    const told = outcome.readings.filter(({ gone }) => !gone && !cameUp).map(({ mac }) => mac);
    this.#duties.looked(this.name, new Set(told));
    if (outcome.complete) this.#reviewLeft();
    if (cameUp) this.#duties.notify({ type: 'gateway.up', gateway: this.name, detail: '' });
    for (const mac of new Set(outcome.readings.map((r) => r.mac))) this.gates.review(mac);
    // After the portal was silent, sessions whose client did not change must be looked at too.
    if (cameUp) for (const session of [...this.#running()]) this.gates.reconcile(session.mac);
    this.#review();
    this.#seekDoubles(outcome.readings);
  }

  #wentDown(): void {
    this.#duties.notify({ type: 'gateway.down', gateway: this.name, detail: this.health.status.error });
    // What a dead portal let through goes on passing, and the kernel says whose device is silent.
    if (this.#duties.kernel?.meters) return;
    for (const session of [...this.sessions()]) this.#away(session);
  }

  /** Gates that roaming customers left and that are shut, now that the portal has listed all devices, are done with. */
  #reviewLeft(): void {
    const { left } = this.#accounts.book;
    for (const mac of left.of(this.name)) {
      if (!this.gates.mayBeOpen(mac)) this.#accounts.noteLeft(this.name, mac, true);
    }
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
    this.replan(session);
  }

  #away(session: Session): void {
    this.#accounts.change(session.id, { type: 'away' }, 'suspended');
  }

  #review(): void {
    for (const { id } of [...this.sessions()]) this.review(this.#accounts.upToDate(id)!);
  }

  #tellLow(session: Session): void {
    const low = this.#accounts.change(session.id, { type: 'low' }, 'low');
    if (low) this.#duties.notify({ type: 'session.low', session: low });
  }

  #schedule(racing: Iterable<Racing>, atTheLatest = Number.POSITIVE_INFINITY): void {
    this.#cancelNext?.();
    if (this.#stopped) return;
    const { cadence, clock } = this.#options;
    const now = clock.mono();
    const wait = cadence.next(now, this.health.status.lastPollMs, racing);
    this.#nextAt = Math.min(atTheLatest, now + wait);
    this.#cancelNext = clock.after(Math.max(0, this.#nextAt - now), () => void this.look());
  }

  /** Those of them that are open and have a data cap that nobody but this watch can keep. */
  *#racing(sessions: Iterable<Session | undefined>): IterableIterator<Racing> {
    if (this.#duties.kernel?.meters) return;
    for (const session of sessions) {
      const entry = session?.state === 'active' ? racing(session, false) : undefined;
      if (entry) yield entry;
    }
  }
}

import type { Mac } from '../domain/mac.js';
import { review } from '../domain/review.js';
import { type Cause, dueCause, isUsable, type Session } from '../domain/session.js';
import { millis } from '../domain/units.js';
import type { Clock } from '../ports/clock.js';
import { Accounts } from './accounts.js';
import { Deadlines } from './deadlines.js';
import { Flusher } from './flusher.js';
import { type KernelReport, KernelWatch } from './kernel-watch.js';
import type { EngineParts, PortalSetup, Settings } from './parts.js';
import { patienceMs, within } from './patience.js';
import { endAuthorized, resume } from './resumption.js';
import { companions, mayOpen } from './rivals.js';
import { Watch } from './watch.js';
import type { WatchStatus } from './watch-parts.js';
import { Watches } from './watches.js';

/** The loop: observe, decide (pure functions of `domain`), commit ({@link Accounts}), act on a gate ({@link Watch}). */
export class Engine {
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly #parts: EngineParts;
  readonly watches = new Watches();
  readonly #deadlines: Deadlines;
  readonly kernelWatch: KernelWatch | undefined;
  #settings: Settings;
  readonly #flusher: Flusher;
  #watching = false;

  constructor(parts: EngineParts) {
    const { book, journal, clock, log } = parts;
    this.#parts = parts;
    this.#settings = parts.settings;
    this.clock = clock;
    this.#deadlines = new Deadlines(clock, (id) => this.#checkTime(id));
    this.accounts = new Accounts(book, journal, clock, log, {
      changed: (session) => this.#changed(session),
      revoked: ({ session }) => this.#revoked(session),
    });
    this.#flusher = new Flusher(this.accounts, clock, parts.notify, () => this.#reviewOrphans());
    const duties = {
      watches: this.watches,
      premises: () => this.#settings.premises,
      spent: ({ id }: Session) => void this.end(id, 'data'),
    };
    if (parts.kernel) this.kernelWatch = new KernelWatch(this.accounts, duties, parts.kernel, { clock, log });
    const off = Math.max(0, clock.wall() - this.accounts.lastRun);
    resume(this.accounts, millis(this.#settings.billDowntime ? off : 0));
  }

  get settings(): Settings {
    return this.#settings;
  }

  get gateways(): readonly WatchStatus[] {
    return this.watches.all.map((w) => w.status);
  }

  /** How the table in the kernel stands; undefined when it is switched off. */
  get kernel(): KernelReport | undefined {
    return this.kernelWatch?.report;
  }

  /** Notes the start of this run in the journal. Once, before {@link watch}. */
  begin(): Promise<void> {
    const { boot, machine } = this.#parts;
    const rebooted = this.accounts.book.machine !== machine;
    return this.accounts.begin({ boot, machine, rebooted }, () => {
      this.accounts.carryOutEnds();
      if (rebooted) endAuthorized(this.accounts);
      // Whose time is over is shut out before the kernel's table is listed, and all that before the portals.
      this.#deadlines.start(this.accounts.book.running());
      void this.kernelWatch?.start();
    });
  }

  /** Takes up portals and looks at each; resolves after the first look at all of them, however it went. */
  async watch(setups: readonly PortalSetup[]): Promise<void> {
    // First of all: what passes before the first look is billed, and caps hold.
    await within(this.clock, patienceMs, this.kernelWatch?.start());
    const watches = setups.map((setup) => this.#add(setup));
    await Promise.all(watches.map((watch) => watch.look()));
    const isLeft = (s: Session) => s.state === 'closing' && this.#isOrphan(s);
    await Promise.all([...this.accounts.book.running()].filter(isLeft).map((session) => this.#shut(session)));
    if (!this.#watching) this.#flusher.schedule(() => this.#settings.flushInterval);
    this.#watching = true;
  }

  /** Shuts the gates of a portal that is let go of for good, as far as it does so within {@link patienceMs}. */
  leave(name: string): Promise<void> {
    return within(this.clock, patienceMs, this.watches.get(name)?.leave());
  }

  /** Lets go of a portal. Its sessions wait, suspended, for it or another to come back. */
  async unwatch(name: string): Promise<void> {
    await this.watches.take(name)?.stop();
    const own = [...this.accounts.book.running()].filter(({ gateway }) => gateway === name);
    for (const { id } of own) this.accounts.change(id, { type: 'away' }, 'suspended');
  }

  /** Puts new settings in the place of the old ones; sessions keep what they bought. */
  configure(settings: Settings): void {
    const sameInterval = settings.flushInterval === this.#settings.flushInterval;
    this.#settings = settings;
    void this.kernelWatch?.reconfigured();
    // Frequent reloads must not put off the writing of usage.
    if (!sameInterval) this.#flusher.schedule(() => this.#settings.flushInterval);
  }

  /** Ends a session, for good when this resolves; then its gate is shut. `deposit`: the lost one, where that is why. */
  async end(id: string, cause: Cause, deposit?: string): Promise<void> {
    const event = { type: 'ended', cause, ...(deposit !== undefined && { deposit }) } as const;
    if (this.accounts.change(id, event, 'closing')) await this.shutOut(id);
  }

  /** Shuts the gate of a session that is ended, when that is durable. */
  async shutOut(id: string): Promise<void> {
    await this.accounts.sync();
    const closing = this.accounts.book.get(id);
    if (closing?.state !== 'closing') return;
    if (this.#isOrphan(closing)) await this.#shut(closing);
    // A portal that is being replaced or not taken up yet shuts the gate when it is taken up.
    else this.watches.of(closing)?.gates.reconcile(closing.mac);
  }

  /** Does what a device's gate needs now. */
  reconcile(session: Session): void {
    this.watches.of(session)?.gates.reconcile(session.mac);
    this.watches.of(session)?.replan(session);
    this.kernelWatch?.replan(session);
  }

  /** Resolves when nothing is under way for the session's gate and the kernel has what it wants, or after `ms`. */
  atRest(session: Session, ms: number): Promise<void> {
    const done = Promise.all([this.watches.atRest(session), this.kernelWatch?.sync(session)]);
    return within(this.clock, ms, done);
  }

  /** The portal that lists a device; with one portal only, that one. */
  gatewayOf(mac: Mac): string | undefined {
    return this.watches.listing(mac)?.name;
  }

  /** Addresses under which a portal lists a device; undefined when it never did. */
  addressesOf(session: Pick<Session, 'gateway' | 'mac'>): string[] | undefined {
    return this.watches.of(session)?.gates.addressesOf(session.mac);
  }

  /** A portal of this name is configured; it may not be taken up yet. */
  hasGateway(name: string): boolean {
    return this.#settings.gateways.has(name);
  }

  /** A portal of this name lists more devices than can be counted. */
  isFull(name: string): boolean {
    return this.watches.get(name)?.health.isFull ?? false;
  }

  /** Recent rates of a session, in bytes a second. */
  rates(session: Session): { readonly up: number; readonly down: number } {
    return this.watches.of(session)?.rates(session.id) ?? { up: 0, down: 0 };
  }

  /** Stops polling and writes all usage down. Gates stay as they are: a restart of the daemon cuts nobody off. */
  async stop(): Promise<void> {
    this.#deadlines.stop();
    // An nft that hangs keeps no usage from being written.
    await Promise.all([within(this.clock, patienceMs, this.kernelWatch?.stop()), this.watches.stop()]);
    await this.#flusher.stop();
  }

  #add(setup: PortalSetup): Watch {
    const { portal, cadence, exclusive, doubleMac = 'report', restart } = setup;
    const { log, notify } = this.#parts;
    const since = this.watches.lookedAt(portal.name) ?? this.accounts.lastRun;
    portal.restore(this.accounts.baselines(portal.name), since);
    const watch = new Watch(
      portal,
      this.accounts,
      {
        end: (session, cause) => void this.end(session.id, cause),
        opened: (session) => this.#opened(session),
        shut: (session) => this.#shut(session),
        mayOpen: (session) => mayOpen(this.accounts, session, this.watches),
        notify,
        looked: (gateway, told) => this.watches.looked(this.accounts, gateway, told, this.clock.wall()),
        kernel: this.kernelWatch,
      },
      { clock: this.clock, log, cadence, exclusive, doubleMac, restart, limits: () => this.#settings },
    );
    this.watches.put(watch);
    return watch;
  }

  /** The session's portal is configured no more. */
  #isOrphan({ gateway }: Session): boolean {
    return !this.watches.get(gateway) && !this.hasGateway(gateway);
  }

  /** Ends sessions without a portal that are over, as when away for too long: no look finds them. */
  #reviewOrphans(): void {
    for (const { id } of [...this.accounts.book.running()].filter((s) => isUsable(s) && this.#isOrphan(s))) {
      const verdict = review(this.accounts.upToDate(id)!, 0, this.#settings);
      if (verdict && verdict !== 'low') void this.end(id, verdict);
    }
  }

  #checkTime(id: string): void {
    const session = this.accounts.upToDate(id);
    const due = session && dueCause(session);
    if (due) void this.end(id, due);
    else if (session) this.#deadlines.arm(session);
  }

  #opened(session: Session): void {
    const first = session.openedAt === undefined;
    const at = this.clock.wall();
    const open = this.accounts.change(session.id, { type: 'opened', at }, first ? 'opened' : 'resumed');
    this.kernelWatch?.opened(session.id);
    if (!open) return;
    // After a restart the portal shows that the session goes on: this record needs no sync of its own.
    if (first)
      void this.accounts.sync().then(() => this.#parts.notify({ type: 'session.opened', session: open }));
  }

  async #shut(session: Session): Promise<void> {
    if (this.accounts.book.get(session.id)?.state !== 'closing') return;
    if ((await this.kernelWatch?.finish(session.id)) === false) return;
    const done = this.accounts.change(session.id, { type: 'shut', at: this.clock.wall() }, 'closed');
    if (!done) return;
    await this.accounts.sync();
    this.watches.of(done)?.forget(done.id);
    this.#parts.notify({ type: 'session.closed', session: done });
    for (const other of companions(this.accounts.book, done)) this.reconcile(other);
  }

  #changed(session: Session): void {
    this.#deadlines.arm(session);
    void this.kernelWatch?.sync(session);
  }

  /** A sale was taken back: ends the session if that leaves it nothing, and lets in those that waited. */
  #revoked(session: Session): void {
    const left = this.accounts.upToDate(session.id);
    const due = left && dueCause(left);
    if (due) void this.end(session.id, due);
    else this.#changed(left ?? session);
    for (const other of companions(this.accounts.book, session)) this.reconcile(other);
  }
}

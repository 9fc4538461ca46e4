import type { Mac } from '../domain/mac.js';
import type { GateOutcome, Reading } from '../domain/reading.js';
import { isDone, isNew, isUsable, policyOf, type Session } from '../domain/session.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Portal } from '../ports/portal.js';
import type { Accounts } from './accounts.js';
import { Complaints } from './complaints.js';
import { Gate } from './gate.js';
import type { GateDuties } from './gate-duties.js';

/**
 * Brings every gate of one portal to where its session wants it, however often that takes.
 *
 * Level-triggered: {@link Gates.reconcile} compares what should be with what the portal last said, and does the
 * difference; events only say "look again". So a lost event, a failed command or a restart heals the same way.
 */
export class Gates {
  readonly #gates = new Map<Mac, Gate>();
  readonly #portal: Portal;
  readonly #accounts: Accounts;
  readonly #duties: GateDuties;
  readonly #clock: Clock;
  readonly #complaints: Complaints;
  /** Clients with no session are shut. */
  readonly #exclusive: boolean;
  #stopped = false;
  #leaving = false;

  constructor(
    portal: Portal,
    accounts: Accounts,
    duties: GateDuties,
    options: { clock: Clock; log: Log; exclusive: boolean },
  ) {
    this.#portal = portal;
    this.#accounts = accounts;
    this.#duties = duties;
    this.#clock = options.clock;
    this.#complaints = new Complaints(portal.name, options.log);
    this.#exclusive = options.exclusive;
  }

  /** The portal lists this device. */
  knows(mac: Mac): boolean {
    return (this.#gates.get(mac)?.addresses.size ?? 0) > 0;
  }

  /** The same, and what it last said of its gate holds: no turn has failed, or it is open. */
  sees(mac: Mac): boolean {
    return this.knows(mac) && (!this.isInDoubt(mac) || this.#gate(mac).isOpen);
  }

  /** Addresses under which the portal lists this device; undefined when it never did. */
  addressesOf(mac: Mac): string[] | undefined {
    const gate = this.#gates.get(mac);
    return gate && [...gate.addresses.keys()];
  }

  /** Gates whose last command failed and that are being tried again. */
  get failing(): number {
    return [...this.#gates.values()].filter(({ failures }) => failures > 0).length;
  }

  /** A turn for this device failed: nobody knows what it had already done to the gate. */
  isInDoubt(mac: Mac): boolean {
    return (this.#gates.get(mac)?.failures ?? 0) > 0;
  }

  /** Takes in what the portal says of a device. */
  see(reading: Reading): void {
    this.#gate(reading.mac).see(reading);
  }

  /** Like {@link reconcile}, but does not hurry a gate that waits for its next try after a failure. */
  review(mac: Mac): void {
    if (this.#gates.get(mac)?.cancelRetry === undefined) this.reconcile(mac);
  }

  /** Takes the next turn for a device's gate, now or when the turn under way is over. */
  reconcile(mac: Mac): void {
    const gate = this.#gate(mac);
    if (gate.busy) {
      gate.again = true;
      return;
    }
    if (this.#stopped) return;
    gate.cancelRetry?.();
    gate.cancelRetry = undefined;
    const turn = this.#due(mac, gate);
    if (turn) void this.#run(mac, gate, turn);
    else this.#rest(mac, gate);
  }

  /** The gate is open, or may be: a turn is under way, or failed. */
  mayBeOpen(mac: Mac): boolean {
    return this.#gates.get(mac)?.mayBeOpen ?? false;
  }

  /** Shuts a device out for `ms`, then lets it in again; its session waits meanwhile. */
  block(mac: Mac, ms: number): void {
    const gate = this.#gate(mac);
    gate.unblock?.();
    gate.unblock = this.#clock.after(ms, () => {
      gate.unblock = undefined;
      this.reconcile(mac);
    });
    void this.#duties.hold(mac);
    this.reconcile(mac);
  }

  /** The device is shut out, whatever is paid. */
  isBlocked(mac: Mac): boolean {
    return this.#gates.get(mac)?.unblock !== undefined;
  }

  /** Resolves when nothing is under way for this device: done, failed for now, or not known to the portal. */
  atRest(mac: Mac): Promise<void> {
    return this.#gates.get(mac)?.atRest() ?? Promise.resolve();
  }

  /**
   * Shuts the gate of every session, and opens no more gates: the sessions wait.
   * @returns the devices whose gates did not shut at the first try
   */
  async leave(): Promise<readonly Mac[]> {
    this.#leaving = true;
    const open = [...this.#gates].filter(
      ([mac, gate]) => (gate.isOpen || gate.busy) && (this.#sessionsOf(mac).length > 0 || this.#isLeft(mac)),
    );
    for (const [mac] of open) this.reconcile(mac);
    await Promise.all(open.map(([mac]) => this.atRest(mac)));
    return open.filter(([, gate]) => gate.isOpen).map(([mac]) => mac);
  }

  /** Begins no more turns. */
  stop(): void {
    this.#stopped = true;
    for (const gate of this.#gates.values()) gate.cancel();
  }

  /** The next turn for this gate, or undefined when it stands as it should. */
  #due(mac: Mac, gate: Gate): (() => Promise<boolean>) | undefined {
    const sessions = this.#sessionsOf(mac);
    const closing = sessions.find((s) => s.state === 'closing');
    if (closing) return () => this.#close(gate, mac, closing);
    const session = sessions.find(isUsable);
    const isOut = gate.unblock !== undefined || (this.#leaving && session !== undefined);
    const unwanted = isOut || (session ? gate.restored : this.#exclusive || this.#isLeft(mac));
    if (gate.isOpen && unwanted) return () => this.#close(gate, mac, undefined);
    if (session && isOut) this.#duties.away(session);
    return session && !isOut ? this.#dueFor(session, gate) : undefined;
  }

  #sessionsOf(mac: Mac): Session[] {
    return this.#accounts.book.runningOfMac(mac).filter((s) => s.gateway === this.#portal.name);
  }

  /** The device's session has gone to another portal: its gate is shut even where others open gates here. */
  #isLeft(mac: Mac): boolean {
    return this.#accounts.book.left.has(this.#portal.name, mac);
  }

  #dueFor(session: Session, gate: Gate): (() => Promise<boolean>) | undefined {
    const { shut } = gate;
    if (session.state === 'pending') {
      const may = !gate.unknown && this.#duties.mayOpen(session);
      return may ? () => this.#open(gate, session, shut) : undefined;
    }
    if (shut.length > 0) return () => this.#open(gate, session, shut);
    if (gate.addresses.size === 0) this.#duties.away(session);
    else if (gate.isOpen && session.state === 'suspended') this.#duties.opened(session);
    return undefined;
  }

  async #run(mac: Mac, gate: Gate, turn: () => Promise<boolean>): Promise<void> {
    gate.busy = true;
    gate.again = false;
    const done = await turn().catch((cause: unknown) => {
      this.#complaints.broke(mac, cause);
      return false;
    });
    gate.busy = false;
    if (done) gate.failures = 0;
    else if (!this.#stopped) this.#retryLater(mac, gate);
    if (done || gate.again) this.reconcile(mac);
    else gate.release();
  }

  #retryLater(mac: Mac, gate: Gate): void {
    gate.cancelRetry = this.#clock.after(gate.failed(), () => this.reconcile(mac));
  }

  async #open(gate: Gate, session: Session, addresses: readonly string[]): Promise<boolean> {
    // The cap is in the kernel before the gate opens, so it holds whatever happens to turnpike afterwards.
    await this.#duties.hold(session.mac);
    const outcome = await this.#portal.open(session.mac, policyOf(session), addresses, isNew(session));
    this.#take(outcome, session);
    const now = this.#accounts.book.get(session.id);
    if (outcome.ok) {
      if (now && !isDone(now) && now.gateway === this.#portal.name) this.#duties.opened(now);
      return true;
    }
    if (outcome.reason === 'unknown-client') {
      gate.lost(addresses);
      const isHere = now?.gateway === this.#portal.name;
      if (!gate.isOpen && isHere && isUsable(now)) this.#duties.away(now);
      return true;
    }
    this.#complaints.failed(gate, 'open', session.mac, outcome);
    return false;
  }

  async #close(gate: Gate, mac: Mac, session: Session | undefined): Promise<boolean> {
    const { restored } = gate;
    const outcome = await this.#portal.close(mac, [...gate.addresses.keys()]);
    this.#take(outcome, undefined);
    if (!outcome.ok && outcome.reason !== 'unknown-client') {
      this.#complaints.failed(gate, 'close', mac, outcome);
      return false;
    }
    if (restored) this.#complaints.letIn(mac);
    gate.allShut();
    if (session) await this.#duties.shut(session);
    return true;
  }

  /** Books a turn's readings: `before` for the device's owner at that time, `after` for `letIn`. */
  #take(outcome: GateOutcome, letIn: Session | undefined): void {
    this.#duties.bill(outcome.before, undefined);
    for (const reading of outcome.before) this.see(reading);
    if (!outcome.ok) return;
    this.#complaints.worked();
    this.#duties.bill(outcome.after, letIn);
    for (const reading of outcome.after) this.see(reading);
  }

  #rest(mac: Mac, gate: Gate): void {
    gate.failures = 0;
    gate.release();
    if (gate.unblock || gate.addresses.size > 0) return;
    if (this.#accounts.book.runningOfMac(mac).length === 0) this.#gates.delete(mac);
  }

  #gate(mac: Mac): Gate {
    const gate = this.#gates.get(mac) ?? new Gate();
    this.#gates.set(mac, gate);
    return gate;
  }
}

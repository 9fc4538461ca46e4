import type { Counted } from '../domain/hold.js';
import type { Mac } from '../domain/mac.js';
import { newTo, type Reading } from '../domain/reading.js';
import { isDone, policyOf, type Session } from '../domain/session.js';
import { baselinesAt } from '../domain/traffic.js';
import { type Bytes, bytes } from '../domain/units.js';
import type { Clock } from '../ports/clock.js';
import type { Cadence } from '../ports/portal.js';
import type { Accounts } from './accounts.js';

/** A session without a byte. */
interface Silence {
  /** Monotonic time, in ms. */
  since: number;
  /** The key of the last sale when the silence began, and its time-out: a new sale begins a new silence. */
  readonly sale: string | undefined;
  readonly timeout: number | undefined;
}

/** The kernel's count, where there is one: then what a portal counts is compared with it, and not billed. */
export interface KernelMeter {
  readonly meters: boolean;
  /** Takes in bytes that a portal counted of a session. @returns what of them is to be billed */
  compare(id: string, counted: Counted): Counted;
}

const saleOf = ({ lots }: Session) => lots.at(-1)?.key;

/** Books what one portal counted, and remembers when each session last moved a byte. */
export class Billing {
  readonly #gateway: string;
  readonly #accounts: Accounts;
  readonly #cadence: Cadence;
  readonly #clock: Clock;
  readonly #silences = new Map<string, Silence>();
  /** Monotonic time of the last look that the portal answered, and whether it has missed one since. */
  #heardAt: number;
  #isDeaf = false;
  /**
   * Sessions whose gate an earlier run may have opened and then crashed before writing it down. The gate may
   * have been open before the first look.
   */
  readonly #inDoubt = new Set<string>();
  readonly #gateInDoubt: (mac: Mac) => boolean;

  readonly #kernel: KernelMeter | undefined;

  /** `gateInDoubt`: a turn for this device failed, and what it did is not known. */
  constructor(
    gateway: string,
    accounts: Accounts,
    cadence: Cadence,
    clock: Clock,
    gateInDoubt: (mac: Mac) => boolean,
    kernel: KernelMeter | undefined,
  ) {
    this.#kernel = kernel;
    this.#gateway = gateway;
    this.#accounts = accounts;
    this.#cadence = cadence;
    this.#clock = clock;
    this.#gateInDoubt = gateInDoubt;
    this.#heardAt = clock.mono();
  }

  /**
   * Books readings for `session` when it is given, else for the session that owns the device on this portal.
   */
  book(readings: readonly Reading[], session: Session | undefined): void {
    const now = this.#clock.mono();
    for (const reading of readings) {
      const owner = this.#accounts.upToDate(session?.id ?? this.#ownerOf(reading)?.id ?? '');
      if (!owner) continue;
      const { baseline } = reading;
      const own = baselinesAt(owner, owner.gateway);
      const known = own.find((b) => b.mac === baseline.mac && b.ip === baseline.ip);
      const counted = newTo(known, reading);
      const billed = this.#kernel?.compare(owner.id, counted) ?? counted;
      const [up, down] = [bytes(billed.up), bytes(billed.down)];
      this.#accounts.update(owner, { type: 'traffic', up, down, baseline });
      if (this.#kernel?.meters) continue;
      this.#cadence.moved(owner.id, up, down, now);
      if (up > 0 || down > 0) this.#restart(owner);
    }
  }

  /** Notes the pending ones of these sessions: an earlier run may have opened their gates. */
  doubt(sessions: Iterable<Session>): void {
    for (const { id, state } of sessions) if (state === 'pending') this.#inDoubt.add(id);
  }

  /** The session has moved a byte. */
  moved(session: Session): void {
    this.#restart(session);
  }

  /** The session's idle time begins now. */
  begin(session: Session): void {
    this.#restart(session);
    this.#cadence.moved(session.id, 0 as Bytes, 0 as Bytes, this.#clock.mono());
  }

  /**
   * Notes that the portal answered a look or missed it. Time without an answer counts as no session's
   * silence. What is kept of sessions that came to nothing goes.
   */
  heard(answered: boolean): void {
    const now = this.#clock.mono();
    this.#isDeaf ||= !answered;
    if (!answered) return;
    const away = this.#isDeaf ? now - this.#heardAt : 0;
    for (const [id, silence] of this.#silences) {
      if (this.#isRunning(id)) silence.since = Math.min(now, silence.since + away);
      else this.forget(id);
    }
    this.#heardAt = now;
    this.#isDeaf = false;
  }

  /** Milliseconds since the session's last byte, its opening, or the purchase that set its time-out. */
  idle(session: Session): number {
    const silence = this.#silences.get(session.id);
    const isSame = silence?.sale === saleOf(session) && silence?.timeout === policyOf(session).idleTimeout;
    if (silence && isSame) return this.#clock.mono() - silence.since;
    this.#restart(session);
    return 0;
  }

  /** Recent rates, in bytes a second. */
  rates(id: string): { readonly up: number; readonly down: number } {
    return this.#cadence.rates(id, this.#clock.mono());
  }

  forget(id: string): void {
    this.#silences.delete(id);
    this.#inDoubt.delete(id);
    this.#cadence.forget(id);
  }

  #isRunning(id: string): boolean {
    const session = this.#accounts.book.get(id);
    return session !== undefined && !isDone(session);
  }

  #restart(session: Session): void {
    const timeout = policyOf(session).idleTimeout;
    this.#silences.set(session.id, { since: this.#clock.mono(), sale: saleOf(session), timeout });
  }

  /** The session that a device's traffic belongs to: none before its gate was opened for the first time. */
  #ownerOf({ mac, open }: Reading): Session | undefined {
    const tried = ({ id }: Session) => open && (this.#inDoubt.has(id) || this.#gateInDoubt(mac));
    const wasOpen = (s: Session) => s.openedAt !== undefined || tried(s);
    return this.#accounts.book.runningOfMac(mac).find((s) => s.gateway === this.#gateway && wasOpen(s));
  }
}

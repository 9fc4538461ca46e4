import type { Mac } from '../domain/mac.js';
import { newTo, type Reading } from '../domain/reading.js';
import type { Session } from '../domain/session.js';
import type { Bytes } from '../domain/units.js';
import type { Clock } from '../ports/clock.js';
import type { Cadence } from '../ports/portal.js';
import type { Accounts } from './accounts.js';

/** Books what one portal counted, and remembers when each session last moved a byte. */
export class Billing {
  readonly #gateway: string;
  readonly #accounts: Accounts;
  readonly #cadence: Cadence;
  readonly #clock: Clock;
  /** Monotonic time of each session's last byte, or of its opening. */
  readonly #lastByte = new Map<string, number>();
  /** Sessions whose gate an earlier run may have opened without living to say so: so before the first look. */
  readonly #inDoubt = new Set<string>();
  readonly #gateInDoubt: (mac: Mac) => boolean;

  /** `gateInDoubt`: a turn for this device failed, and what it did is not known. */
  constructor(
    gateway: string,
    accounts: Accounts,
    cadence: Cadence,
    clock: Clock,
    gateInDoubt: (mac: Mac) => boolean,
  ) {
    this.#gateway = gateway;
    this.#accounts = accounts;
    this.#cadence = cadence;
    this.#clock = clock;
    this.#gateInDoubt = gateInDoubt;
  }

  /** Books readings: for `session` when told, else for whoever owns the device on this portal. */
  book(readings: readonly Reading[], session: Session | undefined): void {
    const now = this.#clock.mono();
    for (const reading of readings) {
      const owner = this.#accounts.upToDate(session?.id ?? this.#ownerOf(reading)?.id ?? '');
      if (!owner) continue;
      const { baseline } = reading;
      const known = owner.baselines.find((b) => b.mac === baseline.mac && b.ip === baseline.ip);
      const { up, down } = newTo(known, reading);
      this.#accounts.update(owner, { type: 'traffic', up, down, baseline });
      this.#cadence.moved(owner.id, up, down, now);
      if (up > 0 || down > 0) this.#lastByte.set(owner.id, now);
    }
  }

  /** Which of these sessions' gates an earlier run opened, nobody knows. */
  doubt(sessions: Iterable<Session>): void {
    for (const { id, state } of sessions) if (state === 'pending') this.#inDoubt.add(id);
  }

  /** The session's idle time begins now. */
  begin({ id }: Session): void {
    const now = this.#clock.mono();
    this.#lastByte.set(id, now);
    this.#cadence.moved(id, 0 as Bytes, 0 as Bytes, now);
  }

  /** Milliseconds since the session's last byte, or since it opened. */
  idle({ id }: Session): number {
    const now = this.#clock.mono();
    return now - (this.#lastByte.get(id) ?? now);
  }

  /** Recent rates, in bytes a second. */
  rates(id: string): { readonly up: number; readonly down: number } {
    return this.#cadence.rates(id, this.#clock.mono());
  }

  forget(id: string): void {
    this.#lastByte.delete(id);
    this.#inDoubt.delete(id);
    this.#cadence.forget(id);
  }

  /** The session that a device's traffic belongs to: none before its gate was opened for the first time. */
  #ownerOf({ mac, open }: Reading): Session | undefined {
    const tried = ({ id }: Session) => open && (this.#inDoubt.has(id) || this.#gateInDoubt(mac));
    const wasOpen = (s: Session) => s.openedAt !== undefined || tried(s);
    return this.#accounts.book.runningOfMac(mac).find((s) => s.gateway === this.#gateway && wasOpen(s));
  }
}

import type { Mac } from '../domain/mac.js';
import type { PollOutcome, Reading } from '../domain/reading.js';
import { type Racing, type ReviewLimits, racing, review } from '../domain/review.js';
import { isDone, isOpenEnded, type Session } from '../domain/session.js';
import type { Bytes } from '../domain/units.js';
import type { Accounts } from './accounts.js';
import { Gates } from './gates.js';
import type { Cadence, Clock, Log, Notice, Portal } from './ports.js';

/** What a watch asks of the engine. */
export interface WatchDuties {
  /** Ends a session for a reason that the watch found. */
  end(session: Session, cause: 'data' | 'time' | 'idle' | 'lost'): void;
  opened(session: Session): void;
  shut(session: Session): Promise<void>;
  mayOpen(session: Session): boolean;
  notify(notice: Notice): void;
  /** A session of this device that waits on another portal follows the device to this one. */
  adopt(mac: Mac, gateway: string): void;
}

export interface WatchOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly cadence: Cadence;
  readonly exclusive: boolean;
  /** Read at each use: a reload changes them. */
  readonly limits: () => ReviewLimits;
}

/** Failed polls in a row after which a portal counts as down. */
const downAfter = 3;

/** Figures of a portal for `status`. */
export interface WatchStatus {
  readonly name: string;
  readonly state: 'starting' | 'up' | 'down';
  readonly clients: number;
  readonly lastPollMs: number;
  readonly polls: number;
  readonly failedPolls: number;
  readonly gatesFailing: number;
  readonly error: string;
}

/** Looks at one portal again and again: books what its clients used, and keeps its gates as they should be. */
export class Watch {
  readonly gates: Gates;
  readonly #portal: Portal;
  readonly #accounts: Accounts;
  readonly #duties: WatchDuties;
  readonly #options: WatchOptions;
  /** Monotonic time of each session's last byte, or of its opening. */
  readonly #lastByte = new Map<string, number>();
  /** Sessions whose gate an earlier run may have opened without living to say so. */
  readonly #inDoubt = new Set<string>();
  #state: 'starting' | 'up' | 'down' = 'starting';
  #failures = 0;
  #status = { clients: 0, lastPollMs: 0, polls: 0, failedPolls: 0, error: '' };
  #cancelNext: (() => void) | undefined;
  #nextAt = Number.POSITIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #stopped = false;

  constructor(portal: Portal, accounts: Accounts, duties: WatchDuties, options: WatchOptions) {
    this.#portal = portal;
    this.#accounts = accounts;
    this.#duties = duties;
    this.#options = options;
    // Gates that are not ours alone may have been opened by others.
    const mine = options.exclusive ? this.sessions() : [];
    for (const { id, state } of mine) if (state === 'pending') this.#inDoubt.add(id);
    this.gates = new Gates(
      portal,
      accounts,
      {
        bill: (readings, session) => this.#bill(readings, session),
        opened: (session) => this.#opened(session),
        away: (session) => this.#away(session),
        shut: (session) => duties.shut(session),
        mayOpen: (session) => duties.mayOpen(session),
      },
      options,
    );
  }

  get name(): string {
    return this.#portal.name;
  }

  get status(): WatchStatus {
    const { name, gates } = this;
    return { name, state: this.#state, ...this.#status, gatesFailing: gates.failing };
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

  /** Brings the next look forward if a session that came or bought more wants it; never puts it off. */
  replan(): void {
    if (!this.#looking) this.#schedule(this.#nextAt);
  }

  /** Recent rates of a session, in bytes a second. */
  rates(id: string): { readonly up: number; readonly down: number } {
    return this.#options.cadence.rates(id, this.#options.clock.mono());
  }

  /** Forgets what is kept beside a session that is over. */
  forget(id: string): void {
    this.#lastByte.delete(id);
    this.#inDoubt.delete(id);
    this.#options.cadence.forget(id);
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
    for (const session of this.#live()) if (isOpenEnded(session)) yield session;
  }

  *#live(): IterableIterator<Session> {
    for (const session of this.#accounts.book.live()) {
      if (session.gateway === this.name && !isDone(session)) yield session;
    }
  }

  async #poll(): Promise<void> {
    const outcome = await this.#portal.poll();
    if (this.#stopped) return;
    this.#status.polls += 1;
    this.#status.lastPollMs = outcome.tookMs;
    if (outcome.ok) this.#took(outcome);
    else this.#missed(outcome.reason, outcome.detail);
  }

  #took(outcome: PollOutcome & { ok: true }): void {
    this.#status.clients = outcome.clients;
    this.#failures = 0;
    this.#bill(outcome.readings, undefined);
    for (const reading of outcome.readings) {
      this.gates.see(reading);
      if (!reading.gone) this.#duties.adopt(reading.mac, this.name);
    }
    const wasUp = this.#state === 'up';
    if (!wasUp) this.#cameUp();
    for (const mac of new Set(outcome.readings.map((r) => r.mac))) this.gates.review(mac);
    // After a silence, sessions whose client did not change must be looked at too.
    if (!wasUp) for (const session of [...this.#live()]) this.gates.settle(session.mac);
    this.#review();
  }

  #missed(reason: string, detail: string): void {
    this.#failures += 1;
    this.#status.failedPolls += 1;
    this.#status.error = `${reason}: ${detail}`;
    if (this.#failures < downAfter || this.#state === 'down') return;
    this.#state = 'down';
    this.#options.log('warn', `${this.name}: portal is down: ${reason}: ${detail}`);
    this.#duties.notify({ type: 'gateway.down', gateway: this.name, detail: reason });
    for (const session of [...this.sessions()]) this.#away(session);
  }

  #cameUp(): void {
    this.#state = 'up';
    this.#status.error = '';
    this.#options.log('info', `${this.name}: portal is up, ${this.#status.clients} clients`);
    this.#duties.notify({ type: 'gateway.up', gateway: this.name, detail: '' });
  }

  /** Books readings: for `session` when told, else for whoever owns the device on this portal. */
  #bill(readings: readonly Reading[], session: Session | undefined): void {
    const now = this.#options.clock.mono();
    for (const reading of readings) {
      const owner = this.#accounts.settle(session?.id ?? this.#ownerOf(reading)?.id ?? '');
      if (!owner) continue;
      const { up, down, baseline } = reading;
      this.#accounts.update(owner, { type: 'traffic', up, down, baseline });
      this.#options.cadence.moved(owner.id, up, down, now);
      if (up > 0 || down > 0) this.#lastByte.set(owner.id, now);
    }
  }

  /** The session that a device's traffic belongs to: none before its gate was opened for the first time. */
  #ownerOf({ mac, open }: Reading): Session | undefined {
    const tried = ({ id }: Session) => open && (this.#inDoubt.has(id) || this.gates.isInDoubt(mac));
    const wasOpen = (s: Session) => s.openedAt !== undefined || tried(s);
    return this.#accounts.book.liveOfMac(mac).find((s) => s.gateway === this.name && wasOpen(s));
  }

  #opened(session: Session): void {
    const now = this.#options.clock.mono();
    this.#lastByte.set(session.id, now);
    this.#options.cadence.moved(session.id, 0 as Bytes, 0 as Bytes, now);
    this.#duties.opened(session);
    this.replan();
  }

  #away(session: Session): void {
    this.#accounts.change(session.id, { type: 'away' }, 'suspended');
  }

  /** Ends what is used up, idle or lost, and tells of what is nearly used up. */
  #review(): void {
    const now = this.#options.clock.mono();
    const limits = this.#options.limits();
    for (const { id } of [...this.sessions()]) {
      const session = this.#accounts.settle(id)!;
      const verdict = review(session, now - (this.#lastByte.get(id) ?? now), limits);
      if (verdict === 'low') this.#tellLow(session);
      else if (verdict) this.#duties.end(session, verdict);
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
    this.#nextAt = Math.min(atTheLatest, now + cadence.next(now, this.#status.lastPollMs, this.#racing()));
    this.#cancelNext = clock.after(Math.max(0, this.#nextAt - now), () => void this.look());
  }

  /** Open sessions with a data cap, with what is left of it. */
  *#racing(): IterableIterator<Racing> {
    for (const session of this.sessions()) {
      const entry = session.state === 'active' ? racing(session) : undefined;
      if (entry) yield entry;
    }
  }
}

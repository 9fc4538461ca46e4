import type { Held, Hold } from '../domain/hold.js';
import { holdOf, isSpent } from '../domain/hold.js';
import { isDone, isUsable, type Session } from '../domain/session.js';
import { bytesLeft, usedOf } from '../domain/usage.js';
import type { Backstop, BackstopReport } from '../ports/backstop.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Accounts } from './accounts.js';
import { Stalls } from './stalls.js';
import type { Watch } from './watch.js';

/** How often the kernel is asked what it counted, in ms. */
const auditMs = 10_000;
/**
 * The kernel is also asked at once when a session has no more than this left, in bytes or as a share of what
 * it used: the kernel may have cut it off already.
 */
const nearBytes = 65_536;
const nearShare = 0.002;
/** Two sources may differ by this much, in bytes and as a share, before it is worth a word. */
const tolerated = { bytes: 1_000_000, share: 0.01 };

/** What the holds need from the engine around them. */
export interface HoldDuties {
  /** The watch over a portal; undefined when it is configured no more. */
  watch(gateway: string): Watch | undefined;
  /** The kernel has cut a session off at its data cap. */
  spent(session: Session): void;
}

/** Keeps the caps of all sessions in the kernel, and listens to what it counts. */
export class Holds {
  readonly #accounts: Accounts;
  readonly #duties: HoldDuties;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #backstop: Backstop;
  #cancelAudit: (() => void) | undefined;
  #auditing = false;
  #stopped = false;
  #difference = { bytes: 0, share: 0 };
  #told = false;
  readonly #stalls: Stalls;

  constructor(
    accounts: Accounts,
    duties: HoldDuties,
    make: (holds: () => Iterable<Hold>) => Backstop,
    options: { clock: Clock; log: Log },
  ) {
    this.#accounts = accounts;
    this.#duties = duties;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#backstop = make(() => this.#wanted());
    this.#stalls = new Stalls(accounts, options.log);
  }

  get report(): BackstopReport {
    return { ...this.#backstop.status, difference: this.#difference, stalled: this.#stalls.count };
  }

  /** The kernel has the plans' rates, and all packets meet them. */
  get keepsRates(): boolean {
    return this.#backstop.status.state === 'on';
  }

  /** Resolves when the kernel has what the sessions want now, or cannot have it. */
  sync(): Promise<void> {
    return this.#stopped ? Promise.resolve() : this.#backstop.sync();
  }

  /** Begins the audits. */
  start(): void {
    if (!this.#cancelAudit) this.#plan();
  }

  /** Stops the audits. The table stays as it is, and holds while turnpike is not running. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelAudit?.();
    return this.#backstop.rest();
  }

  /** Looks at once if the session is so near its cap that the kernel may have reached it first. */
  near(session: Session): void {
    const { granted, usage } = session;
    const left = bytesLeft(granted, usage);
    if (left === undefined || session.state !== 'active') return;
    const share = usedOf(usage, 'bytes') * nearShare;
    if (left <= Math.max(nearBytes, share)) void this.#audit();
  }

  /** Bills what the kernel let pass and the portal never counted. Last, when its gate is shut. */
  complete(id: string): void {
    const session = this.#accounts.upToDate(id);
    if (session) this.#stalls.complete(session);
  }

  #plan(): void {
    this.#cancelAudit = this.#clock.after(auditMs, () => void this.#audit().then(() => this.#plan()));
    if (this.#stopped) this.#cancelAudit();
  }

  async #audit(): Promise<void> {
    if (this.#auditing || this.#stopped) return;
    this.#auditing = true;
    const held = await this.#backstop.audit();
    this.#auditing = false;
    if (this.#stopped) return;
    this.#compare(held);
    this.#stalls.tidy();
    for (const one of held) {
      const session = this.#accounts.upToDate(one.id);
      if (!session || isDone(session)) continue;
      this.#stalls.note(session, one.bytes);
      if (!isUsable(session)) continue;
      if (isSpent(session, one)) this.#duties.spent(session);
      else
        this.#stalls.check(session, one.bytes, this.#duties.watch(session.gateway)?.health.wholeReplies ?? 0);
    }
  }

  #compare(held: readonly Held[]): void {
    let worst = { bytes: 0, share: 0 };
    for (const { id, bytes } of held) {
      const session = this.#accounts.book.get(id);
      if (session?.state !== 'active') continue;
      const counted = usedOf(session.usage, 'bytes');
      const apart = Math.abs(bytes - counted);
      const share = apart / Math.max(bytes, counted, 1);
      if (apart > worst.bytes) worst = { bytes: apart, share };
    }
    this.#difference = worst;
    const odd = worst.bytes > tolerated.bytes && worst.share > tolerated.share;
    if (odd && !this.#told) {
      const percent = (worst.share * 100).toFixed(1);
      this.#log('warn', `backstop: the kernel and the portal are ${worst.bytes} bytes (${percent}%) apart`);
    }
    this.#told = odd;
  }

  *#wanted(): IterableIterator<Hold> {
    const guessed: Hold[] = [];
    for (const session of this.#accounts.book.running()) {
      const known = this.#duties.watch(session.gateway)?.gates.addressesOf(session.mac);
      // Until the portal has been read, the journal's addresses are the best guess.
      const hold = holdOf(session, known ?? session.baselines.map((b) => b.ip));
      if (hold && known) yield hold;
      else if (hold) guessed.push(hold);
    }
    yield* guessed;
  }
}

import {
  type Deposit,
  type DepositEvent,
  isActive,
  isOver,
  isReversed,
  isUnopened,
  stepDeposit,
} from '../../domain/deposit.js';
import { unitsOf } from '../../domain/folded.js';
import { isUsable, type Session } from '../../domain/session.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import type { Log } from '../../ports/log.js';
import type { Notice } from '../../ports/notice.js';
import { Drive } from '../drive.js';
import type { Engine } from '../engine.js';
import type { Till } from '../till.js';
import { close } from './close.js';
import { open, sell } from './open.js';
import { serve } from './serve.js';
import { backOff, type Memory, type Steps } from './step.js';

/**
 * A deposit that is not on the disk yet is looked at again after this, in ms; its purchase drives it when it
 * is.
 */
const undecidedMs = 1_000;
/** A deposit whose scheme is not configured is looked at this often, in ms. */
const unservedMs = 300_000;

/**
 * Brings every deposit to its end in as many tries as that takes: opened, sold, charged, closed.
 *
 * Level-triggered, as gates are: the next step follows from what is durable, so a lost reply, a restart or a
 * facilitator that is down heals the same way. A state is on the disk before the call is made that it
 * announces.
 */
export class DepositRounds {
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #steps: Omit<Steps, 'chargeMs'>;
  readonly #drive: Drive;
  readonly #memories = new Map<string, Memory>();
  /** Deposit schemes by payment method; replaced by a reload. */
  backends: ReadonlyMap<string, DepositScheme> = new Map();
  /** How often what was used is charged, in ms; replaced by a reload. */
  chargeMs = 600_000;

  constructor(engine: Engine, till: Till, log: Log) {
    this.#engine = engine;
    this.#log = log;
    this.#steps = {
      ...{ engine, till, log },
      note: (deposit, event) => this.#note(deposit, event),
      mention: (deposit, event) => void this.#mention(deposit, event),
      reverse: (deposit, event) => this.#reverse(deposit, event),
    };
    this.#drive = new Drive(engine.clock, (id) => this.#step(id));
  }

  /** Takes up the deposits that earlier runs left. Called again after {@link backends} has changed. */
  start(): void {
    for (const deposit of this.#deposits.all()) {
      if (!isOver(deposit)) this.drive(deposit.id);
      else if (isReversed(deposit)) void this.#endSessionOf(deposit);
    }
  }

  stop(): void {
    this.#drive.stop();
  }

  /** Charges now what an ended session used, and lets usage that is on the disk be charged. */
  hear(notice: Notice): void {
    if (notice.type === 'session.closed') this.#ended(notice.session);
    else if (notice.type === 'session.usage') this.#written(notice.sessions);
  }

  /** Takes the next step of a deposit now, or when the step under way is over. */
  drive(id: string): void {
    this.#drive.now(id);
  }

  /** Resolves with the deposit when it is in a session or over, or as it stands after `ms`. */
  async decided(id: string, ms: number): Promise<Deposit | undefined> {
    const isDecided = () => {
      const deposit = this.#deposits.get(id);
      return deposit === undefined || deposit.session !== undefined || isOver(deposit);
    };
    await this.#drive.until(id, ms, isDecided);
    return this.#deposits.get(id);
  }

  get #deposits() {
    return this.#engine.accounts.book.deposits;
  }

  #ended(session: Session): void {
    for (const { id } of this.#deposits.ofSession(session.id)) this.drive(id);
  }

  #written(sessions: readonly Session[]): void {
    const byId = new Map(sessions.map((session) => [session.id, session]));
    for (const [id, memory] of this.#memories) {
      const session = byId.get(this.#deposits.get(id)?.session ?? '');
      if (session) memory.used = unitsOf(session, id);
    }
  }

  async #step(id: string): Promise<number | undefined> {
    const deposit = this.#deposits.get(id);
    if (!deposit || isOver(deposit)) {
      this.#memories.delete(id);
      return undefined;
    }
    if (this.#engine.accounts.isUnderWay(deposit.sale.key)) return undecidedMs;
    const memory = this.#memories.get(id) ?? this.#remember(deposit);
    this.#memories.set(id, memory);
    try {
      return await this.#once(deposit, memory);
    } catch (cause) {
      this.#log('error', `deposit ${id}: ${cause instanceof Error ? cause.stack : cause}`);
      return backOff(memory);
    }
  }

  /**
   * The memory of a deposit that is new or that an earlier run left; its session is as the journal has it.
   */
  #remember({ id, session: of, at, chargedAt = at }: Deposit): Memory {
    const { accounts, clock } = this.#engine;
    const session = of === undefined ? undefined : accounts.book.get(of);
    return {
      failures: 0,
      looked: Number.NEGATIVE_INFINITY,
      charged: clock.mono() - Math.max(0, clock.wall() - chargedAt),
      used: session ? unitsOf(session, id) : 0n,
      isUncharged: false,
    };
  }

  #once(deposit: Deposit, memory: Memory): Promise<number> {
    const backend = this.backends.get(deposit.method);
    if (!backend) return Promise.resolve(unservedMs);
    const step = isUnopened(deposit) ? open : isActive(deposit) ? (deposit.session ? serve : sell) : close;
    return step({ ...this.#steps, chargeMs: this.chargeMs }, deposit, backend, memory);
  }

  async #note(deposit: Deposit, event: DepositEvent): Promise<void> {
    if (this.#mention(deposit, event)) await this.#engine.accounts.sync();
  }

  /** Both records are written in one turn. Where a kill comes between them, {@link start} ends the session. */
  async #reverse(deposit: Deposit, event: DepositEvent): Promise<void> {
    this.#mention(deposit, event);
    await this.#endSessionOf(deposit);
    await this.#engine.accounts.sync();
  }

  async #endSessionOf({ id, session }: Deposit): Promise<void> {
    const served = this.#engine.accounts.book.get(session ?? '');
    if (served && isUsable(served)) await this.#engine.end(served.id, 'payment-reversed', id);
  }

  /**
   * Applies the event to the deposit in the books, for a signature may have come since the step began.
   * @returns whether anything has changed
   */
  #mention({ id }: Deposit, event: DepositEvent): boolean {
    const now = this.#deposits.get(id);
    const next = now && stepDeposit(now, event);
    if (!next || next === now) return false;
    this.#engine.accounts.noteDeposit(next);
    return true;
  }
}

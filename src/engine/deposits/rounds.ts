import {
  type Deposit,
  type DepositEvent,
  isActive,
  isOver,
  isUnopened,
  stepDeposit,
} from '../../domain/deposit.js';
import { unitsUsed } from '../../domain/lot.js';
import type { Session } from '../../domain/session.js';
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

/** One that is not on the disk yet is looked at again after this, in ms; its purchase drives it when it is. */
const undecidedMs = 1_000;
/** A deposit whose backend is not configured is looked at this often, in ms. */
const unservedMs = 300_000;

/**
 * Brings every deposit to its end, however often that takes: opened, sold, charged, closed.
 *
 * Level-triggered, as gates are: what is to be done follows from what is durable, so a lost reply, a restart or a dead
 * facilitator heals the same way. Each state is on the disk before the call is made that it speaks of.
 */
export class DepositRounds {
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #steps: Omit<Steps, 'chargeMs'>;
  readonly #drive: Drive;
  readonly #memories = new Map<string, Memory>();
  /** By payment method; replaced by a reload. */
  backends: ReadonlyMap<string, DepositScheme> = new Map();
  /** What was used is charged this often, in ms; replaced by a reload. */
  chargeMs = 600_000;

  constructor(engine: Engine, till: Till, log: Log) {
    this.#engine = engine;
    this.#log = log;
    this.#steps = {
      ...{ engine, till, log },
      note: (deposit, event) => this.#note(deposit, event),
      mention: (deposit, event) => void this.#mention(deposit, event),
    };
    this.#drive = new Drive(engine.clock, (id) => this.#step(id));
  }

  /** Takes up what earlier runs left. Again after {@link backends} has changed. */
  start(): void {
    for (const { id } of this.#deposits.open()) this.drive(id);
  }

  stop(): void {
    this.#drive.stop();
  }

  /** What a session that has ended used is charged now; what one has used that is on the disk may be charged. */
  hear(notice: Notice): void {
    if (notice.type === 'session.closed') this.#ended(notice.session);
    else if (notice.type === 'session.usage') this.#written(notice.sessions);
  }

  /** Does what is to be done for a deposit now, or when what is under way is over. */
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
      if (session) memory.used = unitsUsed(session.lots, session.usage, id);
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

  /** Of a deposit that is new, or that an earlier run left: its session is as it was written down. */
  #remember({ id, session: of, at, chargedAt = at }: Deposit): Memory {
    const { accounts, clock } = this.#engine;
    const session = of === undefined ? undefined : accounts.book.get(of);
    return {
      failures: 0,
      looked: Number.NEGATIVE_INFINITY,
      charged: clock.mono() - Math.max(0, clock.wall() - chargedAt),
      used: session ? unitsUsed(session.lots, session.usage, id) : 0n,
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

  /**
   * It goes on from what the books have: a signature may have come since the step began.
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

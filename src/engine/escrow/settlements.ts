import {
  type Escrow,
  type EscrowEvent,
  isActive,
  isOver,
  isUnopened,
  stepEscrow,
} from '../../domain/escrow.js';
import type { Session } from '../../domain/session.js';
import type { EscrowBackend } from '../../domain/settlement.js';
import { Drive } from '../drive.js';
import type { Engine } from '../engine.js';
import type { Log } from '../ports.js';
import type { Till } from '../till.js';
import { close } from './close.js';
import { open, sell } from './open.js';
import { serve } from './serve.js';
import { backOff, type Memory, type Steps } from './step.js';

/** A deposit whose backend is not configured is looked at this often, in ms. */
const unservedMs = 300_000;

/**
 * Brings every deposit to its end, however often that takes: opened, sold, charged, closed.
 *
 * Level-triggered, as gates are: what is to be done follows from what is durable, so a lost reply, a restart or a dead
 * facilitator heals the same way. Each state is on the disk before the call is made that it speaks of.
 */
export class Settlements {
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #steps: Steps;
  readonly #drive: Drive;
  readonly #memories = new Map<string, Memory>();
  /** By payment method; replaced by a reload. */
  backends: ReadonlyMap<string, EscrowBackend> = new Map();

  constructor(engine: Engine, till: Till, log: Log) {
    this.#engine = engine;
    this.#log = log;
    this.#steps = { engine, till, log, note: (escrow, event) => this.#note(escrow, event) };
    this.#drive = new Drive(engine.clock, (id) => this.#step(id));
  }

  /** Takes up what earlier runs left. Again after {@link backends} has changed. */
  start(): void {
    for (const { id } of this.#escrows.open()) this.drive(id);
  }

  stop(): void {
    this.#drive.stop();
  }

  /** A session has ended: what it used is charged now. */
  ended(session: Session): void {
    for (const { id } of this.#escrows.ofSession(session.id)) this.drive(id);
  }

  /** Does what is to be done for a deposit now, or when what is under way is over. */
  drive(id: string): void {
    this.#drive.now(id);
  }

  /** Resolves with the deposit when it is in a session or over, or as it stands after `ms`. */
  async decided(id: string, ms: number): Promise<Escrow | undefined> {
    const isDecided = () => {
      const escrow = this.#escrows.get(id);
      return escrow === undefined || escrow.session !== undefined || isOver(escrow);
    };
    await this.#drive.until(id, ms, isDecided);
    return this.#escrows.get(id);
  }

  get #escrows() {
    return this.#engine.accounts.book.escrows;
  }

  async #step(id: string): Promise<number | undefined> {
    const now = this.#engine.clock.mono();
    const memory = this.#memories.get(id) ?? { failures: 0, looked: Number.NEGATIVE_INFINITY, charged: now };
    this.#memories.set(id, memory);
    const escrow = this.#escrows.get(id);
    if (!escrow || isOver(escrow)) {
      this.#memories.delete(id);
      return undefined;
    }
    try {
      return await this.#once(escrow, memory);
    } catch (cause) {
      this.#log('error', `escrow ${id}: ${cause instanceof Error ? cause.stack : cause}`);
      return backOff(memory);
    }
  }

  #once(escrow: Escrow, memory: Memory): Promise<number> {
    const backend = this.backends.get(escrow.method);
    if (!backend) return Promise.resolve(unservedMs);
    const step = isUnopened(escrow) ? open : isActive(escrow) ? (escrow.session ? serve : sell) : close;
    return step(this.#steps, escrow, backend, memory);
  }

  /** It goes on from what the books have: a signature may have come since the step began. */
  async #note({ id }: Escrow, event: EscrowEvent): Promise<void> {
    const now = this.#escrows.get(id);
    const next = now && stepEscrow(now, event);
    if (!next || next === now) return;
    this.#engine.accounts.noteEscrow(next);
    await this.#engine.accounts.sync();
  }
}

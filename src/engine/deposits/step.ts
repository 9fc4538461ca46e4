import type { Deposit, DepositEvent } from '../../domain/deposit.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import type { Log } from '../../ports/log.js';
import type { Engine } from '../engine.js';
import type { Till } from '../till.js';

/** What the steps of a deposit need. */
export interface Steps {
  readonly engine: Engine;
  readonly till: Till;
  readonly log: Log;
  /** How often what was used is charged, in ms. */
  readonly chargeMs: number;
  /** Makes a change durable. An event that means nothing any more changes nothing. */
  note(deposit: Deposit, event: DepositEvent): Promise<void>;
  /**
   * Writes down a change that the chain can be asked about again. It becomes durable with the next durable
   * record.
   */
  mention(deposit: Deposit, event: DepositEvent): void;
  /** Makes the end of a deposit durable, and with the same write the end of the session that is not paid any more. */
  reverse(deposit: Deposit, event: DepositEvent): Promise<void>;
}

/** What is kept of a deposit beside its state. */
export interface Memory {
  failures: number;
  /** Monotonic time of the last look at the chain, and of the last charge. */
  looked: number;
  charged: number;
  /** Units that were used, counted from the session's usage that is on the disk. */
  used: bigint;
  /** The last charge failed, and the log has said so. */
  isUncharged: boolean;
}

/** One step of a deposit. @returns milliseconds to the next one, 0 for now */
export type Step = (
  steps: Steps,
  deposit: Deposit,
  backend: DepositScheme,
  memory: Memory,
) => Promise<number>;

/** Waits between two tries, in ms: doubled each time. */
const [firstWait, longestWait] = [2_000, 300_000];

/** A try failed. @returns how long to wait before the next one, in ms */
export function backOff(memory: Memory): number {
  const wait = Math.min(firstWait * 2 ** memory.failures, longestWait);
  memory.failures += 1;
  return wait;
}

/** A try worked: the next step is due now. */
export function goOn(memory: Memory): number {
  memory.failures = 0;
  return 0;
}

/** The outcome of a call is unknown: the same call is made again. */
export async function unknown(steps: Steps, deposit: Deposit, note: string, memory: Memory): Promise<number> {
  // Another try in the same state is not worth a write to the flash.
  const isNew = note !== deposit.note || deposit.state === 'opening' || deposit.state === 'closing';
  if (isNew) await steps.note(deposit, { type: 'unknown', note });
  return backOff(memory);
}

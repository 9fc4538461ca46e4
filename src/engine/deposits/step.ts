import type { Deposit, DepositEvent } from '../../domain/deposit.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import type { Log } from '../../ports/log.js';
import type { Engine } from '../engine.js';
import type { Till } from '../till.js';

/** What the steps of a deposit are taken with. */
export interface Steps {
  readonly engine: Engine;
  readonly till: Till;
  readonly log: Log;
  /** What was used is charged this often, in ms. */
  readonly chargeMs: number;
  /** Makes a change durable. An event that means nothing any more changes nothing. */
  note(deposit: Deposit, event: DepositEvent): Promise<void>;
  /** Writes a change down that the chain can be asked about again: it is durable when the next one is. */
  mention(deposit: Deposit, event: DepositEvent): void;
}

/** What is kept of a deposit beside its state. */
export interface Memory {
  failures: number;
  /** Monotonic time of the last look at the chain, and of the last charge. */
  looked: number;
  charged: number;
  /** Units that were used, by what of the session's usage is on the disk. */
  used: bigint;
  /** The last charge did not come through, which the log says once. */
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

/** It did not work: how long to wait before the next try. */
export function backOff(memory: Memory): number {
  const wait = Math.min(firstWait * 2 ** memory.failures, longestWait);
  memory.failures += 1;
  return wait;
}

/** It worked: on to the next step. */
export function goOn(memory: Memory): number {
  memory.failures = 0;
  return 0;
}

/** Nobody can say what came of a call: the same call is made again. */
export async function unknown(steps: Steps, deposit: Deposit, note: string, memory: Memory): Promise<number> {
  // The same once more is not worth a write to the flash.
  const isNew = note !== deposit.note || deposit.state === 'opening' || deposit.state === 'closing';
  if (isNew) await steps.note(deposit, { type: 'unknown', note });
  return backOff(memory);
}

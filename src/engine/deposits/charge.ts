import { type Deposit, dueOf } from '../../domain/deposit.js';
import type { Outcome } from '../../domain/deposit-scheme.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import type { Memory, Steps } from './step.js';

/**
 * Charges what was used, at an interval, so that little hangs on the close: should the router be off until the deposit
 * expires, all that is not charged goes back to the buyer.
 *
 * Only what is on the disk is charged: usage that a crash takes away is used again, and would be paid for twice. What
 * fails is tried again at the next interval and concerns nobody else: what is signed is served.
 */
export async function charge(
  steps: Steps,
  deposit: Deposit,
  backend: DepositScheme,
  memory: Memory,
): Promise<void> {
  const { clock } = steps.engine;
  if (clock.mono() - memory.charged < steps.chargeMs) return;
  memory.charged = clock.mono();
  const due = dueOf(deposit, memory.used);
  if (due === deposit.consumed) return;
  const outcome = await backend.consume(deposit.order, deposit.opened!, deposit.signed, due);
  if (outcome.kind === 'confirmed') {
    memory.isUncharged = false;
    steps.mention(deposit, { type: 'consumed', units: outcome.value, at: clock.wall() });
  } else complain(steps, deposit, outcome, memory);
}

function complain(
  steps: Steps,
  { id }: Deposit,
  outcome: Exclude<Outcome<string>, { kind: 'confirmed' }>,
  memory: Memory,
): void {
  // Who refuses may know that it is closed.
  if (outcome.kind === 'rejected') memory.looked = Number.NEGATIVE_INFINITY;
  if (outcome.kind === 'pending' || memory.isUncharged) return;
  memory.isUncharged = true;
  const why = outcome.kind === 'rejected' ? `${outcome.code}: ${outcome.message}` : outcome.detail;
  steps.log('warn', `deposit ${id}: what was used cannot be charged, and is tried again: ${why}`);
}

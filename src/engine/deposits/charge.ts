import { type Deposit, dueOf } from '../../domain/deposit.js';
import type { Outcome } from '../../domain/deposit-scheme.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import type { Memory, Steps } from './step.js';

/**
 * Charges what was used, at an interval, so that little depends on the close: if the router is off until the
 * deposit expires, whatever is not charged goes back to the customer.
 *
 * Only usage that is on the disk is charged. Usage that a crash takes away is used again and would be paid
 * for twice. A charge that fails is tried again at the next interval; the session goes on, because the
 * customer has signed for it.
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
  // A scheme that refuses the charge may know that the deposit is closed.
  if (outcome.kind === 'rejected') memory.looked = Number.NEGATIVE_INFINITY;
  if (outcome.kind === 'pending' || memory.isUncharged) return;
  memory.isUncharged = true;
  const why = outcome.kind === 'rejected' ? `${outcome.code}: ${outcome.message}` : outcome.detail;
  steps.log('warn', `deposit ${id}: what was used cannot be charged, and is tried again: ${why}`);
}

import { dueOf, type Escrow } from '../../domain/escrow.js';
import type { EscrowBackend, Outcome } from '../../domain/settlement.js';
import type { Memory, Steps } from './step.js';

/**
 * Charges what was used, at an interval, so that little hangs on the close: should the router be off until the escrow
 * expires, all that is not charged goes back to the buyer.
 *
 * Only what is on the disk is charged: usage that a crash takes away is used again, and would be paid for twice. What
 * fails is tried again at the next interval and concerns nobody else: what is signed is served.
 */
export async function charge(
  steps: Steps,
  escrow: Escrow,
  backend: EscrowBackend,
  memory: Memory,
): Promise<void> {
  const { clock } = steps.engine;
  if (clock.mono() - memory.charged < steps.chargeMs) return;
  memory.charged = clock.mono();
  const due = dueOf(escrow, memory.used);
  if (due === escrow.consumed) return;
  const outcome = await backend.consume(escrow.order, escrow.opened!, escrow.signed, due);
  if (outcome.kind === 'confirmed') {
    memory.isUncharged = false;
    steps.mention(escrow, { type: 'consumed', units: outcome.value, at: clock.wall() });
  } else complain(steps, escrow, outcome, memory);
}

function complain(
  steps: Steps,
  { id }: Escrow,
  outcome: Exclude<Outcome<string>, { kind: 'confirmed' }>,
  memory: Memory,
): void {
  // Who refuses may know that it is closed.
  if (outcome.kind === 'rejected') memory.looked = Number.NEGATIVE_INFINITY;
  if (outcome.kind === 'pending' || memory.isUncharged) return;
  memory.isUncharged = true;
  const why = outcome.kind === 'rejected' ? `${outcome.code}: ${outcome.message}` : outcome.detail;
  steps.log('warn', `escrow ${id}: what was used cannot be charged, and is tried again: ${why}`);
}

import type { Escrow } from '../../domain/escrow.js';
import type { EscrowBackend } from '../../domain/settlement.js';
import { backOff, goOn, type Memory, type Step, type Steps, unknown } from './step.js';

/** Charges what was used, has the rest given back, and ends. That it may be sent is on the disk before it is. */
export const close: Step = async (steps, escrow, backend, memory) => {
  const { order, opened, signed, due = '0', id } = escrow;
  if (escrow.state === 'draining') {
    await steps.note(escrow, { type: 'sent' });
    return goOn(memory);
  }
  const outcome = await backend.close(order, opened!, signed, due);
  if (outcome.kind === 'rejected') {
    return dispute(steps, escrow, backend, memory, `${outcome.code}: ${outcome.message}`);
  }
  if (outcome.kind !== 'confirmed') return unknown(steps, escrow, outcome.detail, memory);
  const { sellerAmount, buyerRefund } = outcome.value;
  steps.log('info', `escrow ${id}: closed: ${sellerAmount} earned, ${buyerRefund} given back`);
  await steps.note(escrow, { type: 'closed', closed: outcome.value });
  return goOn(memory);
};

/** The close was refused: somebody may have closed it, or it needs a person. */
async function dispute(
  steps: Steps,
  escrow: Escrow,
  backend: EscrowBackend,
  memory: Memory,
  refusal: string,
): Promise<number> {
  const outcome = await backend.reconcile(escrow.order);
  if (outcome.kind !== 'confirmed') return backOff(memory);
  if (outcome.value.is === 'closed') {
    await steps.note(escrow, { type: 'closed', closed: outcome.value.closed });
  } else {
    steps.log('error', `escrow ${escrow.id}: cannot be closed: ${refusal}`);
    await steps.note(escrow, { type: 'rejected', note: refusal });
  }
  return goOn(memory);
}

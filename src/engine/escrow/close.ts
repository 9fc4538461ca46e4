import type { Escrow } from '../../domain/escrow.js';
import { formatAmount, moneyOf } from '../../domain/money.js';
import type { Closed, EscrowBackend } from '../../domain/settlement.js';
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
  const [earned, returned] = [outcome.value.sellerAmount, outcome.value.buyerRefund].map(inWords(escrow));
  steps.log('info', `escrow ${id}: closed: ${earned} earned, ${returned} given back`);
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
    const { closed } = outcome.value;
    const loss = lossOf(escrow, closed);
    if (loss) steps.log('warn', `escrow ${escrow.id}: ${refusal}: ${loss}`);
    await steps.note(escrow, { type: 'closed', closed, ...(loss && { note: `${refusal}: ${loss}` }) });
  } else {
    steps.log('error', `escrow ${escrow.id}: cannot be closed: ${refusal}`);
    await steps.note(escrow, { type: 'rejected', note: refusal });
  }
  return goOn(memory);
}

/** What was charged of what was due, in words; undefined when it was all of it. */
function lossOf(escrow: Escrow, { sellerAmount: charged }: Closed): string | undefined {
  const wanted = BigInt(escrow.due ?? '0') * BigInt(escrow.order.unitPrice);
  if (BigInt(charged) >= wanted) return undefined;
  const words = inWords(escrow);
  return `only ${words(charged)} of ${words(wanted)} was charged`;
}

/** Writes amounts of a deposit as people read them. */
function inWords({ sale }: Escrow): (amount: string | bigint) => string {
  // What a deposit pays for has a price.
  const price = moneyOf(sale.lot.funding.paid!);
  return (amount) => `${formatAmount({ ...price, amount: BigInt(amount) })} ${price.currency}`;
}

import type { Escrow } from '../../domain/escrow.js';
import { unitsUsed } from '../../domain/lot.js';
import { isDone, type Session } from '../../domain/session.js';
import type { EscrowBackend } from '../../domain/settlement.js';
import type { Memory, Step, Steps } from './step.js';

/** A deposit that is not final yet is looked for this often, in ms. */
const lookMs = 15_000;
/** What is signed and used up is charged this often, in ms. */
const consumeMs = 600_000;

/** Watches over a deposit that is being used, and lets it go with its session. */
export const serve: Step = async (steps, escrow, backend, memory) => {
  const { engine } = steps;
  if (escrow.opened?.final) return rest(steps, escrow, backend, memory);
  const session = engine.accounts.settle(escrow.session!);
  if (!session || isDone(session)) {
    const used = session ? unitsUsed(session.lots, session.usage, escrow.id) : BigInt(escrow.consumed);
    await steps.note(escrow, { type: 'drained', units: `${used}` });
    return 0;
  }
  const left = (escrow.opened?.serveUntil ?? Number.POSITIVE_INFINITY) - engine.clock.wall();
  // What is used later might not be charged in time.
  if (left <= 0) await engine.end(session.id, 'time');
  if (await look(steps, escrow, backend, memory)) return 0;
  await charge(steps, escrow, session, backend, memory);
  return Math.max(1, Math.min(escrow.settled ? consumeMs : lookMs, left > 0 ? left : 1_000));
};

/** The seller has the money already: it is over when the chain has it for good. */
const rest: Step = async (steps, escrow, backend, memory) => {
  if (!escrow.settled) return (await look(steps, escrow, backend, memory)) ? 0 : lookMs;
  const { units, unitPrice } = escrow.order;
  const sellerAmount = `${BigInt(units) * BigInt(unitPrice)}`;
  const closed = { transaction: escrow.opened!.transaction, sellerAmount, buyerRefund: '0' };
  await steps.note(escrow, { type: 'closed', closed });
  return 0;
};

/** Looks whether the chain still has it. @returns whether anything has changed */
async function look(steps: Steps, escrow: Escrow, backend: EscrowBackend, memory: Memory): Promise<boolean> {
  const now = steps.engine.clock.mono();
  // A settled one stays, but its buyer may ask for the rest of his money: then there is an hour to charge.
  if (now - memory.looked < (escrow.settled ? consumeMs : lookMs)) return false;
  memory.looked = now;
  const outcome = await backend.reconcile(escrow.order);
  if (outcome.kind !== 'confirmed') return false;
  const state = outcome.value;
  if (state.is === 'gone') {
    steps.log('warn', `escrow ${escrow.id}: the chain has lost the deposit: it is sent again`);
    await steps.note(escrow, { type: 'gone' });
    return true;
  }
  if (state.is === 'closed') {
    await steps.note(escrow, { type: 'closed', closed: state.closed });
    await steps.engine.end(escrow.session!, 'payment-reversed');
    return true;
  }
  const until = state.opened.serveUntil ?? Number.POSITIVE_INFINITY;
  if (escrow.session !== undefined && until <= steps.engine.clock.wall()) {
    await steps.engine.end(escrow.session, 'time');
    return true;
  }
  if (escrow.settled || state.confirmations < backend.finality) return false;
  await steps.note(escrow, { type: 'settled' });
  return true;
}

/** Charges a signature that is used up, so that not all of it hangs on the close. */
async function charge(
  steps: Steps,
  escrow: Escrow,
  session: Session,
  backend: EscrowBackend,
  memory: Memory,
): Promise<void> {
  const { previous, opened, consumed, order, id } = escrow;
  const now = steps.engine.clock.mono();
  if (!previous || !opened || now - memory.charged < consumeMs) return;
  memory.charged = now;
  const used = unitsUsed(session.lots, session.usage, id);
  if (BigInt(previous.units) > used || BigInt(previous.units) <= BigInt(consumed)) return;
  const outcome = await backend.consume(order, opened, previous);
  if (outcome.kind === 'confirmed') await steps.note(escrow, { type: 'consumed', units: outcome.value });
}

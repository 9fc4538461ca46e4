import type { Deposit } from '../../domain/deposit.js';
import { unitsOf } from '../../domain/folded.js';
import { isDone } from '../../domain/session.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import { charge } from './charge.js';
import type { Memory, Step, Steps } from './step.js';

/** How often the chain is asked for a deposit that is not final yet, in ms. */
const lookMs = 15_000;
/**
 * How often the chain is asked for a final deposit, in ms. Its customer may ask for the rest of their money,
 * and then the seller has an hour to charge.
 */
const watchMs = 600_000;

/** Watches over a deposit that is being used, and lets it go with its session. */
export const serve: Step = async (steps, deposit, backend, memory) => {
  const { engine } = steps;
  if (deposit.opened?.final) return rest(steps, deposit, backend, memory);
  const session = engine.accounts.upToDate(deposit.session!);
  if (!session || isDone(session)) {
    const used = session ? unitsOf(session, deposit.id) : BigInt(deposit.consumed);
    await steps.note(deposit, { type: 'drained', units: `${used}` });
    return 0;
  }
  const left = (deposit.opened?.serveUntil ?? Number.POSITIVE_INFINITY) - engine.clock.wall();
  // What is used after this might not be charged in time.
  if (left <= 0) await engine.end(session.id, 'time');
  if (await look(steps, deposit, backend, memory)) return 0;
  await charge(steps, deposit, backend, memory);
  const next = Math.min(memory.looked + lookEvery(deposit), memory.charged + steps.chargeMs);
  return Math.max(1, Math.min(next - engine.clock.mono(), left > 0 ? left : 1_000));
};

function lookEvery({ final }: Deposit): number {
  return final ? watchMs : lookMs;
}

/** The seller has the money already: the deposit is over when the payment is final. */
const rest: Step = async (steps, deposit, backend, memory) => {
  if (!deposit.final) return (await look(steps, deposit, backend, memory)) ? 0 : lookMs;
  const { units, unitPrice } = deposit.order;
  const sellerAmount = `${BigInt(units) * BigInt(unitPrice)}`;
  const closed = { transaction: deposit.opened!.transaction, sellerAmount, buyerRefund: '0' };
  await steps.note(deposit, { type: 'closed', closed });
  return 0;
};

/** Asks whether the chain still has the deposit. @returns whether anything has changed */
async function look(
  steps: Steps,
  deposit: Deposit,
  backend: DepositScheme,
  memory: Memory,
): Promise<boolean> {
  const now = steps.engine.clock.mono();
  if (now - memory.looked < lookEvery(deposit)) return false;
  memory.looked = now;
  const outcome = await backend.look(deposit.order);
  if (outcome.kind !== 'confirmed') return false;
  const state = outcome.value;
  if (state.is === 'gone') {
    steps.log('warn', `deposit ${deposit.id}: the chain has lost the deposit: it is sent again`);
    await steps.note(deposit, { type: 'gone' });
    return true;
  }
  if (state.is === 'closed' && (state.confirmations ?? backend.finality) < backend.finality) {
    // A reorganisation may undo the close. Nothing is served meanwhile, and what was used is charged if it does.
    await steps.engine.end(deposit.session!, 'time');
    return true;
  }
  if (state.is === 'closed') {
    await steps.reverse(deposit, { type: 'closed', closed: state.closed });
    return true;
  }
  const until = state.opened.serveUntil ?? Number.POSITIVE_INFINITY;
  if (deposit.session !== undefined && until <= steps.engine.clock.wall()) {
    await steps.engine.end(deposit.session, 'time');
    // The gate may stay open for long, and the hour to charge is running.
    memory.charged = Number.NEGATIVE_INFINITY;
    return true;
  }
  if (deposit.final || state.confirmations < backend.finality) return false;
  await steps.note(deposit, { type: 'final' });
  return true;
}

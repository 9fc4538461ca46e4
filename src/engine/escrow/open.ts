import type { Escrow } from '../../domain/escrow.js';
import { stepEscrow } from '../../domain/escrow.js';
import type { Mac } from '../../domain/mac.js';
import { fromPlainLot } from '../../domain/plain-lot.js';
import type { Refusal } from '../ports.js';
import { backOff, goOn, type Memory, type Step, type Steps, unknown } from './step.js';

/** Has the deposit taken, or taken again after the chain has lost it. */
export const open: Step = async (steps, escrow, backend, memory) => {
  const outcome = await backend.open(escrow.order);
  if (outcome.kind === 'pending' || outcome.kind === 'unknown') {
    return unknown(steps, escrow, outcome.detail, memory);
  }
  if (outcome.kind === 'confirmed') await steps.note(escrow, { type: 'opened', opened: outcome.value });
  else {
    const { code, message } = outcome;
    await steps.note(escrow, { type: 'rejected', note: `${code}: ${message}` });
    // It was there, and was served on.
    if (escrow.session !== undefined) await steps.engine.end(escrow.session, 'payment-reversed');
  }
  return goOn(memory);
};

/** Puts the units of a deposit that is there into a session. The deposit says so in the same record. */
export const sell: Step = async (steps, escrow, _backend, memory) => {
  const { engine, till, log } = steps;
  const { sale, id, opened } = escrow;
  const { funding, ...rest } = fromPlainLot(sale.lot);
  const lot = { ...rest, funding: opened?.final ? { ...funding, final: true } : funding };
  const draft = () => {
    const sold = till.draft({ ...sale, mac: sale.mac as Mac }, lot, true);
    if (!('session' in sold)) return sold;
    return { ...sold, escrow: stepEscrow(escrow, { type: 'sold', session: sold.session.id }) };
  };
  const sold = await till.commit(draft, sale.key, sale.digest);
  if (!('session' in sold)) return unsold(steps, escrow, sold, memory);
  log('info', `escrow ${id}: opened for session ${sold.session.id}`);
  await till.deliver(sold.session);
  engine.settle(sold.session);
  return goOn(memory);
};

/** Money came and cannot be served: it goes back, whole. What passes is waited for, and so is all that cannot go back. */
async function unsold(steps: Steps, escrow: Escrow, refusal: Refusal, memory: Memory): Promise<number> {
  const passes = refusal.code.startsWith('storage_') || refusal.code === 'busy';
  const isWaitedFor = passes || escrow.opened?.final === true;
  if (!isWaitedFor || memory.failures === 0) {
    steps.log(
      'warn',
      `escrow ${escrow.id}: cannot be served${isWaitedFor ? ' yet' : ''}: ${refusal.message}`,
    );
  }
  if (isWaitedFor) return backOff(memory);
  await steps.note(escrow, { type: 'drained', units: '0' });
  return goOn(memory);
}

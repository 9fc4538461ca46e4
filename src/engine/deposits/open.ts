import type { Deposit } from '../../domain/deposit.js';
import { stepDeposit } from '../../domain/deposit.js';
import type { Mac } from '../../domain/mac.js';
import { fromPlainLot } from '../../domain/plain-lot.js';
import type { Refusal } from '../../ports/result.js';
import { backOff, goOn, type Memory, type Step, type Steps, unknown } from './step.js';

/** Has the deposit taken, or taken again after the chain has lost it. */
export const open: Step = async (steps, deposit, backend, memory) => {
  const outcome = await backend.open(deposit.order);
  if (outcome.kind === 'pending' || outcome.kind === 'unknown') {
    return unknown(steps, deposit, outcome.detail, memory);
  }
  if (outcome.kind === 'confirmed') await steps.note(deposit, { type: 'opened', opened: outcome.value });
  else {
    const { code, message } = outcome;
    // The deposit may have been on the chain before, and its session was served meanwhile.
    await steps.reverse(deposit, { type: 'rejected', note: `${code}: ${message}` });
  }
  return goOn(memory);
};

/** Sells the units of an active deposit to a session. One record holds the sale and the deposit. */
export const sell: Step = async (steps, deposit, _backend, memory) => {
  const { engine, till, log } = steps;
  const { sale, id, opened } = deposit;
  const { funding, ...rest } = fromPlainLot(sale.lot);
  const lot = { ...rest, funding: opened?.final ? { ...funding, final: true } : funding };
  const draft = () => {
    const sold = till.draft({ ...sale, mac: sale.mac as Mac }, lot, true);
    if (!('session' in sold)) return sold;
    return { ...sold, deposit: stepDeposit(deposit, { type: 'sold', session: sold.session.id }) };
  };
  const sold = await till.commit(draft, sale.key, sale.digest);
  if (!('session' in sold)) return unsold(steps, deposit, sold, memory);
  log('info', `deposit ${id}: opened for session ${sold.session.id}`);
  await till.deliver(sold);
  engine.reconcile(sold.session);
  return goOn(memory);
};

/**
 * Handles a deposit whose units cannot be sold. For a refusal that passes it waits, and also for money that
 * cannot go back. In all other cases the whole deposit goes back to the customer.
 */
async function unsold(steps: Steps, deposit: Deposit, refusal: Refusal, memory: Memory): Promise<number> {
  const passes = refusal.code.startsWith('storage_') || refusal.code === 'busy';
  const isWaitedFor = passes || deposit.opened?.final === true;
  if (!isWaitedFor || memory.failures === 0) {
    steps.log(
      'warn',
      `deposit ${deposit.id}: cannot be served${isWaitedFor ? ' yet' : ''}: ${refusal.message}`,
    );
  }
  if (isWaitedFor) return backOff(memory);
  await steps.note(deposit, { type: 'drained', units: '0' });
  return goOn(memory);
}

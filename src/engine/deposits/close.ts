import type { Deposit } from '../../domain/deposit.js';
import type { Closed } from '../../domain/deposit-scheme.js';
import { formatAmount, moneyOf } from '../../domain/money.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import { backOff, goOn, type Memory, type Step, type Steps, unknown } from './step.js';

/**
 * Charges what was used, has the rest given back, and ends the deposit. The record that the charge may be
 * sent is on the disk before the charge is sent.
 */
export const close: Step = async (steps, deposit, backend, memory) => {
  const { order, opened, signed, due = '0', id } = deposit;
  if (deposit.state === 'draining') {
    await steps.note(deposit, { type: 'sent' });
    return goOn(memory);
  }
  const outcome = await backend.close(order, opened!, signed, due);
  if (outcome.kind === 'rejected') {
    return dispute(steps, deposit, backend, memory, `${outcome.code}: ${outcome.message}`);
  }
  if (outcome.kind !== 'confirmed') return unknown(steps, deposit, outcome.detail, memory);
  const [earned, returned] = [outcome.value.sellerAmount, outcome.value.buyerRefund].map(inWords(deposit));
  steps.log('info', `deposit ${id}: closed: ${earned} earned, ${returned} given back`);
  await steps.note(deposit, { type: 'closed', closed: outcome.value });
  return goOn(memory);
};

/** The close was refused: somebody may have closed it, or it needs a person. */
async function dispute(
  steps: Steps,
  deposit: Deposit,
  backend: DepositScheme,
  memory: Memory,
  refusal: string,
): Promise<number> {
  const outcome = await backend.look(deposit.order);
  if (outcome.kind !== 'confirmed') return backOff(memory);
  if (outcome.value.is === 'closed') {
    const { closed } = outcome.value;
    const loss = lossOf(deposit, closed);
    if (loss) steps.log('warn', `deposit ${deposit.id}: ${refusal}: ${loss}`);
    await steps.note(deposit, { type: 'closed', closed, ...(loss && { note: `${refusal}: ${loss}` }) });
  } else {
    steps.log('error', `deposit ${deposit.id}: cannot be closed: ${refusal}`);
    await steps.note(deposit, { type: 'rejected', note: refusal });
  }
  return goOn(memory);
}

/** What was charged of what was due, in words; undefined when it was all of it. */
function lossOf(deposit: Deposit, { sellerAmount: charged }: Closed): string | undefined {
  const wanted = BigInt(deposit.due ?? '0') * BigInt(deposit.order.unitPrice);
  if (BigInt(charged) >= wanted) return undefined;
  const words = inWords(deposit);
  return `only ${words(charged)} of ${words(wanted)} was charged`;
}

/** Writes amounts of a deposit as people read them. */
function inWords({ sale }: Deposit): (amount: string | bigint) => string {
  // What a deposit pays for has a price.
  const price = moneyOf(sale.lot.funding.paid!);
  return (amount) => `${formatAmount({ ...price, amount: BigInt(amount) })} ${price.currency}`;
}

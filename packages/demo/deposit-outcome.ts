import { formatAmount } from '../../src/domain/money.js';
import { type EscrowChain, testToken } from '../simulators/chain.js';

/** What is bought and what is used of it. A unit is 1 KiB, and costs the smallest unit of the token. */
export const [bought, used] = [1_000_000, 312_345];

/** In the token's smallest unit. */
export interface Balances {
  readonly buyer: bigint;
  readonly seller: bigint;
  readonly escrow: bigint;
}

/** What came of the purchase. */
export interface Outcome {
  readonly before: Balances;
  /** When the deposit was paid in. */
  readonly during: Balances;
  readonly after: Balances;
  /** Milliseconds from the purchase to the open gate. */
  readonly gateMs: number;
}

const { currency, decimals } = testToken;
const parties = ['buyer', 'seller', 'escrow'] as const;

/** What everybody has now. */
export async function balancesOf(chain: EscrowChain): Promise<Balances> {
  const accounts = [chain.buyer.address, chain.seller.address, chain.escrow.address];
  const [buyer, seller, escrow] = await Promise.all(accounts.map((account) => chain.balance(account)));
  return { buyer: buyer!, seller: seller!, escrow: escrow! };
}

/** For people. */
export function outcomeTable({ before, during, after, gateMs }: Outcome): string {
  const row = (cells: readonly string[]) => cells.map((cell) => cell.padStart(14)).join('');
  const percent = ((used * 100) / bought).toFixed(4);
  return [
    '',
    `${currency.padEnd(8)}${row(['before', 'paid in', 'after'])}`,
    ...parties.map((who) => who.padEnd(8) + row([before, during, after].map((at) => amountOf(at[who])))),
    '',
    `bought ${bought} KiB for ${amountOf(BigInt(bought))}, used ${used} KiB (${percent}%), paid ${amountOf(after.seller - before.seller)}`,
    `the gate was open ${Math.round(gateMs)} ms after the purchase`,
    '',
  ].join('\n');
}

/** What `--json` prints. */
export function summaryOf({ before, after, gateMs }: Outcome): object {
  const plain = (at: Balances) => Object.fromEntries(parties.map((who) => [who, amountOf(at[who])]));
  return {
    ...{ currency, bought_units: bought, used_units: used },
    ...{ before: plain(before), after: plain(after), paid: amountOf(after.seller - before.seller) },
    purchase_to_gate_ms: Math.round(gateMs),
  };
}

function amountOf(amount: bigint): string {
  return formatAmount({ currency, amount, decimals });
}

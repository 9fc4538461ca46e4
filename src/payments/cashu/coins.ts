import type { Spend } from '../../ports/payment-method.js';
import type { Proof } from './ecash.js';

/** Numbers of steps, and amounts above their price, that are tried: a purse seldom needs more. */
const [mostTries, mostAbove] = [2_000, 64];

/**
 * Coins that pay for whole steps: as many as there are coins for, and less than one step above their price.
 * @param feeOf what whoever takes these coins loses to the mint. @returns undefined where no coins fit
 */
export function coinsFor(
  coins: readonly Proof[],
  { stepPrice, least, most }: Spend,
  feeOf: (coins: readonly Proof[]) => number,
): readonly Proof[] | undefined {
  const largest = [...coins].sort((a, b) => b.amount - a.amount);
  const all = largest.reduce((sum, { amount }) => sum + amount, 0);
  const first = Math.min(most, Math.floor(all / stepPrice));
  const last = Math.max(least, first - mostTries);
  const highest = Math.min(stepPrice - 1, mostAbove);
  for (let above = 0; above <= highest; above++) {
    for (let steps = first; steps >= last; steps--) {
      const found = paying(largest, steps * stepPrice + above, feeOf);
      if (found) return found;
    }
  }
  return undefined;
}

/** Each round may need a coin more for the fee of the round before. */
function paying(
  largest: readonly Proof[],
  net: number,
  feeOf: (coins: readonly Proof[]) => number,
): readonly Proof[] | undefined {
  let fee = 0;
  for (let round = 0; round < 4; round++) {
    const coins = exactly(largest, net + fee);
    if (!coins || feeOf(coins) === fee) return coins;
    fee = feeOf(coins);
  }
  return undefined;
}

/** Amounts are powers of two, so the largest that fits is always right. */
function exactly(largest: readonly Proof[], sum: number): readonly Proof[] | undefined {
  let left = sum;
  const coins = largest.filter(({ amount }) => {
    if (amount > left) return false;
    left -= amount;
    return true;
  });
  return left === 0 && coins.length > 0 ? coins : undefined;
}

/** A part of what was paid. `steps`: that it pays for, 0 for change. */
export interface Part {
  readonly steps: number;
  /** Powers of two, the largest first. */
  readonly amounts: readonly number[];
}

/**
 * Splits what was paid so that any number of unused steps can be given back later without the mint.
 *
 * The steps are grouped as 1, 2, 4, … and a rest that is no larger than all of them and one more; so every number up to
 * `steps` is the sum of some groups: see {@link groupsFor}.
 */
export function splitPayment(steps: number, unitPrice: number, change: number): Part[] {
  const groups: number[] = [];
  let rest = steps;
  for (let size = 1; rest > 0; size *= 2) {
    groups.push(Math.min(size, rest));
    rest -= Math.min(size, rest);
  }
  const parts = groups.reverse().map((group) => ({ steps: group, amounts: powersOf(group * unitPrice) }));
  return [...parts, ...(change > 0 ? [{ steps: 0, amounts: powersOf(change) }] : [])];
}

/** Which groups of {@link splitPayment} add up to so many steps, by their place. */
export function groupsFor(steps: number, groups: readonly number[]): number[] {
  let left = steps;
  return groups.flatMap((group, at) => {
    if (group === 0 || group > left) return [];
    left -= group;
    return [at];
  });
}

/** The amount as a sum of powers of two, the largest first. */
export function powersOf(amount: number): number[] {
  const powers: number[] = [];
  for (let left = BigInt(amount), power = 1n; left > 0n; left >>= 1n, power <<= 1n) {
    if (left & 1n) powers.unshift(Number(power));
  }
  return powers;
}

// Measurements on a machine that other work shares: only what was measured side by side is compared.

/** Several rounds of one measure. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Two measures taken in turns, and how many times larger the first is in each round. */
export interface Pair {
  readonly a: Spread;
  readonly b: Spread;
  /** `a / b` of each round: what happened to the machine in it happened to both. */
  readonly ratio: Spread;
  /** `a - b` of each round. */
  readonly difference: Spread;
}

type Measure = () => number | Promise<number>;

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Measures `a` and `b` in turns, `a` first in every other round. */
export async function pairs(rounds: number, a: Measure, b: Measure): Promise<Pair> {
  const left: number[] = [];
  const right: number[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      left.push(await a());
      right.push(await b());
    } else {
      right.push(await b());
      left.push(await a());
    }
  }
  return pairOf(left, right);
}

/** Of rounds that were taken in turns. */
export function pairOf(left: readonly number[], right: readonly number[]): Pair {
  return {
    a: spreadOf(left),
    b: spreadOf(right),
    ratio: spreadOf(left.map((value, i) => value / right[i]!)),
    difference: spreadOf(left.map((value, i) => value - right[i]!)),
  };
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export async function repeated(rounds: number, measure: Measure): Promise<Spread> {
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) values.push(await measure());
  return spreadOf(values);
}

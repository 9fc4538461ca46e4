// What is judged of the heap of a long run. Pure.

/** Idempotency keys that the books remember: of all that they keep of past business, nothing is full later. */
const kept = 10_000;
/**
 * From so many orders on, nothing that is bounded grows. A `Map` out of which the oldest entry goes for each new one is
 * full only then: V8 keeps the places of what was taken out until its table is full, and doubles the table unless half of
 * it is such places. The last time that it does is before twice as many entries have passed through as it holds.
 */
const fullAt = 2 * kept;
/** Rests whose median is the base: a single one that is high by chance would hide growth. */
const baseRests = 3;
/** By how much of the base the heap may be above it at any later rest. */
const tolerated = 0.02;

/** What the heap of a daemon at rest is like. */
export interface HeapPoint {
  /** Orders by then. */
  readonly orders: number;
  /** In use once all that nobody needs is collected, in MiB. */
  readonly heapMb: number;
}

/** Whether a heap is flat. */
export interface Verdict {
  /** Rests after the base; with none there is nothing to judge. */
  readonly rests: number;
  /** Median of the first rests at which all that is bounded was full, in MiB. */
  readonly baseMb?: number;
  /** The highest of the later ones, in MiB. */
  readonly highestMb?: number;
  /**
   * What an order leaves behind, in bytes: the median of the slopes between any two rests since all was full
   * (Theil and Sen), on which no single rest has an influence.
   */
  readonly perOrder?: number;
  readonly isFlat: boolean;
}

/**
 * Judges the heap at the rests of one run, in their order: flat is a heap that is at no later rest more than 2% above
 * its base. A run without a rest after the base is not judged, and counts as flat.
 */
export function judge(points: readonly HeapPoint[]): Verdict {
  const full = points.filter(({ orders }) => orders >= fullAt);
  const later = full.slice(baseRests);
  if (later.length === 0) return { rests: 0, isFlat: true };
  const baseMb = median(full.slice(0, baseRests).map(({ heapMb }) => heapMb));
  const highestMb = Math.max(...later.map(({ heapMb }) => heapMb));
  const isFlat = highestMb <= baseMb * (1 + tolerated);
  return { rests: later.length, baseMb, highestMb, perOrder: slopeOf(full) * 2 ** 20, isFlat };
}

/** The verdict as a sentence. */
export function sentenceOf({ rests, baseMb = 0, highestMb = 0, perOrder = 0 }: Verdict): string {
  if (rests === 0)
    return `heap not judged: that takes more than ${baseRests} rests after ${fullAt} orders, which is a longer run`;
  const above = (highestMb / baseMb - 1) * 100;
  const sign = above < 0 ? '' : '+';
  return `heap at the highest of ${rests} rests ${highestMb.toFixed(2)} MiB, ${sign}${above.toFixed(1)}% of its base of ${baseMb.toFixed(2)} MiB; ${perOrder.toFixed(1)} bytes an order`;
}

function slopeOf(points: readonly HeapPoint[]): number {
  const slopes = points.flatMap((a, i) =>
    points
      .slice(i + 1)
      .filter((b) => b.orders > a.orders)
      .map((b) => (b.heapMb - a.heapMb) / (b.orders - a.orders)),
  );
  return slopes.length === 0 ? 0 : median(slopes);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) / 2;
  return (sorted[Math.floor(at)]! + sorted[Math.ceil(at)]!) / 2;
}

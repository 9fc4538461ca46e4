/** Bits of an index that one step of the kernel's look-up handles. */
const groupBits = 5;
/** Bits of an index at the most: 32,767 sessions. */
const mostIndexBits = 15;
/** Bits of a mask at the least: 127 sessions. */
export const leastMaskBits = 8;

/** Where a device's MAC leads to: a map, and a chain in it. */
export type Step = readonly [map: string, chain: string];

/** One step of the look-up that turns a device's MAC into its session's mark: a map, and a chain for each value. */
export interface MarkGroup {
  readonly map: string;
  /** By the chain's name: the bits that it sets. */
  readonly chains: ReadonlyMap<string, number>;
  /** By value: the step of a device whose index has it there; none where no bit is set. */
  readonly steps: readonly (Step | undefined)[];
}

/**
 * The marks on connections by which the kernel knows whose they are.
 *
 * A mark is the session's index, spread over the bits of a mask, so that the bits of others (mwan3, pbr) stay as
 * they are. The kernel combines a mark with constants only (before Linux 6.13), so a map leads from the MAC to a
 * chain that sets the bits of five places. The highest bit says that a mark is complete, and is set last: another
 * processor never takes half a mark for somebody's.
 */
export class Marks {
  /** All bits that are ours. */
  readonly mask: number;
  /** The largest index; the smallest is 1. */
  readonly most: number;
  readonly groups: readonly MarkGroup[];
  readonly #places: readonly number[];
  readonly #complete: number;
  /** By index: asked for of every session in each comparison. */
  readonly #marks: number[] = [];
  readonly #steps: (readonly Step[])[] = [];

  /** `mask`: at least {@link leastMaskBits} bits of 32. */
  constructor(mask: number) {
    const places = Array.from({ length: 32 }, (_, i) => 2 ** i).filter((bit) => (mask & bit) !== 0);
    const taken = places.slice(0, mostIndexBits + 1);
    this.#complete = taken[taken.length - 1]!;
    this.#places = taken.slice(0, -1);
    this.mask = sum(taken);
    this.most = 2 ** this.#places.length - 1;
    const count = Math.ceil(this.#places.length / groupBits);
    this.groups = Array.from({ length: count }, (_, at) => this.#group(at, at === count - 1));
  }

  /** The mark of connections that need no session. */
  get free(): number {
    return this.#complete;
  }

  /** The mark of connections whose session is over: never that of a session, for it is not complete. */
  get dead(): number {
    return this.#places[0]!;
  }

  /** The mark of the session with this index. */
  of(index: number): number {
    this.#marks[index] ??= this.#spread(index) + this.#complete;
    return this.#marks[index];
  }

  /** The index of the session with this mark; 0 when it is none's. */
  indexOf(mark: number): number {
    const has = (bit: number) => Math.trunc(mark / bit) % 2 === 1;
    if (!has(this.#complete)) return 0;
    return sum(this.#places.map((bit, i) => (has(bit) ? 2 ** i : 0)));
  }

  /** Map and chain of each step by which a device gets the mark of this index. */
  steps(index: number): readonly Step[] {
    this.#steps[index] ??= this.#stepsOf(index);
    return this.#steps[index];
  }

  #stepsOf(index: number): Step[] {
    const found: Step[] = [];
    for (const [at, { steps }] of this.groups.entries()) {
      const step = steps[Math.floor(index / 2 ** (at * groupBits)) % 2 ** groupBits];
      if (step) found.push(step);
    }
    return found;
  }

  #group(at: number, isLast: boolean): MarkGroup {
    const bits = Math.min(groupBits, this.#places.length - at * groupBits);
    const values = Array.from({ length: 2 ** bits }, (_, value) => value).filter((v) => isLast || v > 0);
    const set = (value: number) =>
      this.#spread(value * 2 ** (at * groupBits)) + (isLast ? this.#complete : 0);
    const map = `who${at}`;
    const steps: (Step | undefined)[] = [];
    for (const v of values) steps[v] = [map, chainName(at, v)];
    return { map, chains: new Map(values.map((v) => [chainName(at, v), set(v)])), steps };
  }

  #spread(index: number): number {
    return sum(this.#places.filter((_, i) => Math.floor(index / 2 ** i) % 2 === 1));
  }
}

const chainName = (group: number, value: number) => `w${group}_${value}`;

function sum(bits: readonly number[]): number {
  return bits.reduce((all, bit) => all + bit, 0);
}

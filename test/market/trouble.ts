import type { SimulatedPortal } from '../../packages/simulators/portal.js';
import { type Random, whole } from '../rig/random.js';
import { faults } from '../soak/faults.js';

/** What the portal does wrong: what heals by itself, and what is healed. */
const kinds = ['restart', 'hang', 'delay', 'empty', 'truncate', 'refuse', 'wedge'] as const;
/** How many rounds have a fault. */
const share = 0.4;
/** Operations that a fault lasts for. */
const length = 12;

/** A portal that fails for some operations of a round. */
export class Trouble {
  readonly #portal: SimulatedPortal;
  readonly #random: Random;
  /** Operations that are left when it begins, and when it is over. */
  #from = -1;
  #to = -1;
  #heal: (() => unknown) | undefined;

  constructor(portal: SimulatedPortal, random: Random) {
    this.#portal = portal;
    this.#random = random;
  }

  /** A round of so many operations begins. */
  begin(operations: number): void {
    this.#from = this.#random() < share ? whole(this.#random, 0, operations) : -1;
    this.#to = this.#from - length;
  }

  /** So many operations are left of the round. */
  look(left: number): void {
    if (left === this.#from)
      this.#heal = faults[kinds[whole(this.#random, 0, kinds.length - 1)]!](this.#portal);
    if (left === this.#to) void this.end();
  }

  /** It is well again. */
  async end(): Promise<void> {
    const heal = this.#heal;
    this.#heal = undefined;
    await heal?.();
  }
}

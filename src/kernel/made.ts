import { createHash } from 'node:crypto';
import type { Listing } from './listing.js';
import { sealPrefix } from './names.js';

/** What the table looked like just after turnpike made it, and for which premises. */
export class Made {
  #shape: string | undefined;
  #isOdd = false;
  #premises = '';

  #times = 0;

  /** How many times it was made, or is being made. */
  get times(): number {
    return this.#times;
  }

  /** It is made now. */
  begin(): void {
    this.#times += 1;
  }

  /** Takes in a table that was just made. */
  note({ shape, odd }: Listing, premises: string): void {
    this.#shape = shape;
    this.#isOdd = odd;
    this.#premises = premises;
  }

  /** This run has made a table, or taken one over. */
  get isKnown(): boolean {
    return this.#shape !== undefined;
  }

  /** The same, for these premises. */
  isFor(premises: string): boolean {
    return this.isKnown && this.#premises === premises;
  }

  /** It is the table that turnpike made, without foreign entries. */
  isOurs(found: Listing): boolean {
    // If nft printed the fresh table in an unknown form, the unknown form is no sign of a change.
    return found.shape === this.#shape && (!found.odd || this.#isOdd);
  }

  /** Nobody else has had a hand in it, as far as turnpike can know: its counters and quotas may go on. */
  isSound(found: Listing): boolean {
    return found.shape !== '' && !found.odd && (!this.isKnown || this.isOurs(found));
  }
}

/**
 * The name that tells a later run that a table of this shape came of these commands: it is put into the table itself, so
 * it goes with it. Whoever changes a chain, a rule, a set or a map breaks it, and so does another version that would make
 * another table.
 */
export function sealOf(base: readonly string[], shape: string): string {
  const text = JSON.stringify([base, shape]);
  return `${sealPrefix}${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

import type { Premises } from '../ports/premises.js';
import { adopted } from './adoption.js';
import { baseTable } from './base.js';
import type { Listing } from './listing.js';
import { Made, sealOf } from './made.js';
import { table } from './names.js';
import type { Piece } from './piece.js';
import type { Change, Pieces } from './pieces.js';
import { premisesOf } from './premises.js';
import type { Reader } from './reader.js';
import { anew, rebuilt } from './rebuild.js';
import { type Ruleset, rulesetOfAll, withPremises } from './ruleset.js';
import { allChanges, scriptOf } from './script.js';
import type { TableParts } from './table-parts.js';

type Written = Pick<Change, 'before' | 'after'>;

interface Duties {
  /** Writes a change. @returns false when nft refused it */
  run(commands: readonly string[], change: Written): Promise<boolean>;
  /** A change was written. */
  keep(change: Written): void;
}

/** Makes the table, or takes over that of an earlier run, and knows which one is turnpike's. */
export class Maker {
  readonly #parts: TableParts;
  readonly #reader: Reader;
  readonly #pieces: Pieces;
  readonly #duties: Duties;
  readonly #made = new Made();

  constructor(parts: TableParts, reader: Reader, pieces: Pieces, duties: Duties) {
    this.#parts = parts;
    this.#reader = reader;
    this.#pieces = pieces;
    this.#duties = duties;
  }

  /** How many times it was made, or is being made. */
  get times(): number {
    return this.#made.times;
  }

  /** It is the table that this run made or took over, and that for these premises. */
  isOurs(found: Listing, places: readonly Premises[]): boolean {
    return this.#made.isOurs(found) && this.#made.isFor(premisesOf(places));
  }

  /** It is the table as it was last written. */
  async isAsWritten(found: Listing, places: readonly Premises[]): Promise<boolean> {
    return (await allChanges(found, await this.#expected(this.#pieces.all, places))).length === 0;
  }

  /** Writes what differs from what is wanted. @returns false when nft refused it */
  async mend(found: Listing, places: readonly Premises[]): Promise<boolean> {
    const change = this.#pieces.changeOfAll(this.#parts.wanted);
    return this.#duties.run(await allChanges(found, await this.#expected(change.after, places)), change);
  }

  /** The whole table for these sessions on these premises. */
  async #expected(pieces: Iterable<Piece>, places: readonly Premises[]): Promise<Ruleset> {
    return withPremises(await rulesetOfAll(pieces, this.#parts.marks), places);
  }

  /**
   * Takes over the table of an earlier run where that is just what would be made: only what has changed is written, and
   * nothing of it stands still. @returns false when it must be made
   */
  async adopt(found: Listing, places: readonly Premises[]): Promise<boolean> {
    const { marks, wanted } = this.#parts;
    if (this.#made.isKnown || found.seal === undefined || found.odd) return false;
    if (found.seal !== sealOf(baseTable(marks, places), found.shape)) return false;
    const after = await adopted(await this.#pieces.anew(wanted.holds()), found);
    if (!after) return false;
    const commands = await allChanges(found, await this.#expected(after, places));
    if (!(await this.#duties.run(commands, { before: [], after }))) return false;
    this.#made.note(found, premisesOf(places));
    return true;
  }

  /** Makes the table: out of the one that was found when that is sound, else anew. @param isWhole it lost no count */
  async make(found: Listing, isWhole: boolean, places: readonly Premises[]): Promise<void> {
    const { wanted, marks, nft } = this.#parts;
    const isSound = isWhole && this.#made.isSound(found);
    this.#made.begin();
    const base = baseTable(marks, places);
    const kept = isSound ? await adopted(await this.#pieces.anew(wanted.holds()), found) : undefined;
    const going = kept && rebuilt(found, base, await this.#expected(kept, places));
    const before = [...this.#pieces.all];
    if (!going || !(await this.#duties.run(going, { before, after: kept }))) {
      await this.#reader.last(found, places, async (last) => {
        await this.#pieces.noteTable(last);
        const after = await this.#pieces.anew(wanted.holds());
        await nft(['-f', '-'], scriptOf(anew(base, await this.#expected(after, places))));
        this.#duties.keep({ before: [...this.#pieces.all], after });
      });
    }
    const made = await this.#reader.table();
    await this.#pieces.noteTable(made);
    this.#made.note(made, premisesOf(places));
    // Without it the next run makes the table anew, which is slower and no less sound.
    const seal = `add set ${table} ${sealOf(base, made.shape)} { type mark; }`;
    if (!made.odd) await nft(['-f', '-'], scriptOf([seal])).catch(() => {});
  }
}

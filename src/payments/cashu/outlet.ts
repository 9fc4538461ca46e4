import type { TakenOut } from '../../ports/payment-method.js';
import { tokenOf } from './ecash.js';
import { type Entry, proofsFor, without, worthOf } from './entry.js';
import type { Purse } from './purse.js';
import { type MintPlace, placeOf } from './section.js';

/** Proofs of one token: more do not fit into one reply of ubus, or into one request to a mint. */
const mostProofs = 200;

/** Takes the seller's money out as tokens. */
export class Outlet {
  readonly #purse: Purse;
  readonly #places: readonly MintPlace[];
  readonly #newId: () => string;
  /** Entries whose money is on its way elsewhere. */
  isTaken: (id: string) => boolean = () => false;
  /** What the last token was made of, until somebody says that it is written down. */
  #last: { readonly id: string; readonly entries: readonly Entry[] } | undefined;

  constructor(purse: Purse, places: readonly MintPlace[], newId: () => string) {
    this.#purse = purse;
    this.#places = places;
    this.#newId = newId;
  }

  /**
   * The next token; undefined when nothing is left. It stays the seller's here until the next call names it as `written`.
   * @returns 'unknown' when `written` is not the last token
   */
  async next(written: string | undefined): Promise<TakenOut | 'unknown' | undefined> {
    if (written !== undefined && written !== this.#last?.id) return 'unknown';
    if (written !== undefined) await this.#takeAway();
    const first = this.#free().find((entry) => proofsFor(entry, 'seller').length > 0);
    if (!first) return undefined;
    const { mint, unit } = first;
    const entries = fitting(full(mint, unit, this.#free()));
    const proofs = entries.flatMap((entry) => proofsFor(entry, 'seller'));
    this.#last = { id: this.#newId(), entries };
    const { currency, decimals } = placeOf(this.#places, first);
    const money = { currency, decimals, amount: BigInt(worthOf(proofs)) };
    return { id: this.#last.id, place: mint, money, token: tokenOf(mint, unit, proofs) };
  }

  /**
   * What can be paid out elsewhere, those with the largest coins first: nothing of the token that somebody was just shown.
   */
  payable(mint: string, unit: string): Entry[] {
    const shown = new Set(this.#last?.entries.map(({ id }) => id));
    const free = this.#free().filter(({ id }) => !shown.has(id));
    return full(mint, unit, free).sort((a, b) => coinOf(b) - coinOf(a));
  }

  #free(): Entry[] {
    return this.#purse.all().filter(({ id }) => !this.isTaken(id));
  }

  async #takeAway(): Promise<void> {
    for (const { id } of this.#last!.entries) {
      await this.#purse.inTurn(id, async () => {
        const entry = this.#purse.get(id);
        if (entry)
          await this.#purse.note(
            id,
            without(entry, ({ whose }) => whose === 'seller'),
          );
      });
    }
    this.#last = undefined;
  }
}

/** Those of them that go into one token, or one request to a mint: the first one, and what fits beside it. */
export function fitting(entries: readonly Entry[]): Entry[] {
  let room = mostProofs;
  return entries.filter((entry, at) => {
    room -= proofsFor(entry, 'seller').length;
    return room >= 0 || at === 0;
  });
}

/** Entries of a mint in which the seller has money. */
function full(mint: string, unit: string, all: readonly Entry[]): Entry[] {
  const own = all.filter((entry) => entry.mint === mint && entry.unit === unit);
  return own.filter((entry) => proofsFor(entry, 'seller').length > 0);
}

/** What one proof of the seller's is worth, on average. */
function coinOf(entry: Entry): number {
  const proofs = proofsFor(entry, 'seller');
  return worthOf(proofs) / proofs.length;
}

import type { Counted } from '../domain/hold.js';
import type { Pieces } from './pieces.js';
import { countedIn, countersOf } from './quotas.js';
import type { Reader } from './reader.js';

type Counts = ReadonlyMap<string, Counted>;

/** A turn that counts, and the sessions that it counts. */
interface Turn {
  readonly ids: Set<string>;
  readonly counts: Promise<Counts | undefined>;
}

interface Duties {
  /** Takes the next turn with the table; undefined when that failed. */
  turn(count: () => Promise<Counts>): Promise<Counts | undefined>;
  /** Makes sure that what is known of the table holds. */
  sure(): Promise<void>;
}

/** Counts by one turn all sessions that are asked for before it begins: each call of nft reads the whole table. */
export class Counting {
  readonly #reader: Reader;
  readonly #pieces: Pieces;
  readonly #duties: Duties;
  /** The turn that has not begun. */
  #next: Turn | undefined;

  constructor(reader: Reader, pieces: Pieces, duties: Duties) {
    this.#reader = reader;
    this.#pieces = pieces;
    this.#duties = duties;
  }

  /** What the kernel has counted of a session. */
  async of(id: string): Promise<Counted | undefined> {
    this.#next ??= this.#turn();
    const { ids, counts } = this.#next;
    ids.add(id);
    return (await counts)?.get(id);
  }

  /** Whoever asks from now on is counted behind all turns that were taken so far. */
  part(): void {
    this.#next = undefined;
  }

  #turn(): Turn {
    const ids = new Set<string>();
    const counts = this.#duties.turn(() => {
      if (this.#next === turn) this.part();
      return this.#count(ids);
    });
    const turn = { ids, counts };
    return turn;
  }

  async #count(ids: Iterable<string>): Promise<Counts> {
    await this.#duties.sure();
    const pieces = [...ids].flatMap((id) => this.#pieces.get(id) ?? []);
    const found = await this.#reader.objects([], pieces.flatMap(countersOf));
    for (const piece of pieces) this.#pieces.noteCount(piece.hold.id, countedIn(found, piece));
    return new Map(pieces.map(({ hold: { id } }) => [id, this.#pieces.countOf(id)]));
  }
}

import type { Counted } from '../domain/hold.js';
import type { Pieces } from './pieces.js';
import { countedIn, countersOf } from './quotas.js';
import type { Reader } from './reader.js';
import { Together } from './together.js';
import type { Turns } from './turns.js';

type Counts = ReadonlyMap<string, Counted>;

interface Duties {
  /** Does this with the table; undefined when that failed. */
  tried(count: () => Promise<Counts>): Promise<Counts | undefined>;
  /** Makes sure that what is known of the table holds. */
  sure(): Promise<void>;
}

/** Counts by one turn all sessions that are asked for before it begins. */
export class Counting {
  readonly #reader: Reader;
  readonly #pieces: Pieces;
  readonly #duties: Duties;
  readonly #together: Together<string, Counts | undefined>;

  constructor(reader: Reader, pieces: Pieces, turns: Turns, duties: Duties) {
    this.#reader = reader;
    this.#pieces = pieces;
    this.#duties = duties;
    this.#together = new Together(turns, (ids) => duties.tried(() => this.#count(ids)));
  }

  /** What the kernel has counted of a session. */
  async of(id: string): Promise<Counted | undefined> {
    return (await this.#together.ask(id))?.get(id);
  }

  /** Whoever asks from now on is counted behind all turns that were taken so far. */
  part(): void {
    this.#together.part();
  }

  async #count(ids: Iterable<string>): Promise<Counts> {
    await this.#duties.sure();
    const pieces = [...ids].flatMap((id) => this.#pieces.get(id) ?? []);
    const found = await this.#reader.objects([], pieces.flatMap(countersOf));
    for (const piece of pieces) this.#pieces.noteCount(piece.hold.id, countedIn(found, piece));
    return new Map(pieces.map(({ hold: { id } }) => [id, this.#pieces.countOf(id)]));
  }
}

import type { Catalog } from './catalog.js';
import type { Cursors } from './cursors.js';
import type { Segment } from './segment.js';

/**
 * What the sinks may tell again after a crash: it has to be what they told before, or a receiver that drops repeats by their
 * numbers counts wrong.
 *
 * A sink begins again at its cursor as the disk has it, or at a later record that it knows by itself, and says so by what it
 * acknowledges before it reads. Beyond that it has told no more than `repeated` records.
 */
export class Repeats {
  readonly #catalog: Catalog;
  readonly #cursors: Cursors;
  readonly #repeated: number;

  constructor(catalog: Catalog, cursors: Cursors, repeated: number) {
    this.#catalog = catalog;
    this.#cursors = cursors;
    this.#repeated = repeated;
  }

  /** The segments that may hold something that is told again. */
  segments(): ReadonlySet<Segment> {
    return new Set(this.#cursors.sinks.flatMap((sink) => this.#of(sink)));
  }

  #of(sink: string): Segment[] {
    const [cursor, onDisk] = [this.#cursors.of(sink)!, this.#cursors.onDisk(sink)];
    const found: Segment[] = [];
    /** Records between the cursor and the segment. */
    let before = 0;
    for (const { segment, last } of this.#catalog.spans()) {
      const isFar = this.#cursors.isKnown(sink) && before >= this.#repeated;
      if (last > onDisk && !isFar) found.push(segment);
      // Of a compacted one nobody knows how many records are left: none, say.
      if (!segment.isCompacted) before += Math.max(0, last - Math.max(cursor, segment.first - 1));
    }
    return found;
  }
}

import type { Catalog } from './catalog.js';
import type { Cursors } from './cursors.js';
import type { Segment } from './segment.js';

/**
 * Tells which records the sinks may tell again after a crash. These must stay as they were told, or a
 * receiver that drops repeats by their numbers counts wrong.
 *
 * A sink begins again at its cursor on the disk, or at a later record that it knows by itself and
 * acknowledges before it reads. Beyond that point it has told no more than `repeated` records.
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
      // Nobody knows how many records a compacted segment still has: none are counted.
      if (!segment.isCompacted) before += Math.max(0, last - Math.max(cursor, segment.first - 1));
    }
    return found;
  }
}

import type { Catalog } from './catalog.js';
import type { Cursors } from './cursors.js';

const MiB = 1024 * 1024;

/**
 * Watches over what the disk keeps for sinks alone. None of it is ever dropped, for it holds what was sold
 * and what ended: when there is more than `limit` bytes, the operator is told, and nothing else happens.
 */
export class Backlog {
  readonly #catalog: Catalog;
  readonly #cursors: Cursors;
  readonly #limit: number;
  readonly #warn: (text: string) => void;
  #warned = false;

  constructor(catalog: Catalog, cursors: Cursors, limit: number, warn: (text: string) => void) {
    this.#catalog = catalog;
    this.#cursors = cursors;
    this.#limit = limit;
    this.#warn = warn;
  }

  /** Size of the segments that no start would read. */
  get bytes(): number {
    const spare = this.#catalog.snapshots.at(-2)?.number ?? 0;
    return this.#catalog.segments.reduce((sum, s) => (s.number < spare ? sum + s.size : sum), 0);
  }

  /** A sentence for the operator when it is too much. */
  get complaint(): string | undefined {
    const { bytes } = this;
    const slowest = this.#cursors.slowest;
    if (bytes <= this.#limit || slowest === undefined) return undefined;
    const size = (bytes / MiB).toFixed(1);
    return `${size} MiB are kept for ${slowest}, which has not taken them in: they grow until it does or is configured no more`;
  }

  /** Warns when it has become too much. */
  watch(): void {
    const { complaint } = this;
    if (complaint !== undefined && !this.#warned) this.#warn(complaint);
    this.#warned = complaint !== undefined;
  }
}

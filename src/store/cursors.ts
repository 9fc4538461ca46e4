/** The cursors as they are stored. */
export interface PlainCursors {
  /** Goes up with every change: of two, the higher one is the later one, wherever it was found. */
  readonly revision: number;
  /** The last record that each sink has acknowledged. */
  readonly positions: Readonly<Record<string, number>>;
}

export const noCursors: PlainCursors = { revision: 0, positions: {} };

/** Where each sink stands: the last record that it has acknowledged. */
export class Cursors {
  readonly #positions: Map<string, number>;
  #revision: number;
  #written: number;
  /** The cursors as a snapshot has them: after a crash a sink begins again there, or later. */
  #onDisk: PlainCursors['positions'];
  /** Sinks that have begun to read in this run, so that their positions are up to date. */
  readonly #known = new Set<string>();

  constructor(stored: PlainCursors) {
    this.#positions = new Map(Object.entries(stored.positions));
    this.#revision = stored.revision;
    this.#written = stored.revision;
    this.#onDisk = stored.positions;
  }

  get sinks(): string[] {
    return [...this.#positions.keys()];
  }

  /** The lowest position: what follows it must be kept. Infinite without a sink. */
  get lowest(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#positions.values());
  }

  /** The lowest position on the disk. Infinite without a sink. */
  get lowestOnDisk(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...Object.values(this.#onDisk));
  }

  /** A sink's position on the disk; 0 where it has none there. */
  onDisk(sink: string): number {
    return this.#onDisk[sink] ?? 0;
  }

  /** The sink has begun to read in this run: it has acknowledged what it knows to have arrived before. */
  isKnown(sink: string): boolean {
    return this.#known.has(sink);
  }

  /** Notes that the sink begins to read: it has acknowledged what it knows to have arrived. */
  begun(sink: string): void {
    this.#known.add(sink);
  }

  /** The sink with the lowest position; undefined without a sink. */
  get slowest(): string | undefined {
    const { lowest } = this;
    return this.sinks.find((sink) => this.#positions.get(sink) === lowest);
  }

  of(sink: string): number | undefined {
    return this.#positions.get(sink);
  }

  set(sink: string, seq: number): void {
    this.#positions.set(sink, seq);
    this.#revision++;
  }

  remove(sink: string): void {
    this.#known.delete(sink);
    if (this.#positions.delete(sink)) this.#revision++;
  }

  /** The positions differ from those that were last written. */
  get hasChanged(): boolean {
    return this.#revision !== this.#written;
  }

  /** The caller has written them. */
  written(): void {
    this.#written = this.#revision;
  }

  /** A snapshot with them is on the disk. */
  saved({ positions }: PlainCursors): void {
    this.#onDisk = positions;
  }

  toPlain(): PlainCursors {
    return { revision: this.#revision, positions: Object.fromEntries(this.#positions) };
  }
}

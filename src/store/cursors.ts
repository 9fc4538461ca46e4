/** Where each sink stands: the last record that it has acknowledged. */
export class Cursors {
  readonly #positions: Map<string, number>;
  #changed = false;

  constructor(positions: ReadonlyMap<string, number>) {
    this.#positions = new Map(positions);
  }

  get sinks(): string[] {
    return [...this.#positions.keys()];
  }

  /** The lowest position: what follows it must be kept. */
  get lowest(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#positions.values());
  }

  of(sink: string): number | undefined {
    return this.#positions.get(sink);
  }

  set(sink: string, seq: number): void {
    this.#positions.set(sink, seq);
    this.#changed = true;
  }

  remove(sink: string): void {
    if (this.#positions.delete(sink)) this.#changed = true;
  }

  toPlain(): Record<string, number> {
    return Object.fromEntries(this.#positions);
  }

  /** The positions differ from those that were last written. */
  get hasChanged(): boolean {
    return this.#changed;
  }

  /** The caller has written them. */
  written(): void {
    this.#changed = false;
  }
}

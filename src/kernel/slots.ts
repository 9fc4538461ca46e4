/**
 * The indexes of sessions. Of those that are free the one is given that rested longest: a connection of its last
 * session may still carry its mark.
 */
export class Slots {
  readonly #most: number;
  readonly #ids = new Map<number, string>();
  readonly #indexes = new Map<string, number>();
  /** Given back, the longest rest first. */
  readonly #rested = new Set<number>();
  /** The index that was given last of those that no session had before. */
  #last: number;
  /** How many indexes behind {@link #last} no session had before. */
  #unused: number;

  /** `most`: the largest index. `after`: the first one that is given is the next. */
  constructor(most: number, after = 0) {
    this.#most = most;
    this.#last = after % most;
    this.#unused = most;
  }

  idOf(index: number): string | undefined {
    return this.#ids.get(index);
  }

  indexOf(id: string): number | undefined {
    return this.#indexes.get(id);
  }

  /** The index of this session, a new one if need be; undefined when all are taken. */
  take(id: string): number | undefined {
    const known = this.#indexes.get(id);
    if (known !== undefined) return known;
    const index = this.#fresh() ?? this.#rested.values().next().value;
    if (index !== undefined) this.#put(index, id);
    return index;
  }

  /** Takes in an index that an earlier run has given. @returns false, and does not, when it or the session has another */
  restore(index: number, id: string): boolean {
    if (index < 1 || index > this.#most || this.#ids.has(index) || this.#indexes.has(id)) return false;
    this.#put(index, id);
    return true;
  }

  free(id: string): void {
    const index = this.#indexes.get(id);
    if (index === undefined) return;
    this.#indexes.delete(id);
    this.#ids.delete(index);
    this.#rested.add(index);
  }

  #fresh(): number | undefined {
    while (this.#unused > 0) {
      this.#unused -= 1;
      this.#last = (this.#last % this.#most) + 1;
      if (!this.#ids.has(this.#last) && !this.#rested.has(this.#last)) return this.#last;
    }
    return undefined;
  }

  #put(index: number, id: string): void {
    this.#rested.delete(index);
    this.#ids.set(index, id);
    this.#indexes.set(id, index);
  }
}

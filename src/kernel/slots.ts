/**
 * The indexes of sessions. One that was given back rests as long as possible: a connection of its last session
 * may still carry its mark.
 */
export class Slots {
  readonly #most: number;
  readonly #ids = new Map<number, string>();
  readonly #indexes = new Map<string, number>();
  #last: number;

  /** `most`: the largest index. `after`: the first one that is given is the next. */
  constructor(most: number, after = 0) {
    this.#most = most;
    this.#last = after % most;
  }

  idOf(index: number): string | undefined {
    return this.#ids.get(index);
  }

  /** The index of this session, a new one if need be; undefined when all are taken. */
  take(id: string): number | undefined {
    const known = this.#indexes.get(id);
    if (known !== undefined) return known;
    if (this.#ids.size >= this.#most) return undefined;
    do this.#last = (this.#last % this.#most) + 1;
    while (this.#ids.has(this.#last));
    this.#put(this.#last, id);
    return this.#last;
  }

  /** Takes in an index that an earlier run has given; nothing happens when it or the session has another. */
  restore(index: number, id: string): void {
    if (index < 1 || index > this.#most || this.#ids.has(index) || this.#indexes.has(id)) return;
    this.#put(index, id);
    this.#last = Math.max(this.#last, index);
  }

  free(id: string): void {
    const index = this.#indexes.get(id);
    if (index === undefined) return;
    this.#indexes.delete(id);
    this.#ids.delete(index);
  }

  #put(index: number, id: string): void {
    this.#ids.set(index, id);
    this.#indexes.set(id, index);
  }
}

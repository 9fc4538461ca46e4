/** A list whose entries become plain data only while they are read, and are then as they were when it was made. */
export class LongList<Plain = unknown> implements Iterable<Plain> {
  readonly length: number;
  readonly #at: (index: number) => Plain;

  private constructor(length: number, at: (index: number) => Plain) {
    this.length = length;
    this.#at = at;
  }

  /** Nobody may change one of the entries after this. */
  static of<Entry, Plain>(entries: Iterable<Entry>, toPlain: (entry: Entry) => Plain): LongList<Plain> {
    const all = [...entries];
    return new LongList(all.length, (index) => toPlain(all[index]!));
  }

  *[Symbol.iterator](): IterableIterator<Plain> {
    for (let index = 0; index < this.length; index++) yield this.#at(index);
  }
}

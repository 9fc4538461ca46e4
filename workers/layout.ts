import type { Cursor } from './cursor.js';

/** Fields of a client object that are kept; openNDS prints 26. */
const mostTurns = 32;
const wordBytes = 8;
const halfWord = 4;
/** Longest text that is kept, in words: nine fields of openNDS are about 90. */
const mostWords = 64;

/**
 * The text between the values that matter in the last client object: commas, keys, and fields that nobody
 * asks for.
 *
 * A portal prints all its clients alike. Where the bytes behind a value are those that stood there before, they mean
 * what they meant then, so eight at a time are compared, as a double, and none is read. Where they are not, the
 * scanner reads them field by field and they are kept in their turn. A field that nobody asks for but that differs
 * from client to client, such as a mean speed, ends the text before it from then on.
 */
export class Layout {
  /** Number of the field that comes next in this object. */
  turn = 0;
  /** Where {@link follow} last found other bytes, or past all bytes. */
  #broke = Number.POSITIVE_INFINITY;
  /**
   * Eight bytes each, and the last eight, which overlap those before where the text is no whole number of words; of a
   * shorter text the first four and the last four.
   */
  readonly #words = new Float64Array(mostTurns * mostWords);
  /** By the turn in which a text begins: its bytes, 0 for none; the turn and the field that it leads to. */
  readonly #lengths = new Uint16Array(mostTurns);
  readonly #turns = new Uint8Array(mostTurns);
  readonly #fields = new Uint8Array(mostTurns);
  readonly #varies = new Uint8Array(mostTurns);

  /** Moves the cursor over the text of this turn. @returns the field whose value is next, or -1 for another text. */
  follow(cursor: Cursor): number {
    const { at, view } = cursor;
    const { turn } = this;
    this.#broke = Number.POSITIVE_INFINITY;
    const length = turn < mostTurns ? this.#lengths[turn]! : 0;
    const end = at + length;
    if (length === 0 || end > cursor.bytes.length) return -1;
    const words = this.#words;
    let word = turn * mostWords;
    if (length < wordBytes) {
      if (view.getInt32(at) !== words[word] || view.getInt32(end - halfWord) !== words[word + 1]) {
        this.#broke = at;
        return -1;
      }
    } else {
      const last = end - wordBytes;
      let i = at;
      while (i < last && view.getFloat64(i) === words[word]) {
        i += wordBytes;
        word += 1;
      }
      if (i < last || view.getFloat64(last) !== words[word]) {
        this.#broke = Math.min(i, last);
        return -1;
      }
    }
    cursor.at = end;
    this.turn = this.#turns[turn]!;
    return this.#fields[turn]!;
  }

  /** From now on the value of this turn is read on its own, whether it is asked for or not. */
  get varies(): boolean {
    return this.turn < mostTurns && this.#varies[this.turn] === 1;
  }

  /** A value that nobody asked for was read from `start` on. @returns whether it was what differed. */
  passed(cursor: Cursor, start: number): boolean {
    if (cursor.at <= this.#broke) return false;
    const differed = this.#broke + wordBytes > start && this.turn < mostTurns;
    if (differed) this.#varies[this.turn] = 1;
    this.#broke = Number.POSITIVE_INFINITY;
    return differed;
  }

  /** Keeps the bytes from `from` to `to` as the text that leads from the turn `first` to `field`, in this turn. */
  learn(view: DataView, from: number, to: number, first: number, field: number): void {
    const length = to - from;
    if (this.turn >= mostTurns) return;
    this.#lengths[first] = 0;
    if (length < halfWord || length > mostWords * wordBytes) return;
    let word = first * mostWords;
    if (length < wordBytes) {
      this.#words[word] = view.getInt32(from);
      this.#words[word + 1] = view.getInt32(to - halfWord);
    } else {
      const last = to - wordBytes;
      for (let i = from; i < last; i += wordBytes) this.#words[word++] = view.getFloat64(i);
      this.#words[word] = view.getFloat64(last);
      // The one number that two different words have is 0.
      if (this.#words.subarray(first * mostWords, word + 1).includes(0)) return;
    }
    this.#lengths[first] = length;
    this.#turns[first] = this.turn;
    this.#fields[first] = field;
  }
}

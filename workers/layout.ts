import type { Cursor } from './cursor.js';

/** Fields of a client object that are kept; openNDS prints 26. */
const mostTurns = 32;
const wordBytes = 4;
/** Longest text that is kept, in words: nine fields of openNDS are about 90. */
const mostWords = 128;

/**
 * What stood between the values that matter in the last client object, `"8e1f","state":`, with the fields nobody asks for.
 *
 * A portal prints all its clients alike. Where the bytes behind a value are those that stood there before, they mean
 * what they meant then, so four at a time are compared and none is read. Where they are not, the scanner reads
 * them field by field and they are kept in their turn. A field that nobody asks for but that differs from client to
 * client, such as a mean speed, ends the text before it from then on.
 */
export class Layout {
  /** Number of the field that comes next in this object. */
  turn = 0;
  /** Where {@link follow} last found other bytes, or past all bytes. */
  #broke = Number.POSITIVE_INFINITY;
  readonly #words = new Int32Array(mostTurns * mostWords);
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
    if (length === 0 || end > view.byteLength) return -1;
    const words = this.#words;
    // The last word overlaps the one before it when the text is no whole number of words.
    const last = end - wordBytes;
    let word = turn * mostWords;
    let i = at;
    while (i < last && view.getInt32(i, true) === words[word]) {
      i += wordBytes;
      word += 1;
    }
    if (i < last || view.getInt32(last, true) !== words[word]) {
      this.#broke = Math.min(i, last);
      return -1;
    }
    cursor.at = end;
    this.turn = this.#turns[turn]!;
    return this.#fields[turn]!;
  }

  /** The value of this turn is read on its own, whoever asks for it. */
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
    if (length < wordBytes || length > mostWords * wordBytes) return;
    const last = to - wordBytes;
    let word = first * mostWords;
    for (let i = from; i < last; i += wordBytes) this.#words[word++] = view.getInt32(i, true);
    this.#words[word] = view.getInt32(last, true);
    this.#lengths[first] = length;
    this.#turns[first] = this.turn;
    this.#fields[first] = field;
  }
}

/** The largest piece that a read takes at once, unless the replies are known to be short. */
const usualPieceBytes = 64 * 1024;
/** Room that is kept from one reply to the next: enough for 4,000 clients. */
const keptBytes = 4 * 1024 * 1024;
/** Room is too much for a reply that takes less than this part of it. */
const leastPart = 1 / 8;
/** After so many replies in a row that took less, it is given back. A small portal may have a turn after a large one. */
const mostSmall = 60;

/**
 * Room for one reply at a time, used again for the next.
 *
 * A reply for 1,000 clients is almost 1 MB. In buffers of their own, replies would wait outside the heap for a
 * collection that the small heap of a worker has no reason for.
 */
export class ReplyBytes {
  readonly #pieceBytes: number;
  #bytes: Buffer;
  #length = 0;
  /** Replies in a row that took little of the room. */
  #small = 0;

  /** @param pieceBytes the largest piece that a read takes at once */
  constructor(pieceBytes = usualPieceBytes) {
    this.#pieceBytes = pieceBytes;
    this.#bytes = Buffer.allocUnsafeSlow(pieceBytes);
  }

  /** Bytes of the present reply. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that are taken of the memory. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Begins the next reply; the views of the last one change from now on. */
  clear(): void {
    this.#length = 0;
  }

  /** Gives back what one huge reply took, and what no reply has needed for long. Its views stay as they are. */
  shrink(): void {
    this.#small = this.#length < this.#bytes.length * leastPart ? this.#small + 1 : 0;
    // Two pieces are what the shortest reply takes: there is room for one more when it ends.
    const isSpare = this.#small >= mostSmall && this.#bytes.length > 2 * this.#pieceBytes;
    if (isSpare || this.#bytes.length > keptBytes) this.#bytes = Buffer.allocUnsafeSlow(this.#pieceBytes);
    this.#length = 0;
  }

  /** Where the next bytes belong. */
  room(): Buffer {
    if (this.#bytes.length - this.#length < this.#pieceBytes) {
      const larger = Buffer.allocUnsafeSlow(this.#bytes.length * 2);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    return this.#bytes.subarray(this.#length);
  }

  /** So many bytes were put into {@link room}. */
  took(bytes: number): void {
    this.#length += bytes;
  }

  /** The reply: a view, good until {@link clear}. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

const quote = 0x22;
const backslash = 0x5c;
const quotes = 0x22222222;
const backslashes = 0x5c5c5c5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;

export const comma = 0x2c;
export const colon = 0x3a;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;

/**
 * A place in bytes that are nearly JSON, and the span of the last token that was read there.
 *
 * Nothing is copied: the span is read with {@link is} and the functions of `values.ts`.
 */
export class Cursor {
  bytes: Buffer = Buffer.alloc(0);
  /** The same bytes, for reading several at a time. */
  view: DataView = new DataView(new ArrayBuffer(0));
  at = 0;
  /** The last string's content or bare word. */
  start = 0;
  end = 0;

  /** Goes to the start of other bytes. */
  reset(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
    this.start = 0;
    this.end = 0;
  }

  skipSpace(): void {
    const { bytes } = this;
    let { at } = this;
    while (at < bytes.length && bytes[at]! <= 0x20) at += 1;
    this.at = at;
  }

  /** Takes this byte if it comes next, white space aside. */
  take(byte: number): boolean {
    this.skipSpace();
    if (this.bytes[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  /** Reads `"key":`; the span is the key. */
  key(): boolean {
    // Taking the colon leaves the span as it is.
    return this.string() && this.take(colon);
  }

  /** Reads a string; the span is its content, escapes as they stand. */
  string(): boolean {
    this.skipSpace();
    return this.bytes[this.at] === quote && this.#quoted();
  }

  #quoted(): boolean {
    const { bytes } = this;
    const start = this.at + 1;
    for (let i = this.#plain(start); i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === backslash) i += 1;
      else if (byte === quote) {
        this.start = start;
        this.end = i;
        this.at = i + 1;
        return true;
      }
    }
    return false;
  }

  /** From `from` on, the first four bytes that may have a quote or a backslash among them. */
  #plain(from: number): number {
    const { view } = this;
    const last = this.bytes.length - 4;
    let i = from;
    while (i <= last) {
      const word = view.getInt32(i);
      if ((zeros(word ^ quotes) | zeros(word ^ backslashes)) !== 0) break;
      i += 4;
    }
    return i;
  }

  /** Reads any value; the span of a nested one is empty. False when the bytes end in it. */
  value(): boolean {
    this.skipSpace();
    const byte = this.bytes[this.at];
    if (byte === quote) return this.#quoted();
    return byte === openBrace || byte === openBracket ? this.#nested() : this.#word();
  }

  /** A number, a literal, or what the portal prints in their place, such as `inf`. */
  #word(): boolean {
    const { bytes } = this;
    let i = this.at;
    for (; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte <= 0x20 || byte === comma || byte === closeBrace || byte === closeBracket) break;
    }
    this.start = this.at;
    this.end = i;
    this.at = i;
    // A word at the very end may go on in the part that is missing.
    return i > this.start && i < bytes.length;
  }

  #nested(): boolean {
    let depth = 0;
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at]!;
      if (byte === quote) {
        if (!this.#quoted()) return false;
        continue;
      }
      if (byte === openBrace || byte === openBracket) depth += 1;
      else if (byte === closeBrace || byte === closeBracket) depth -= 1;
      this.at += 1;
      if (depth === 0) {
        this.start = this.at;
        this.end = this.at;
        return true;
      }
    }
    return false;
  }

  /** The span is exactly these bytes. */
  is(other: Buffer): boolean {
    const { length } = other;
    if (this.end - this.start !== length) return false;
    for (let i = 0; i < length; i++) if (this.bytes[this.start + i] !== other[i]) return false;
    return true;
  }
}

/** Not 0 if one of the word's four bytes is 0; seldom also without one. */
function zeros(word: number): number {
  return (word - 0x01010101) & ~word & 0x80808080;
}

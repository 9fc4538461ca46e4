/** Literals, lengths and the end of the block in the fixed code, and distances (RFC 1951 §3.2.6). */
const [endOfBlock, symbols, distances] = [256, 286, 30];
/** Extra bits and the first value of each length code from 257 on, and of each distance code (RFC 1951 §3.2.5). */
const [lengthExtra, lengthBase] = codeValues(symbols - 257, 4, 3);
const [distanceExtra, distanceBase] = codeValues(distances, 2, 1);
// 258 has a code of its own.
lengthExtra[28] = 0;
lengthBase[28] = 258;

/** By the next 9 bits: the symbol of the fixed code, and behind it in 4 bits how many of them are its own. */
const fixedCode = Uint16Array.from({ length: 512 }, (_, bits) => fixedSymbol(bits));
/** By the next 5 bits: the distance code. */
const fixedDistance = Uint8Array.from({ length: 32 }, (_, bits) => reversed(bits, 5));

/** What is inflated, in bytes, at the most; what is more is left to zlib. */
const mostInflated = 16 * 1024;

/** Bytes that are copied faster by a call than one by one. */
const worthACall = 24;

/** Where data that was inflated stands, until the next call. */
export interface Inflated {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Inflates small data, of a single block with the fixed code: that is how zlib deflates nearly every record. `zlib` makes
 * a stream for each call, which takes three times as long as the record.
 */
export class SmallInflate {
  /** The dictionary and behind it what is inflated, so that references into the dictionary are like all others. */
  readonly #window: Buffer;
  readonly #start: number;
  readonly #limit: number;

  constructor(dictionary: Buffer) {
    this.#start = dictionary.length;
    this.#limit = dictionary.length + mostInflated;
    this.#window = Buffer.concat([dictionary, Buffer.alloc(mostInflated)]);
  }

  /** Undefined for all else than a whole block with the fixed code: then zlib says what it is, or what is wrong with it. */
  inflate(bytes: Uint8Array, from: number): Inflated | undefined {
    // The first three bits: it is the last block, and has the fixed code.
    if ((bytes[from]! & 7) !== 3) return undefined;
    const end = this.#block(bytes, from);
    return end < 0 ? undefined : { bytes: this.#window, start: this.#start, end };
  }

  /**
   * One loop with its state in local variables: it runs for each byte that a start reads.
   * @returns where it ends in the window; negative when it is not as it should be
   */
  #block(bytes: Uint8Array, from: number): number {
    const window = this.#window;
    const limit = this.#limit;
    const { length } = bytes;
    let out = this.#start;
    let at = from + 1;
    let bits = bytes[from]! >> 3;
    let count = 5;
    for (;;) {
      // A symbol and its extra bits are 14 bits at the most; behind the end there are zeros.
      for (; count <= 16; count += 8) {
        if (at < length) bits |= bytes[at]! << count;
        at += 1;
      }
      const entry = fixedCode[bits & 511]!;
      const symbol = entry >> 4;
      bits >>>= entry & 15;
      count -= entry & 15;
      if (symbol < endOfBlock) {
        if (out === limit) return -1;
        window[out++] = symbol;
        continue;
      }
      // All bits are used, but for those that fill the last byte up.
      if (symbol === endOfBlock) return at - (count >> 3) === length ? out : -1;
      if (symbol >= symbols) return -1;
      const extra = lengthExtra[symbol - 257]!;
      const size = lengthBase[symbol - 257]! + (bits & ((1 << extra) - 1));
      bits >>>= extra;
      count -= extra;
      // A distance is 5 bits and 13 more.
      for (; count <= 18; count += 8) {
        if (at < length) bits |= bytes[at]! << count;
        at += 1;
      }
      const code = fixedDistance[bits & 31]!;
      if (code >= distances) return -1;
      const more = distanceExtra[code]!;
      const distance = distanceBase[code]! + ((bits >>> 5) & ((1 << more) - 1));
      bits >>>= 5 + more;
      count -= 5 + more;
      if (distance > out || out + size > limit) return -1;
      repeat(window, out, distance, size);
      out += size;
    }
  }
}

/** Writes once more at `at` what stands `distance` bytes before it; it may run into what is being written. */
function repeat(window: Buffer, at: number, distance: number, size: number): void {
  if (size >= worthACall && size <= distance) window.copyWithin(at, at - distance, at - distance + size);
  else for (let i = at; i < at + size; i++) window[i] = window[i - distance]!;
}

/** Extra bits and first values of codes: after each group of `group` codes another bit. */
function codeValues(codes: number, group: number, first: number): [extra: Uint8Array, base: Uint16Array] {
  const extra = Uint8Array.from({ length: codes }, (_, code) => Math.max(0, Math.floor(code / group) - 1));
  const base = new Uint16Array(codes);
  let next = first;
  for (let code = 0; code < codes; code++) {
    base[code] = next;
    next += 1 << extra[code]!;
  }
  return [extra, base];
}

/** Codes of 7 bits from 256 on, of 8 bits for literals up to 143 and from 280 on, and of 9 bits for the others. */
function fixedSymbol(bits: number): number {
  const [seven, eight, nine] = [reversed(bits, 7), reversed(bits, 8), reversed(bits, 9)];
  if (seven < 24) return ((256 + seven) << 4) | 7;
  if (eight < 192) return ((eight - 48) << 4) | 8;
  if (eight < 200) return ((eight + 88) << 4) | 8;
  return ((nine - 256) << 4) | 9;
}

/** The lowest `count` bits, the first one highest: codes stand in the stream that way round. */
function reversed(bits: number, count: number): number {
  let code = 0;
  for (let i = 0; i < count; i++) code |= ((bits >> i) & 1) << (count - 1 - i);
  return code;
}

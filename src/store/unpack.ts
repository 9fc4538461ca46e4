/** Strings up to this many bytes are looked for among those that were read before: names of members, plans and states. */
const mostShared = 16;
/** Places for them, as a power of two. */
const placeBits = 11;
const places = 1 << placeBits;
/** 2^32 by the golden ratio: its product spreads over the high bits. */
const spread = 0x9e3779b1;

/** What {@link Unpacker} leaves to the library. */
const unknown = Symbol('unknown');

/** A short string with its bytes. */
interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const nothing = Buffer.alloc(0);
const none: Known = { bytes: nothing, text: '' };

/**
 * Reads MessagePack as the journal holds it: nil, booleans, numbers, strings, byte arrays, arrays, and maps with strings
 * for keys. msgpackr reads the same and makes each name anew, which takes most of its time.
 */
export class Unpacker {
  readonly #known: Known[] = new Array(places).fill(none);
  /** What had no place there when it was last looked for, as its hash: a place is for what comes again. */
  readonly #missed = new Int32Array(places);
  #bytes: Buffer = nothing;
  #at = 0;
  #end = 0;

  /** Undefined for all else, and for what is not whole. Nothing that is returned aliases `bytes`. */
  unpack(bytes: Buffer, start: number, end: number): { readonly value: unknown } | undefined {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    const value = this.#read();
    // A snapshot is megabytes, and nothing may be read after it for a long time.
    this.#bytes = nothing;
    return value === unknown || this.#at !== end ? undefined : { value };
  }

  #read(): unknown {
    if (this.#at >= this.#end) return unknown;
    const token = this.#bytes[this.#at++]!;
    if (token < 0x80) return token;
    if (token < 0x90) return this.#map(token & 15);
    if (token < 0xa0) return this.#array(token & 15);
    if (token < 0xc0) return this.#string(token & 31);
    if (token >= 0xe0) return token - 256;
    return this.#other(token);
  }

  #other(token: number): unknown {
    switch (token) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#octets(this.#whole(1));
      case 0xc5:
        return this.#octets(this.#whole(2));
      case 0xc6:
        return this.#octets(this.#whole(4));
      case 0xcb:
        return this.#double();
      case 0xcc:
        return this.#number(this.#whole(1));
      case 0xcd:
        return this.#number(this.#whole(2));
      case 0xce:
        return this.#number(this.#whole(4));
      case 0xd0:
        return this.#signed(1);
      case 0xd1:
        return this.#signed(2);
      case 0xd2:
        return this.#signed(4);
      case 0xd9:
        return this.#string(this.#whole(1));
      case 0xda:
        return this.#string(this.#whole(2));
      case 0xdb:
        return this.#string(this.#whole(4));
      case 0xdc:
        return this.#array(this.#whole(2));
      case 0xdd:
        return this.#array(this.#whole(4));
      case 0xde:
        return this.#map(this.#whole(2));
      case 0xdf:
        return this.#map(this.#whole(4));
      default:
        return unknown;
    }
  }

  /** A whole number of so many bytes; negative where there are not so many. */
  #whole(size: number): number {
    const at = this.#at;
    if (at + size > this.#end) return -1;
    this.#at = at + size;
    return this.#bytes.readUIntBE(at, size);
  }

  #number(n: number): unknown {
    return n < 0 ? unknown : n;
  }

  #signed(size: number): unknown {
    const n = this.#whole(size);
    return n < 0 ? unknown : this.#bytes.readIntBE(this.#at - size, size);
  }

  #double(): unknown {
    const at = this.#at;
    if (at + 8 > this.#end) return unknown;
    this.#at = at + 8;
    return this.#bytes.readDoubleBE(at);
  }

  /** @param size as everywhere below: negative where the bytes have ended */
  #octets(size: number): unknown {
    const start = this.#skip(size);
    return start < 0 ? unknown : bytesOf(this.#bytes, start, size);
  }

  #array(size: number): unknown {
    // Each element takes a byte at least.
    if (size < 0 || size > this.#end - this.#at) return unknown;
    const array: unknown[] = [];
    for (let i = 0; i < size; i++) {
      const value = this.#read();
      if (value === unknown) return unknown;
      array.push(value);
    }
    return array;
  }

  #map(size: number): unknown {
    if (size < 0 || size > this.#end - this.#at) return unknown;
    const map: Record<string, unknown> = {};
    for (let i = 0; i < size; i++) {
      const key = this.#read();
      // It would be the prototype.
      if (typeof key !== 'string' || key === '__proto__') return unknown;
      const value = this.#read();
      if (value === unknown) return unknown;
      map[key] = value;
    }
    return map;
  }

  #string(size: number): unknown {
    const start = this.#skip(size);
    if (start < 0) return unknown;
    return size <= mostShared ? this.#shared(start, size) : this.#bytes.toString('utf8', start, this.#at);
  }

  /** @returns where so many bytes begin; negative where there are not so many */
  #skip(size: number): number {
    const start = this.#at;
    if (size < 0 || size > this.#end - start) return -1;
    this.#at = start + size;
    return start;
  }

  /** A short string, the same one each time as long as no other has its place. */
  #shared(start: number, size: number): string {
    if (size === 0) return '';
    const bytes = this.#bytes;
    const middle = bytes[start + (size >> 1)]!;
    const ends = (bytes[start]! << 16) ^ bytes[start + size - 1]!;
    const hash = Math.imul(ends ^ (middle << 8) ^ (size << 24), spread);
    const place = hash >>> (32 - placeBits);
    const known = this.#known[place]!;
    if (isAt(bytes, start, size, known.bytes)) return known.text;
    const text = bytes.toString('utf8', start, start + size);
    if (this.#missed[place] === hash) this.#known[place] = { bytes: bytesOf(bytes, start, size), text };
    this.#missed[place] = hash;
    return text;
  }
}

function bytesOf(bytes: Uint8Array, start: number, size: number): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes, start, start + size);
}

function isAt(bytes: Uint8Array, start: number, size: number, known: Uint8Array): boolean {
  if (known.length !== size) return false;
  for (let i = 0; i < size; i++) if (bytes[start + i] !== known[i]) return false;
  return true;
}

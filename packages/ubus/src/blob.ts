import { WireError } from './error.js';

/** Bytes of an attribute's header: 1 bit extended, 7 bits id, 24 bits length (blob.h, `struct blob_attr`). */
export const headerSize = 4;
const lengthMask = 0xff_ffff;
const extendedBit = 0x8000_0000;
const longest = lengthMask;

/** One attribute, a view into the bytes that it was read from. */
export interface Attribute {
  readonly id: number;
  readonly extended: boolean;
  /** Without header and padding. Aliases the message: copy what outlives the next read. */
  readonly payload: Buffer;
}

/** Attributes are padded to 4 bytes; their own length does not count it. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}

/**
 * Reads the attributes that stand side by side in `bytes`, without copying.
 * @throws {@link WireError} `truncated` or `malformed` where a length points outside or is shorter than its header.
 */
export function attributes(bytes: Buffer): Attribute[] {
  const list: Attribute[] = [];
  let at = 0;
  while (at + headerSize <= bytes.length) {
    const head = bytes.readUInt32BE(at);
    const length = head & lengthMask;
    if (length < headerSize) throw new WireError('malformed', 'an attribute is shorter than its header');
    if (at + length > bytes.length)
      throw new WireError('truncated', 'an attribute points outside its parent');
    list.push({
      id: (head >>> 24) & 0x7f,
      extended: head >= extendedBit,
      payload: bytes.subarray(at + headerSize, at + length),
    });
    at += padded(length);
  }
  if (at < bytes.length) throw new WireError('malformed', 'bytes are left over behind the last attribute');
  return list;
}

const firstRoom = 256;
const largestKept = 64 * 1024;

/** Builds attributes into one growing buffer. */
export class BlobWriter {
  #bytes = Buffer.allocUnsafe(firstRoom);
  #length = 0;

  /** Leaves `size` bytes for the caller to fill in later. @returns where they are. */
  reserve(size: number): number {
    this.#room(size);
    const at = this.#length;
    this.#length += size;
    return at;
  }

  /** Begins an attribute. @returns what {@link close} needs to end it. */
  open(id: number, extended: boolean): number {
    const at = this.reserve(headerSize);
    this.#bytes.writeUInt32BE(((extended ? extendedBit : 0) + (id << 24)) >>> 0, at);
    return at;
  }

  /** Ends an attribute: writes its length and pads it. @throws {@link WireError} `too_large` beyond 16 MiB. */
  close(at: number): void {
    const length = this.#length - at;
    if (length > longest) throw new WireError('too_large', 'an attribute is longer than 16 MiB');
    const head = this.#bytes.readUInt32BE(at);
    this.#bytes.writeUInt32BE((head | length) >>> 0, at);
    this.pad();
  }

  /** Fills up to a multiple of 4 with zeros. */
  pad(): void {
    while (this.#length & 3) this.u8(0);
  }

  u8(n: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = n;
  }

  u16(n: number): void {
    const at = this.reserve(2);
    this.#bytes.writeUInt16BE(n, at);
  }

  i32(n: number): void {
    const at = this.reserve(4);
    this.#bytes.writeInt32BE(n | 0, at);
  }

  i64(n: bigint): void {
    const at = this.reserve(8);
    this.#bytes.writeBigInt64BE(n, at);
  }

  double(n: number): void {
    const at = this.reserve(8);
    this.#bytes.writeDoubleBE(n, at);
  }

  /** The text in UTF-8 with a NUL behind it. */
  text(text: string): void {
    const size = Buffer.byteLength(text);
    const at = this.reserve(size + 1);
    this.#bytes.write(text, at, 'utf8');
    this.#bytes[at + size] = 0;
  }

  raw(bytes: Buffer): void {
    const at = this.reserve(bytes.length);
    bytes.copy(this.#bytes, at);
  }

  /** An attribute with a 32-bit number. */
  putInt(id: number, n: number): void {
    const at = this.open(id, false);
    this.i32(n);
    this.close(at);
  }

  putByte(id: number, n: number): void {
    const at = this.open(id, false);
    this.u8(n);
    this.close(at);
  }

  putText(id: number, text: string): void {
    const at = this.open(id, false);
    this.text(text);
    this.close(at);
  }

  putRaw(id: number, bytes: Buffer): void {
    const at = this.open(id, false);
    this.raw(bytes);
    this.close(at);
  }

  /** What was written. The writer must not be used afterwards. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of what was written, in no more room than it needs; the writer begins anew. */
  take(): Buffer {
    const copy = Buffer.from(this.finish());
    this.clear();
    return copy;
  }

  /** Forgets what was written. A large buffer is given back. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > largestKept) this.#bytes = Buffer.allocUnsafe(firstRoom);
  }

  #room(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const next = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size));
    this.#bytes.copy(next, 0, 0, this.#length);
    this.#bytes = next;
  }
}

/** Writers that are not in use: as many as messages were ever built inside each other. */
const idle: BlobWriter[] = [];

/**
 * The bytes that `write` writes, in a buffer of just that size.
 *
 * Writers are used again: their buffers, grown by doubling, would be most of what a flush of 1,000 sessions leaves.
 */
export function written(write: (writer: BlobWriter) => void): Buffer {
  const writer = idle.pop() ?? new BlobWriter();
  try {
    write(writer);
    return writer.take();
  } finally {
    writer.clear();
    idle.push(writer);
  }
}

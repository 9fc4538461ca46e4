import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import { Packr } from 'msgpackr/pack';
import { dictionary } from './dictionary.js';
import { SmallInflate } from './inflate.js';
import { Unpacker } from './unpack.js';

// `msgpackr/pack` is the entry without the native extract. Records are a private extension: plain maps stay readable
// by any MessagePack reader, years later too.
const packr = new Packr({ useRecords: false, variableMapSize: true });

/** The one byte that MessagePack never begins with: what follows is deflated with {@link dictionary}. */
const deflated = 0xc1;
/** Shorter data gains nothing. */
const worthwhile = 64;
/** No record is larger, whatever a damaged one says of itself. */
const largest = 256 * 1024 * 1024;
/** Deflated data grows by this much, or by somewhat more; room for it is taken in pieces, in bytes. */
const usualGrowth = 4;
const [leastRoom, mostRoom] = [256, 1024 * 1024];
const options = { dictionary, level: 9 };
const small = new SmallInflate(dictionary);
const unpacker = new Unpacker();
/**
 * A record is short, and one is deflated for each sale: a window of 8 kB holds the dictionary and most records, and takes
 * 64 kB of memory each time in the place of 256, half the time, and 0.1% more on the disk where a record is long.
 */
const forRecords = { ...options, windowBits: 13, memLevel: 6 };
const deflateAside = promisify<Buffer, typeof options, Buffer>(deflateRaw);

/**
 * Plain data as MessagePack: null, booleans, numbers, strings, byte arrays, arrays and objects of these. Deflated where
 * that is shorter, for the same few words are in every record and each byte wears the flash.
 */
export function encodePayload(data: unknown): Buffer {
  const plain = packPayload(data);
  if (plain.length < worthwhile) return plain;
  // What is deflated is shorter, so there is room for it.
  return shorter(plain, deflateRawSync(plain, { ...forRecords, chunkSize: plain.length }));
}

/** The same data not deflated yet, for what is too large to be deflated at once: see {@link deflatePayload}. */
export function packPayload(data: unknown): Buffer {
  return packr.pack(data);
}

/** Deflates what {@link packPayload} has made, on another thread. */
export async function deflatePayload(plain: Buffer): Promise<Buffer> {
  return shorter(plain, await deflateAside(plain, options));
}

/**
 * The inverse of {@link encodePayload}, and of what was written before anything was deflated. Throws on anything that is
 * not MessagePack.
 */
export function decodePayload(bytes: Buffer): unknown {
  if (bytes[0] !== deflated) return unpack(bytes, 0, bytes.length);
  const inflated = small.inflate(bytes, 1);
  if (inflated) return unpack(inflated.bytes, inflated.start, inflated.end);
  const plain = inflate(bytes.subarray(1));
  return unpack(plain, 0, plain.length);
}

function unpack(bytes: Buffer, start: number, end: number): unknown {
  const found = unpacker.unpack(bytes, start, end);
  // A copy: byte arrays would alias what is inflated next.
  return found ? found.value : packr.unpack(Buffer.from(bytes.subarray(start, end)));
}

function inflate(bytes: Buffer): Buffer {
  // Room in proportion: the usual 16 kB for each of a hundred thousand small records is half of the time that they take.
  const chunkSize = Math.min(Math.max(usualGrowth * bytes.length, leastRoom), mostRoom);
  return inflateRawSync(bytes, { dictionary, maxOutputLength: largest, chunkSize });
}

function shorter(plain: Buffer, small: Buffer): Buffer {
  return small.length + 1 < plain.length ? Buffer.concat([Buffer.of(deflated), small]) : plain;
}

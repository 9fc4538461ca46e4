import { crc32 } from 'node:zlib';
import { StoreError } from './error.js';

/**
 * The first bytes of every file, the same in every version to come: magic (8), version (u16), file type (u16),
 * sequence number (u48), zero (u16), CRC-32 of all before it (u32); little-endian.
 */
export const fileHeaderSize = 24;

/** What kind of file it is. */
export const fileType = { journal: 1, snapshot: 2, compacted: 3 } as const;

const magic = Buffer.from('TURNPIKE', 'latin1');
/**
 * 1: no payload is deflated. 2: no segment is compacted. 3: of 0.1.0, which would pass over the kinds of records that it
 * does not know, and so refuses what came later.
 */
const version = 4;
const [versionAt, typeAt, seqAt, crcAt] = [8, 10, 12, 20];

/** `seq`: the first record of a segment, or the last one that a snapshot covers. */
export function encodeFileHeader(type: number, seq: number): Buffer {
  return encodeVersion(version, type, seq);
}

function encodeVersion(version: number, type: number, seq: number): Buffer {
  const bytes = Buffer.alloc(fileHeaderSize);
  magic.copy(bytes);
  bytes.writeUInt16LE(version, versionAt);
  bytes.writeUInt16LE(type, typeAt);
  bytes.writeUIntLE(seq, seqAt, 6);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, crcAt)), crcAt);
  return bytes;
}

/** The file begins with a header of this version. */
export function isOfThisVersion(bytes: Buffer): boolean {
  const head = bytes.subarray(0, fileHeaderSize);
  return head.length === fileHeaderSize && isHeader(head) && head.readUInt16LE(versionAt) === version;
}

/** True when the file begins with just the header that it should have, in this version or one before. */
export function hasFileHeader(bytes: Buffer, type: number, seq: number): boolean {
  const head = bytes.subarray(0, fileHeaderSize);
  const found = head.length === fileHeaderSize ? head.readUInt16LE(versionAt) : 0;
  return found > 0 && found <= version && head.equals(encodeVersion(found, type, seq));
}

/**
 * Refuses a file of a later version of the format. A header that is damaged proves no version and passes.
 * @throws {@link StoreError} `version`.
 */
export function refuseNewer(bytes: Buffer, path: string): void {
  if (bytes.length < fileHeaderSize || !isHeader(bytes)) return;
  const found = bytes.readUInt16LE(versionAt);
  if (found <= version) return;
  throw new StoreError('version', `${path} has format ${found}; this turnpike reads up to format ${version}`);
}

function isHeader(bytes: Buffer): boolean {
  const isMagic = bytes.subarray(0, magic.length).equals(magic);
  return isMagic && crc32(bytes.subarray(0, crcAt)) === bytes.readUInt32LE(crcAt);
}

import { crc32 } from 'node:zlib';

/** What a frame holds. */
export const frameKind = { record: 1, cursors: 2, snapshot: 3, omitted: 4 } as const;
export type FrameKind = (typeof frameKind)[keyof typeof frameKind];

/**
 * Octets before the payload: marker (u8), kind (u8), sequence number (u48), payload length (u32), CRC-32 of all
 * these and the payload (u32); little-endian.
 */
export const frameHeaderSize = 16;

/** The longest payload, in bytes. */
export const maxPayload = 256 * 1024 * 1024;

/** A frame as it was found; `payload` aliases the bytes that were read. */
export interface Frame {
  readonly kind: FrameKind;
  /** A record's own number, that of the last record before a frame of another kind, or of the last that is omitted. */
  readonly seq: number;
  readonly payload: Buffer;
  /** Where the frame begins and ends in the bytes that were read. */
  readonly start: number;
  readonly end: number;
}

/** Bytes that belong to no frame. */
export interface Damage {
  readonly start: number;
  readonly end: number;
}

const marker = 0xb7;
const [kindAt, seqAt, lengthAt, crcAt] = [1, 2, 8, 12];
const kinds: ReadonlySet<number> = new Set(Object.values(frameKind));
/** What an omission says beside its header: the first record that is left out (u48, little-endian). */
const omissionSize = 6;

/** @throws RangeError for a payload above {@link maxPayload}. */
export function encodeFrame(kind: FrameKind, seq: number, payload: Uint8Array): Buffer {
  if (payload.length > maxPayload) throw new RangeError(`a record of ${payload.length} bytes is too long`);
  const bytes = Buffer.allocUnsafe(frameHeaderSize + payload.length);
  bytes[0] = marker;
  bytes[kindAt] = kind;
  bytes.writeUIntLE(seq, seqAt, 6);
  bytes.writeUInt32LE(payload.length, lengthAt);
  bytes.set(payload, frameHeaderSize);
  bytes.writeUInt32LE(checksum(bytes), crcAt);
  return bytes;
}

/** Stands for the records from `first` to `last`, which were left out because later ones say more. */
export function encodeOmission(first: number, last: number): Buffer {
  const payload = Buffer.alloc(omissionSize);
  payload.writeUIntLE(first, 0, omissionSize);
  return encodeFrame(frameKind.omitted, last, payload);
}

/** The first record that a frame speaks for, `seq` being the last; the next one where it speaks for none. */
export function firstOf({ kind, seq, payload }: Frame): number {
  if (kind === frameKind.omitted) return payload.readUIntLE(0, omissionSize);
  return kind === frameKind.record ? seq : seq + 1;
}

/** The whole and undamaged frame that begins at `start`, if one does. */
export function frameAt(bytes: Buffer, start: number): Frame | undefined {
  if (start + frameHeaderSize > bytes.length || bytes[start] !== marker) return undefined;
  const kind = bytes[start + kindAt]!;
  const end = start + frameHeaderSize + bytes.readUInt32LE(start + lengthAt);
  if (!kinds.has(kind) || end > bytes.length) return undefined;
  if (checksum(bytes.subarray(start, end)) !== bytes.readUInt32LE(start + crcAt)) return undefined;
  const payload = bytes.subarray(start + frameHeaderSize, end);
  if (kind === frameKind.omitted && payload.length !== omissionSize) return undefined;
  const seq = bytes.readUIntLE(start + seqAt, 6);
  return { kind: kind as FrameKind, seq, payload, start, end };
}

/**
 * Walks the frames from `start` to the end of `bytes`, and the damage between them: nothing is left out.
 *
 * `last` is the number of the record before `start`. Past a damaged place the walk goes on at the next frame that is
 * undamaged and whose number fits: no more records can be missing than `roomIn` says that were in so many bytes, so that
 * the bytes of a frame inside another one's payload are not taken for the frame.
 */
export function* walkFrames(
  bytes: Buffer,
  start: number,
  last: number,
  roomIn: (size: number) => number = roomForEach,
): Generator<Frame | Damage> {
  let at = start;
  let before = last;
  while (at < bytes.length) {
    const frame = nextFrame(bytes, at, before, roomIn);
    if (frame?.start !== at) yield { start: at, end: frame?.start ?? bytes.length };
    if (!frame) return;
    yield frame;
    at = frame.end;
    before = frame.seq;
  }
}

/** Where every record has a frame of its own. */
function roomForEach(size: number): number {
  return size / frameHeaderSize;
}

/** Where some are left out: one damaged frame may have stood for any number of records. */
export function roomForOmissions(size: number): number {
  return size > 0 ? Number.POSITIVE_INFINITY : 0;
}

function nextFrame(
  bytes: Buffer,
  from: number,
  last: number,
  roomIn: (size: number) => number,
): Frame | undefined {
  for (let at = bytes.indexOf(marker, from); at >= 0; at = bytes.indexOf(marker, at + 1)) {
    const seq = at + frameHeaderSize <= bytes.length ? bytes.readUIntLE(at + seqAt, 6) : -1;
    if (seq < last) continue;
    const frame = frameAt(bytes, at);
    if (!frame) continue;
    const missing = firstOf(frame) - last - 1;
    if (missing >= 0 && missing <= roomIn(at - from)) return frame;
  }
  return undefined;
}

function checksum(frame: Buffer): number {
  return crc32(frame.subarray(frameHeaderSize), crc32(frame.subarray(0, crcAt)));
}

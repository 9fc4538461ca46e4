import { crc32 } from 'node:zlib';

/** What a frame holds. */
export const frameKind = { record: 1, cursors: 2, snapshot: 3 } as const;
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
  /** A record's own number, or that of the last record before a frame of another kind. */
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

/** The whole and undamaged frame that begins at `start`, if one does. */
export function frameAt(bytes: Buffer, start: number): Frame | undefined {
  if (start + frameHeaderSize > bytes.length || bytes[start] !== marker) return undefined;
  const kind = bytes[start + kindAt]!;
  const end = start + frameHeaderSize + bytes.readUInt32LE(start + lengthAt);
  if (!kinds.has(kind) || end > bytes.length) return undefined;
  if (checksum(bytes.subarray(start, end)) !== bytes.readUInt32LE(start + crcAt)) return undefined;
  const seq = bytes.readUIntLE(start + seqAt, 6);
  return { kind: kind as FrameKind, seq, payload: bytes.subarray(start + frameHeaderSize, end), start, end };
}

/**
 * Walks the frames from `start` to the end of `bytes`, and the damage between them: nothing is left out.
 *
 * `last` is the number of the record before `start`. Past a damaged place the walk goes on at the next frame that is
 * undamaged and whose number fits: no more records can be missing than there was room for, so that the bytes of a
 * frame inside another one's payload are not taken for the frame.
 */
export function* walkFrames(bytes: Buffer, start: number, last: number): Generator<Frame | Damage> {
  let at = start;
  let before = last;
  while (at < bytes.length) {
    const frame = nextFrame(bytes, at, before);
    if (frame?.start !== at) yield { start: at, end: frame?.start ?? bytes.length };
    if (!frame) return;
    yield frame;
    at = frame.end;
    before = frame.seq;
  }
}

function nextFrame(bytes: Buffer, from: number, last: number): Frame | undefined {
  for (let at = bytes.indexOf(marker, from); at >= 0; at = bytes.indexOf(marker, at + 1)) {
    const seq = at + frameHeaderSize <= bytes.length ? bytes.readUIntLE(at + seqAt, 6) : -1;
    const own = bytes[at + kindAt] === frameKind.record ? 1 : 0;
    const missing = seq - last - own;
    if (missing < 0 || missing > (at - from) / frameHeaderSize) continue;
    const frame = frameAt(bytes, at);
    if (frame) return frame;
  }
  return undefined;
}

function checksum(frame: Buffer): number {
  return crc32(frame.subarray(frameHeaderSize), crc32(frame.subarray(0, crcAt)));
}

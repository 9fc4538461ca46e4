import { setImmediate as turn } from 'node:timers/promises';
import { encodeFrame, encodeOmission, type Frame, firstOf, frameKind } from './frame.js';
import { decodePayload, encodePayload } from './payload.js';
import type { SegmentContents } from './segment.js';

/**
 * Returns what sinks that have not read a record still need of it, given the later records: the very same
 * data, less of it, or undefined for nothing. It is called with the records of a stretch one by one, the
 * newest first; a few of them may be left out.
 */
export type Coalesce = (data: unknown) => unknown;

/** Bytes of payload after which the event loop gets a turn. */
const slice = 16 * 1024;

/** Records that go on as bytes, or that are omitted. */
interface Part {
  readonly first: number;
  readonly last: number;
  readonly bytes?: Buffer;
}

/**
 * The frames that are left of a segment's records up to `upTo`, the oldest first. Numbers stay as they are,
 * and an omission stands for records that are gone. Of the frames with cursors only the newest stays.
 */
export async function coalesceFrames(
  { bytes, frames }: SegmentContents,
  upTo: number,
  coalesce: Coalesce,
): Promise<Buffer[]> {
  const parts: Part[] = [];
  let hasCursors = false;
  let looked = 0;
  for (const frame of [...frames].reverse()) {
    const isCursors = frame.kind === frameKind.cursors;
    if (frame.seq > upTo || (isCursors && hasCursors)) continue;
    hasCursors ||= isCursors;
    add(parts, partOf(bytes, frame, coalesce));
    looked += frame.payload.length;
    if (looked < slice) continue;
    looked = 0;
    await turn();
  }
  return parts.reverse().map((part) => part.bytes ?? encodeOmission(part.first, part.last));
}

function partOf(bytes: Buffer, frame: Frame, coalesce: Coalesce): Part {
  const { kind, seq, payload, start, end } = frame;
  const whole = { first: firstOf(frame), last: seq, bytes: bytes.subarray(start, end) };
  const data = kind === frameKind.record ? decoded(payload) : undefined;
  if (data === undefined) return whole;
  const left = coalesce(data);
  if (left === undefined) return { first: seq, last: seq };
  return left === data ? whole : { ...whole, bytes: encodeFrame(kind, seq, encodePayload(left)) };
}

/** What cannot be read stays for the sinks to report. */
function decoded(payload: Buffer): unknown {
  try {
    return decodePayload(payload);
  } catch {
    return undefined;
  }
}

/** Parts come the newest first; those that are omitted one after the other become one. */
function add(parts: Part[], part: Part): void {
  const later = parts.at(-1);
  if (!later || later.bytes || part.bytes) parts.push(part);
  else parts[parts.length - 1] = { first: part.first, last: later.last };
}

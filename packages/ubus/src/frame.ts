import { type Attribute, attributes, type BlobWriter, headerSize, padded, written } from './blob.js';
import { WireError } from './error.js';
import { readText } from './value.js';

/** Message types (ubusmsg.h, `enum ubus_msg_type`). */
export const messageType = {
  hello: 0,
  status: 1,
  data: 2,
  ping: 3,
  lookup: 4,
  invoke: 5,
  addObject: 6,
  removeObject: 7,
  subscribe: 8,
  unsubscribe: 9,
  notify: 10,
  monitor: 11,
} as const;

/** Attributes of a message (ubusmsg.h, `enum ubus_msg_attr`). */
export const attr = {
  status: 1,
  path: 2,
  objectId: 3,
  method: 4,
  objectType: 5,
  signature: 6,
  data: 7,
  target: 8,
  active: 9,
  noReply: 10,
  subscribers: 11,
  user: 12,
  group: 13,
} as const;

/** Version, type, sequence number and peer stand before the outer attribute. */
export const frameHeader = 8;
/** A longer message makes ubusd close the connection. */
export const longestFrame = 1024 * 1024;
const lengthMask = 0xff_ffff;

/** One message. */
export interface Frame {
  readonly type: number;
  /** Chosen by who asks; the answer has the same. */
  readonly seq: number;
  /** The object that is called, or the client that called; 0 for ubusd itself. */
  readonly peer: number;
  /** Views into the stream's buffer, valid until it is next fed. */
  readonly attributes: readonly Attribute[];
}

/** The bytes of a message, with the attributes that `write` puts in it. */
export function encodeFrame(
  type: number,
  seq: number,
  peer: number,
  write?: (writer: BlobWriter) => void,
): Buffer {
  const bytes = written((writer) => {
    writer.reserve(frameHeader);
    const outer = writer.open(0, false);
    write?.(writer);
    writer.close(outer);
  });
  bytes[0] = 0;
  bytes[1] = type;
  bytes.writeUInt16BE(seq, 2);
  bytes.writeUInt32BE(peer >>> 0, 4);
  if (bytes.length > longestFrame) throw new WireError('too_large', 'a message is longer than 1 MiB');
  return bytes;
}

/** Reads one whole message. @throws {@link WireError} */
export function decodeFrame(bytes: Buffer): Frame {
  const length = frameLength(bytes, 0);
  if (length === undefined || length > bytes.length) throw new WireError('truncated', 'a message is cut off');
  if (bytes[0] !== 0) throw new WireError('unsupported', `there is no version ${bytes[0]} of ubus`);
  const [outer] = attributes(bytes.subarray(frameHeader, length));
  return {
    type: bytes[1]!,
    seq: bytes.readUInt16BE(2),
    peer: bytes.readUInt32BE(4),
    attributes: attributes(outer!.payload),
  };
}

/** Bytes of the message at `at` with its padding; undefined while its header is not there. */
function frameLength(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < frameHeader + headerSize) return undefined;
  const length = bytes.readUInt32BE(at + frameHeader) & lengthMask;
  if (length < headerSize) throw new WireError('malformed', 'a message is shorter than its header');
  if (frameHeader + length > longestFrame) throw new WireError('too_large', 'a message is longer than 1 MiB');
  return frameHeader + padded(length);
}

/** Finds messages in a stream that may be cut anywhere. */
export class FrameSplitter {
  #bytes = Buffer.alloc(0);

  /**
   * Takes what came and gives each whole message to `visit`, at once and for the call only.
   * @throws {@link WireError} where the stream is no ubus; it cannot be used any further then.
   */
  feed(chunk: Buffer, visit: (frame: Frame) => void): void {
    const bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let at = 0;
    for (;;) {
      const length = frameLength(bytes, at);
      if (length === undefined || at + length > bytes.length) break;
      visit(decodeFrame(bytes.subarray(at, at + length)));
      at += length;
    }
    // A copy: the chunk belongs to the socket, and may be a large one for a few bytes of ours.
    this.#bytes = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  }
}

/** The attribute of this kind; as in ubusd the last one counts. */
function find(frame: Frame, id: number): Buffer | undefined {
  for (let i = frame.attributes.length - 1; i >= 0; i--) {
    if (frame.attributes[i]!.id === id) return frame.attributes[i]!.payload;
  }
  return undefined;
}

/** A 32-bit number of a message. @throws {@link WireError} `malformed` for another size. */
export function intOf(frame: Frame, id: number): number | undefined {
  const payload = find(frame, id);
  if (payload === undefined) return undefined;
  if (payload.length !== 4) throw new WireError('malformed', `attribute ${id} is no 32-bit number`);
  return payload.readUInt32BE(0);
}

/** A flag of a message: an 8-bit number, not 0. */
export function flagOf(frame: Frame, id: number): boolean {
  const payload = find(frame, id);
  return payload !== undefined && payload.length > 0 && payload[0] !== 0;
}

/** A string of a message. @throws {@link WireError} `malformed` without its NUL. */
export function textOf(frame: Frame, id: number): string | undefined {
  const payload = find(frame, id);
  return payload && readText(payload);
}

/** The content of an attribute as it is. */
export function rawOf(frame: Frame, id: number): Buffer | undefined {
  return find(frame, id);
}

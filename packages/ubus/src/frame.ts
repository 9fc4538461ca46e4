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

/** Bytes before the outer attribute: version, type, sequence number and peer (ubusmsg.h, `struct ubus_msghdr`). */
export const frameHeader = 8;
/**
 * Bytes of the longest message that ubusd takes, {@link frameHeader} not counted: it measures the padded outer attribute
 * (ubusd_main.c and libubus-io.c, `blob_pad_len > UBUS_MAX_MSGLEN`). Whoever sends a longer one loses the connection.
 */
export const longestMessage = 1024 * 1024;
/**
 * Bytes of the longest message that may come from ubusd, counted likewise: to a call that it passes on it adds the names
 * of the caller's user and group, and does not measure again (ubusd_proto.c, `ubusd_forward_invoke`).
 */
export const longestForwarded = longestMessage + 4096;
const lengthMask = 0xff_ffff;

/** What stands before the outer attribute of a message. */
export interface Head {
  readonly type: number;
  /** Chosen by who asks; the answer has the same. */
  readonly seq: number;
  /** The object that is called, or the client that called; 0 for ubusd itself. */
  readonly peer: number;
}

/** One message. */
export interface Frame extends Head {
  /** Views into the bytes that it was read from. */
  readonly attributes: readonly Attribute[];
}

/**
 * The bytes of a message, with the attributes that `write` puts in it; `longest` is in bytes without the header.
 * @throws {@link WireError} `too_large`
 */
export function encodeFrame(
  type: number,
  seq: number,
  peer: number,
  write?: (writer: BlobWriter) => void,
  longest = longestMessage,
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
  if (bytes.length - frameHeader > longest) throw tooLong(longest);
  return bytes;
}

/** Reads what stands before the attributes. @throws {@link WireError} `unsupported` for another version of ubus. */
export function decodeHead(bytes: Buffer): Head {
  if (bytes[0] !== 0) throw new WireError('unsupported', `there is no version ${bytes[0]} of ubus`);
  return { type: bytes[1]!, seq: bytes.readUInt16BE(2), peer: bytes.readUInt32BE(4) };
}

/** Whether a message is the answer to one that was posted with the number 0: nobody waits for it. */
export function isUnasked(bytes: Buffer): boolean {
  return bytes[1] === messageType.status && bytes.readUInt16BE(2) === 0;
}

/** Reads one whole message. @throws {@link WireError} */
export function decodeFrame(bytes: Buffer): Frame {
  const length = frameLength(bytes, 0, lengthMask);
  if (length === undefined || length > bytes.length) throw new WireError('truncated', 'a message is cut off');
  const { type, seq, peer } = decodeHead(bytes);
  // `frameLength` has seen that the outer attribute is whole.
  return { type, seq, peer, attributes: attributes(bytes.subarray(frameHeader + headerSize, length)) };
}

/**
 * Bytes of the message at `at`; undefined while its header is not there. As ubusd and libubus read it: what pads the
 * attributes counts, what would pad the outer one is not sent.
 */
function frameLength(bytes: Buffer, at: number, longest: number): number | undefined {
  if (bytes.length - at < frameHeader + headerSize) return undefined;
  const length = bytes.readUInt32BE(at + frameHeader) & lengthMask;
  if (length < headerSize) throw new WireError('malformed', 'a message is shorter than its header');
  if (padded(length) > longest) throw tooLong(longest);
  return frameHeader + length;
}

function tooLong(longest: number): WireError {
  return new WireError('too_large', `a message is longer than ${longest} bytes`);
}

const nothing = Buffer.alloc(0);

/** Finds messages in a stream that may be cut anywhere. */
export class FrameSplitter {
  readonly #longest: number;
  #bytes = nothing;

  /** `longest`: bytes that a message may have, without its header. */
  constructor(longest = longestMessage) {
    this.#longest = longest;
  }

  /**
   * Takes what came and gives the bytes of each whole message to `visit`, at once and for the call only.
   * @throws {@link WireError} where the stream is no ubus; it cannot be used any further then.
   */
  feed(chunk: Buffer, visit: (message: Buffer) => void): void {
    const bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let at = 0;
    for (;;) {
      const length = frameLength(bytes, at, this.#longest);
      if (length === undefined || at + length > bytes.length) break;
      visit(bytes.subarray(at, at + length));
      at += length;
    }
    // A copy: the chunk belongs to the socket, and may be a large one for a few bytes of ours.
    this.#bytes = at === bytes.length ? nothing : Buffer.from(bytes.subarray(at));
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

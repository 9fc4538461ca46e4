// The second door, for those who write a server, a monitor or a test: messages and values as they are on the wire.
export { type Attribute, attributes, BlobWriter } from './blob.js';
export { WireError } from './error.js';
export { matches } from './events.js';
export {
  attr,
  decodeFrame,
  decodeHead,
  encodeFrame,
  type Frame,
  FrameSplitter,
  flagOf,
  frameHeader,
  type Head,
  intOf,
  longestForwarded,
  longestMessage,
  messageType,
  rawOf,
  textOf,
} from './frame.js';
export { decodeSignature, encodeSignature } from './signature.js';
export { type Channel, type ChannelEvents, channelOf } from './transport.js';
export {
  blobType,
  decodeTable,
  encodeFields,
  encodeTable,
  type Field,
  readFields,
  type Table,
} from './value.js';

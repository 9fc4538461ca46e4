// The second door, for those who write a server, a monitor or a test: messages and values as they are on the wire.
export { type Attribute, attributes, BlobWriter } from './blob.js';
export { WireError } from './error.js';
export { matches } from './events.js';
export {
  attr,
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameSplitter,
  flagOf,
  intOf,
  messageType,
  rawOf,
  textOf,
} from './frame.js';
export { type Channel, type ChannelEvents, type Listener, listenUnix } from './transport.js';
export {
  blobType,
  decodeTable,
  encodeFields,
  encodeTable,
  type Field,
  readFields,
  type Table,
} from './value.js';

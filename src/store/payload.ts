import { Packr } from 'msgpackr/pack';

// `msgpackr/pack` is the entry without the native extract. Records are a private extension: plain maps stay readable
// by any MessagePack reader, years later too.
const packr = new Packr({ useRecords: false, variableMapSize: true });

/** Plain data as MessagePack: null, booleans, numbers, strings, byte arrays, arrays and objects of these. */
export function encodePayload(data: unknown): Buffer {
  return packr.pack(data);
}

/** The inverse of {@link encodePayload}; byte arrays may alias `bytes`. Throws on anything that is not MessagePack. */
export function decodePayload(bytes: Buffer): unknown {
  return packr.unpack(bytes);
}

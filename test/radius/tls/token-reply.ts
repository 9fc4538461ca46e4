import { type Attribute, encodeAttributes } from '../../../src/radius/attributes.js';

/** A reply of RADIUS/1.1, put together octet by octet (RFC 9765 §4.1): the request's Token, and nothing signed. */
export function tokenReply(request: Buffer, code: number, attributes: readonly Attribute[] = []): Buffer {
  const body = encodeAttributes(attributes);
  const head = Buffer.alloc(20);
  head[0] = code;
  head.writeUInt16BE(head.length + body.length, 2);
  request.copy(head, 4, 4, 8);
  return Buffer.concat([head, body]);
}

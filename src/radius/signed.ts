import { decodeAttributes } from './attributes.js';
import { blank, checkAuthenticator, checkMessageAuthenticator } from './authenticator.js';
import { encodeReply, encodeRequest, type Packet } from './packet.js';
import { checkReply } from './reply.js';
import type { Wire } from './wire.js';

/** RADIUS with a secret (RFC 2865, RFC 6614): an octet tells requests apart, and digests say that packets are genuine. */
export const signed: Wire = {
  identifiers: 256,
  firstIdentifier: () => 0,
  identifierOf: (packet) => packet[1],
  encodeRequest,
  checkReply,
  proofOf({ bytes }: Packet, secret: Buffer) {
    if (!checkAuthenticator(bytes, blank, secret)) return 'bad_authenticator';
    const checked = checkMessageAuthenticator(bytes, blank, secret);
    if (checked === false) return 'bad_message_authenticator';
    return checked === 'absent' ? 'bare' : 'signed';
  },
  attributesOf: ({ attributes }) => decodeAttributes(attributes),
  encodeReply,
};

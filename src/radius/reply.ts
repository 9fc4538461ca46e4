import { type Attribute, decodeAttributes } from './attributes.js';
import { authenticatorOf, checkAuthenticator, checkMessageAuthenticator } from './authenticator.js';
import { packetCode, type RequestCode, repliesTo } from './code.js';
import { RadiusError } from './error.js';
import { type Packet, readPacket } from './packet.js';

/**
 * What a reply without Message-Authenticator is worth: without one, who can change packets on the way may turn a
 * reject into an accept (CVE-2024-3596). `auto` checks those that are there, `off` none.
 */
export type MessageAuthenticatorPolicy = 'require' | 'auto' | 'off';

/** Why bytes are no reply to a request. */
export type ReplyFault =
  | 'malformed'
  | 'unexpected'
  | 'bad_authenticator'
  | 'bad_message_authenticator'
  | 'no_message_authenticator';

export type CheckedReply =
  | { readonly ok: true; readonly code: number; readonly attributes: readonly Attribute[] }
  | { readonly ok: false; readonly fault: ReplyFault }
  /** The server is there, and says that it cannot process the request (RFC 9765 §6.1). */
  | { readonly ok: false; readonly fault: 'unable'; readonly detail: string };

/**
 * Whether a datagram is the server's reply to a request, and what it says. Nothing of it is looked at, other than
 * lengths, before its authenticators hold.
 * @param request the bytes that were sent
 * @param policy for replies to an Access-Request. Those to other requests cannot be forged into anything worse than
 *   an acknowledgement, and servers in use send none there: a Message-Authenticator is checked if there is one.
 */
export function checkReply(
  datagram: Buffer,
  request: Buffer,
  secret: Buffer,
  policy: MessageAuthenticatorPolicy,
): CheckedReply {
  return readReply(datagram, (packet) => {
    const { code, identifier, bytes } = packet;
    const asked = request[0] as RequestCode;
    if (identifier !== request[1] || !repliesTo[asked].includes(code)) return fault('unexpected');
    const base = authenticatorOf(request);
    if (!checkAuthenticator(bytes, base, secret)) return fault('bad_authenticator');
    const checked = policy === 'off' || checkMessageAuthenticator(bytes, base, secret);
    if (checked === false) return fault('bad_message_authenticator');
    const required = policy === 'require' && asked === packetCode.accessRequest;
    if (checked === 'absent' && required) return fault('no_message_authenticator');
    return { ok: true, code, attributes: decodeAttributes(packet.attributes) };
  });
}

/** What `read` makes of a datagram whose lengths hold. */
export function readReply(datagram: Buffer, read: (packet: Packet) => CheckedReply): CheckedReply {
  try {
    return read(readPacket(datagram));
  } catch (error) {
    if (error instanceof RadiusError) return fault('malformed');
    throw error;
  }
}

/** The bytes are no reply. */
export function fault(reason: ReplyFault): CheckedReply {
  return { ok: false, fault: reason };
}

import type { Attribute } from './attributes.js';
import type { DynamicAuthorizationFault } from './dynamic-authorization-counters.js';
import type { Packet, RequestFields } from './packet.js';
import type { CheckedReply, MessageAuthenticatorPolicy } from './reply.js';

/** How packets are written on a channel, what tells one request from another there, and why a packet is believed. */
export interface Wire {
  /** Identifiers that there are: those of requests that are under way on a channel differ. */
  readonly identifiers: number;
  /** The identifier of the first request on a channel; each later one has the next. */
  firstIdentifier(): number;
  /** The identifier of a packet, a reply's as its request's; undefined where the octets have none. */
  identifierOf(packet: Buffer): number | undefined;
  /** @throws {@link RadiusError} `unknown`, `bad_value`, `too_long` */
  encodeRequest(fields: RequestFields): Buffer;
  /** Whether a datagram is the reply to a request, and what it says. */
  checkReply(
    datagram: Buffer,
    request: Buffer,
    secret: Buffer,
    policy: MessageAuthenticatorPolicy,
  ): CheckedReply;
  /**
   * What a request of a server proves, or why it is not to be believed. `bare`: its sender knows the secret, and it has no
   * Message-Authenticator.
   */
  proofOf(packet: Packet, secret: Buffer): 'signed' | 'bare' | DynamicAuthorizationFault;
  /** @throws {@link RadiusError} `truncated`, `bad_length`, `bad_vendor` */
  attributesOf(packet: Packet): Attribute[];
  /**
   * @param messageAuthenticator whether the reply has one, where there are any
   * @throws {@link RadiusError} `unknown`, `bad_value`, `too_long`
   */
  encodeReply(
    request: Pick<Packet, 'identifier' | 'authenticator'>,
    code: number,
    attributes: readonly Attribute[],
    secret: Buffer,
    messageAuthenticator: boolean,
  ): Buffer;
}

import type { Clock } from '../ports/clock.js';
import { canonicalAddress } from './address.js';
import type { Attribute } from './attributes.js';
import { errorCause, packetCode } from './code.js';
import {
  type DynamicAuthorizationCounters,
  type DynamicAuthorizationFault,
  noneDropped,
} from './dynamic-authorization-counters.js';
import { RadiusError } from './error.js';
import { valuesOf } from './find.js';
import { type Packet, readPacket } from './packet.js';
import { Replies } from './replies.js';
import { signed } from './signed.js';
import type { Source } from './transport.js';
import type { Wire } from './wire.js';

/** The port for dynamic authorisation (RFC 5176 §2.1). */
export const dynamicAuthorizationPort = 3799;

/** Who may send requests. */
export interface DynamicAuthorizationClient {
  /** IPv4 or IPv6, no name. */
  readonly address: string;
  readonly secret: Buffer;
}

/** A request that is authentic, and new. */
export interface DynamicAuthorizationRequest {
  readonly code: 'disconnect' | 'coa';
  readonly attributes: readonly Attribute[];
  readonly from: Source;
}

/** What became of it; attributes are sent along. `cause` is one of {@link errorCause}. */
export type DynamicAuthorizationAnswer =
  | { readonly ack: true; readonly attributes?: readonly Attribute[] }
  | { readonly ack: false; readonly cause: number; readonly attributes?: readonly Attribute[] };

export interface DynamicAuthorizationOptions {
  readonly clients: readonly DynamicAuthorizationClient[];
  readonly clock: Pick<Clock, 'mono' | 'wall'>;
  readonly handle: (request: DynamicAuthorizationRequest) => Promise<DynamicAuthorizationAnswer>;
  /** Is told what {@link handle} threw; the request is answered with a NAK, Resources-Unavailable. */
  readonly failed?: (error: unknown) => void;
  /** A request must have a Message-Authenticator; if it has one, that is checked in any case. @default `auto` */
  readonly messageAuthenticator?: 'require' | 'auto';
  /**
   * A request must have an Event-Timestamp; if it has one, that is checked in any case. The standard says that senders
   * should give one, and that we may want it (RFC 5176 §6.3): without, a request can be replayed once its reply is
   * forgotten. `signed`: one that has a Message-Authenticator may lack it. @default `require`
   */
  readonly eventTimestamp?: 'require' | 'signed' | 'auto';
  /** How far an Event-Timestamp may be from our time, either way, in seconds. @default 300 (RFC 5176 §6.3) */
  readonly windowSeconds?: number;
  /** Requests that may be under way at once: a server may end all sessions of a router in one go. @default 1024 */
  readonly mostUnderWay?: number;
  /** Replies that are kept for requests that come again. @default 4096 */
  readonly mostReplies?: number;
}

/** More than a request that was sent at the end of its window takes to arrive, in ms. */
const marginMs = 10_000;

/** A request that is authentic. */
interface Checked {
  readonly packet: Packet;
  readonly attributes: readonly Attribute[];
}

/**
 * Takes Disconnect- and CoA-Requests (RFC 5176). A request that is forged, stale or repeated never reaches the handler;
 * a forged or stale one gets no reply, which could tell its sender why.
 */
export class DynamicAuthorization {
  readonly counters: DynamicAuthorizationCounters = { acks: 0, naks: 0, repeats: 0, dropped: noneDropped() };
  readonly #options: DynamicAuthorizationOptions;
  #secrets: ReadonlyMap<string, Buffer> = new Map();
  readonly #windowMs: number;
  readonly #replies: Replies;
  #underWay = 0;

  constructor(options: DynamicAuthorizationOptions) {
    const { clients, windowSeconds = 300, mostReplies = 4096 } = options;
    this.#options = options;
    this.admit(clients);
    this.#windowMs = windowSeconds * 1000;
    // A timestamp may lie a whole window ahead; it becomes stale two windows later.
    this.#replies = new Replies(2 * this.#windowMs + marginMs, mostReplies);
  }

  /** Takes requests of these clients from now on, and of nobody else. */
  admit(clients: readonly DynamicAuthorizationClient[]): void {
    this.#secrets = new Map(clients.map(({ address, secret }) => [canonicalAddress(address), secret]));
  }

  /**
   * Takes a datagram. If it gets a reply, `send` is called with it, possibly later.
   * @returns when nothing is left to be done for the datagram; never rejects
   */
  async receive(datagram: Buffer, from: Source, send: (reply: Buffer) => void): Promise<void> {
    const secret = this.#secrets.get(canonicalAddress(from.address));
    if (!secret) return this.#drop('stranger');
    const checked = this.#check(datagram, secret, signed);
    if (typeof checked === 'string') return this.#drop(checked);
    const { packet } = checked;
    const now = this.#options.clock.mono();
    const known = this.#replies.find(packet.authenticator, now);
    if (known) {
      this.counters.repeats += 1;
      // Without a reply the first copy is still under way: the answer to it answers this copy, too.
      if (known.reply) send(known.reply);
      return;
    }
    const entry = this.#replies.add(packet.authenticator, now);
    entry.reply = await this.#carryOut(checked, from, secret, signed);
    if (entry.reply) send(entry.reply);
  }

  /** The reply, which is counted; undefined for a request that cannot be answered. */
  async #carryOut(
    { packet, attributes }: Checked,
    from: Source,
    secret: Buffer,
    wire: Wire,
  ): Promise<Buffer | undefined> {
    const code = packet.code === packetCode.disconnectRequest ? 'disconnect' : 'coa';
    const answer = await this.#answer({ code, attributes, from });
    const reply = this.#reply(packet, attributes, answer, secret, wire);
    if (!reply) this.#drop('unanswerable');
    else if (answer.ack) this.counters.acks += 1;
    else this.counters.naks += 1;
    return reply;
  }

  /**
   * Takes a packet from a connection that proves who its sender is and carries nothing twice (RFC 6614): it needs no
   * Event-Timestamp, and one like an earlier one is another request.
   * @returns as {@link receive}
   */
  async receiveOver(
    bytes: Buffer,
    { from, secret, wire }: { readonly from: Source; readonly secret: Buffer; readonly wire: Wire },
    send: (reply: Buffer) => void,
  ): Promise<void> {
    const checked = this.#check(bytes, secret, wire, 'auto');
    if (typeof checked === 'string') return this.#drop(checked);
    const reply = await this.#carryOut(checked, from, secret, wire);
    if (reply) send(reply);
  }

  #drop(fault: DynamicAuthorizationFault): void {
    this.counters.dropped[fault] += 1;
  }

  /** Reads a request, if its sender knows the secret and its time is now; else returns the fault. */
  #check(
    datagram: Buffer,
    secret: Buffer,
    wire: Wire,
    eventTimestamp = this.#options.eventTimestamp ?? 'require',
  ): Checked | DynamicAuthorizationFault {
    try {
      const packet = readPacket(datagram);
      if (packet.code !== packetCode.disconnectRequest && packet.code !== packetCode.coaRequest)
        return 'unknown_code';
      const proof = wire.proofOf(packet, secret);
      if (proof !== 'signed' && proof !== 'bare') return proof;
      if (proof === 'bare' && this.#options.messageAuthenticator === 'require')
        return 'no_message_authenticator';
      const attributes = wire.attributesOf(packet);
      return this.#timeFault(attributes, proof === 'signed', eventTimestamp) ?? { packet, attributes };
    } catch (error) {
      if (error instanceof RadiusError) return 'malformed';
      throw error;
    }
  }

  #timeFault(
    attributes: readonly Attribute[],
    signed: boolean,
    eventTimestamp: 'require' | 'signed' | 'auto',
  ): DynamicAuthorizationFault | undefined {
    const { clock } = this.#options;
    const times = valuesOf(attributes, 'Event-Timestamp');
    const mayLack = eventTimestamp === 'auto' || (eventTimestamp === 'signed' && signed);
    if (times.length === 0) return mayLack ? undefined : 'no_event_timestamp';
    const now = clock.wall();
    const current = times.every((t) => Math.abs(Number(t) * 1000 - now) <= this.#windowMs);
    return current ? undefined : 'stale';
  }

  async #answer(request: DynamicAuthorizationRequest): Promise<DynamicAuthorizationAnswer> {
    const { handle, failed = () => {}, mostUnderWay = 1024 } = this.#options;
    const busy: DynamicAuthorizationAnswer = { ack: false, cause: errorCause.resourcesUnavailable };
    // A NAK, not silence: the sender knows the secret, and would send the request again and again.
    if (this.#underWay >= mostUnderWay) return busy;
    this.#underWay += 1;
    try {
      return await handle(request);
    } catch (error) {
      failed(error);
      return busy;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** State and Proxy-State go back as they came (RFC 5176 §3.1, §3.3). */
  #reply(
    packet: Packet,
    asked: readonly Attribute[],
    answer: DynamicAuthorizationAnswer,
    secret: Buffer,
    wire: Wire,
  ): Buffer | undefined {
    const { attributes = [] } = answer;
    const echo = asked.filter(([name]) => name === 'State' || name === 'Proxy-State');
    const isSigned = asked.some(([name]) => name === 'Message-Authenticator');
    const cause: Attribute[] = answer.ack ? [] : [['Error-Cause', answer.cause]];
    // ACK and NAK follow their request's code (RFC 5176 §2.3).
    const code = packet.code + (answer.ack ? 1 : 2);
    for (const own of [attributes, []]) {
      try {
        return wire.encodeReply(packet, code, [...own, ...cause, ...echo], secret, isSigned);
      } catch (error) {
        if (!(error instanceof RadiusError)) throw error;
        // The reply may fit without the handler's attributes; that it says ACK or NAK matters more.
      }
    }
    return undefined;
  }
}

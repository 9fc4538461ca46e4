import type { Clock } from '../ports/clock.js';
import type { Attribute } from './attributes.js';
import type { RequestCode } from './code.js';
import type { CheckedReply, MessageAuthenticatorPolicy, ReplyFault } from './reply.js';
import { nextWait, type Retransmission } from './retransmission.js';
import type { Outstanding, SourcePort, SourcePorts } from './source-ports.js';

/** What has been sent to a server, and what came. */
export interface Counters {
  /** Requests, and the times that one was sent again. */
  sent: number;
  retransmitted: number;
  /** Replies that were taken. */
  replies: number;
  /** Requests given up there: nothing came, or the network said that nothing can. */
  silent: number;
  unreachable: number;
  /** Datagrams that were no reply to anything that is under way. */
  readonly dropped: Record<ReplyFault, number>;
}

/** A server as an exchange sees it. */
export interface Peer {
  readonly secret: Buffer;
  readonly policy: MessageAuthenticatorPolicy;
  readonly ports: SourcePorts;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly random: () => number;
  readonly retransmission: Retransmission;
  /** A request is sent once; the waits are the same as where it is sent again. */
  readonly isReliable: boolean;
}

/** One request at one server. */
export interface Terms {
  readonly code: RequestCode;
  readonly attributes: readonly Attribute[];
  readonly transmissions: number;
  /** By the monotonic clock, in ms. */
  readonly deadline: number;
}

export type Answer =
  | Extract<CheckedReply, { ok: true }>
  | { readonly ok: false; readonly reason: NoAnswer; readonly detail: string };

/**
 * `unsigned`: the server knows the secret and answered, but without the Message-Authenticator that is wanted; `unable`: it
 * answered that it cannot process the request.
 */
type NoAnswer = 'silent' | 'unsigned' | 'unable' | 'unreachable' | 'closed';

/** What is the matter with a server whose replies are `unsigned`, and what to do about it. */
export const unsignedDetail =
  'it answers without a Message-Authenticator, which is not believed (message_authenticator): on FreeRADIUS before ' +
  '3.2.5 add `update reply { Message-Authenticator := 0x00 }` to post-auth and to its Post-Auth-Type REJECT';

/**
 * A request at one server from its first transmission to its end. Every transmission has the same bytes (RFC 5080
 * §2.2.1), so that the server knows it for what it is; datagrams that are not its reply leave it waiting.
 */
export class Exchange implements Outstanding {
  readonly #peer: Peer;
  readonly #terms: Terms;
  readonly #answer: (work: () => Answer) => void;
  #place: { readonly port: SourcePort; readonly identifier: number } | undefined;
  #request: Buffer = Buffer.alloc(0);
  #transmissions = 0;
  #wait: number | undefined;
  #cancel = () => {};
  #ended = false;
  /** A reply with a good Response Authenticator came that has no Message-Authenticator. */
  #heardUnsigned = false;
  /** When the first transmission was, by the monotonic clock; undefined before. */
  firstSent: number | undefined;

  /** @param settle is called once, with work that gives the answer or throws what encoding threw */
  constructor(peer: Peer, terms: Terms, settle: (work: () => Answer) => void) {
    this.#peer = peer;
    this.#terms = terms;
    this.#answer = settle;
  }

  /** Asks for an identifier; the first transmission is when there is one. */
  begin(): void {
    const { clock, ports } = this.#peer;
    this.#cancel = clock.after(this.#terms.deadline - clock.mono(), () => this.#expired());
    ports.add(this);
  }

  start(port: SourcePort, identifier: number): void {
    this.#place = { port, identifier };
    const { code, attributes } = this.#terms;
    try {
      this.#request = port.wire.encodeRequest({ code, identifier, attributes, secret: this.#peer.secret });
    } catch (error) {
      this.#end(() => {
        throw error;
      });
      return;
    }
    this.firstSent = this.#peer.clock.mono();
    this.#peer.counters.sent += 1;
    this.#transmit();
  }

  received(datagram: Buffer): void {
    const { secret, policy, counters } = this.#peer;
    // Nothing is received before there is a port.
    const reply = this.#place!.port.wire.checkReply(datagram, this.#request, secret, policy);
    if (reply.ok) {
      counters.replies += 1;
      this.#end(() => reply);
      return;
    }
    if (reply.fault === 'unable') {
      this.end('unable', reply.detail);
      return;
    }
    counters.dropped[reply.fault] += 1;
    this.#heardUnsigned ||= reply.fault === 'no_message_authenticator';
  }

  failed(detail: string): void {
    this.#peer.counters.unreachable += 1;
    this.end('unreachable', detail);
  }

  end(reason: NoAnswer, detail: string): void {
    this.#end(() => ({ ok: false, reason, detail }));
  }

  #transmit(): void {
    const { clock, random, retransmission, isReliable, counters } = this.#peer;
    const isRepeat = this.#transmissions > 0;
    this.#transmissions += 1;
    this.#wait = nextWait(this.#wait, retransmission, random);
    this.#cancel();
    const left = this.#terms.deadline - clock.mono();
    this.#cancel = clock.after(Math.min(this.#wait, left), () => this.#expired());
    if (isRepeat && isReliable) return;
    if (isRepeat) counters.retransmitted += 1;
    this.#place?.port.send(this.#request);
  }

  #expired(): void {
    const { clock, counters, isReliable } = this.#peer;
    const { transmissions, deadline } = this.#terms;
    if (this.#place === undefined) this.end('silent', 'no identifier became free');
    // The server has answered these bytes, and would answer them in the same way again.
    else if (this.#heardUnsigned) this.end('unsigned', unsignedDetail);
    else if (this.#transmissions < transmissions && clock.mono() < deadline) this.#transmit();
    else {
      counters.silent += 1;
      this.end('silent', isReliable ? 'no reply' : `no reply to ${this.#transmissions} transmissions`);
    }
  }

  #end(work: () => Answer): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancel();
    if (this.#place) this.#peer.ports.release(this.#place.port, this.#place.identifier);
    else this.#peer.ports.remove(this);
    this.#answer(work);
  }
}

// A network without sockets, and a clock that a test turns.

import type { Clock } from '../../src/ports/clock.js';
import { type Attribute, decodeAttributes } from '../../src/radius/attributes.js';
import { authenticatorOf } from '../../src/radius/authenticator.js';
import { encodeReply, readPacket } from '../../src/radius/packet.js';
import type { Channel, ChannelEvents, Transport } from '../../src/radius/transport.js';
import type { Wire } from '../../src/radius/wire.js';

export const secret: Buffer = Buffer.from('xyzzy5461');

/** A datagram on its way to a server. */
export interface Sent {
  readonly at: number;
  /** `host:port` of the server. */
  readonly to: string;
  /** Number of the source port. */
  readonly from: number;
  readonly bytes: Buffer;
  /** Sends bytes back to the source port. */
  reply(bytes: Buffer): void;
  /** The connection ends. */
  end(): void;
  /** ICMP says that nobody is there. */
  refuse(): void;
}

/** Keeps what was sent; `handle` is what the servers do. */
export class TestNetwork implements Transport {
  /** As over TLS. */
  isReliable?: true;
  readonly sent: Sent[] = [];
  /** Names that have no address. */
  readonly lost = new Set<string>();
  /** How packets are written there; as over UDP when it is undefined. */
  wire: Wire | undefined;
  handle: (sent: Sent) => void = () => {};
  /** Channels that were opened, and those that still are. */
  opened = 0;
  stillOpen = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async open(host: string, port: number, events: ChannelEvents): Promise<Channel> {
    if (this.lost.has(host)) throw new Error(`ENOTFOUND ${host}`);
    const from = this.opened;
    this.opened += 1;
    this.stillOpen += 1;
    let isOpen = true;
    const whenOpen = (task: () => void) => queueMicrotask(() => isOpen && task());
    return {
      ...(this.wire && { wire: this.wire }),
      send: (bytes) => {
        const sent: Sent = {
          at: this.#clock.mono(),
          to: `${host}:${port}`,
          from,
          bytes: Buffer.from(bytes),
          reply: (answer) => whenOpen(() => events.received(answer)),
          end: () => whenOpen(() => events.ended?.('ECONNRESET')),
          refuse: () => whenOpen(() => events.failed('ECONNREFUSED')),
        };
        this.sent.push(sent);
        this.handle(sent);
      },
      close: () => {
        if (isOpen) this.stillOpen -= 1;
        isOpen = false;
      },
    };
  }

  /** What went to a server. */
  to(name: string): Sent[] {
    return this.sent.filter((s) => s.to === name);
  }
}

/** The reply of a server that knows the secret. */
export function replyTo(
  request: Buffer,
  code: number,
  attributes: readonly Attribute[] = [],
  options: { readonly secret?: Buffer; readonly messageAuthenticator?: boolean } = {},
): Buffer {
  const asked = { identifier: request[1]!, authenticator: authenticatorOf(request) };
  return encodeReply(asked, code, attributes, options.secret ?? secret, options.messageAuthenticator ?? true);
}

export function attributesOf(packet: Buffer): Attribute[] {
  return decodeAttributes(readPacket(packet).attributes);
}

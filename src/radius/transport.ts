import type { Wire } from './wire.js';

/** Where a datagram came from. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

/**
 * One way to one server, which takes packets from nobody else: a source port of UDP, or a connection. A packet is called
 * a datagram on either.
 */
export interface Channel {
  /** How packets are written there. @default with the secret, as over UDP */
  readonly wire?: Wire;
  send(datagram: Buffer): void;
  close(): void;
}

export interface ChannelEvents {
  /** `datagram` is the receiver's own from then on. */
  received(datagram: Buffer): void;
  /** The network reported (ICMP) that a datagram did not arrive; the channel stays open. */
  failed(detail: string): void;
  /** A connection is over, and nothing comes of what is under way there. Not called for one that we closed. */
  ended?(detail: string): void;
}

/** Opens channels. */
export interface Transport {
  /** What is sent arrives while the channel lasts, so nothing is sent twice on it (RFC 6613 §2.6.1). */
  readonly isReliable?: true;
  /** Looks the host up anew. @throws when it has no address, or none that this router has a way to */
  open(host: string, port: number, events: ChannelEvents): Promise<Channel>;
}

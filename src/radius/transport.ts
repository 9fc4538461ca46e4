/** Where a datagram came from. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

/** One source port that talks with one server, and takes datagrams from nobody else. */
export interface Channel {
  send(datagram: Buffer): void;
  close(): void;
}

export interface ChannelEvents {
  /** `datagram` is the receiver's own from then on. */
  received(datagram: Buffer): void;
  /** The network reported (ICMP) that a datagram did not arrive; the channel stays open. */
  failed(detail: string): void;
}

/** Opens channels. */
export interface Transport {
  /** Looks the host up anew. @throws when it has no address, or none that this router has a way to */
  open(host: string, port: number, events: ChannelEvents): Promise<Channel>;
}

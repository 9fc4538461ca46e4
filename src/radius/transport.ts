/** Time as the protocol sees it; the engine's clock is one. */
export interface Clock {
  /** Milliseconds that only ever go forward, from any start. */
  mono(): number;
  /** Milliseconds since 1970; may jump. */
  wall(): number;
  /** Runs `task` once after `ms`; the returned function takes it back. */
  after(ms: number, task: () => void): () => void;
}

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
  /** The network said that what was sent does not get there (ICMP); the channel stays open. */
  failed(detail: string): void;
}

/** Opens channels. */
export interface Transport {
  /** Looks the host up anew. @throws when it has no address, or none that this router has a way to */
  open(host: string, port: number, events: ChannelEvents): Promise<Channel>;
}

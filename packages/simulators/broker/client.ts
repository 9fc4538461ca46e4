import {
  type BlobWriter,
  type Channel,
  type ChannelEvents,
  encodeFrame,
  FrameSplitter,
  longestForwarded,
} from 'openwrt-ubus/wire';

/** An object as the broker knows it. */
export interface BrokerObject {
  readonly id: number;
  readonly owner: BrokerClient;
  readonly path: string | undefined;
  /** Without one it is invisible to LOOKUP. */
  readonly signature: Buffer | undefined;
  readonly subscribers: Set<BrokerObject>;
  readonly targets: Set<BrokerObject>;
}

/** Bytes that may wait for a client that does not read; more is dropped in silence, as by ubusd. */
const queueLimit = 1024 * 1024;

/** One connection to the broker. */
export class BrokerClient {
  readonly id: number;
  readonly objects = new Set<BrokerObject>();
  readonly #channel: Channel;
  readonly #splitter = new FrameSplitter();

  constructor(
    id: number,
    open: (events: ChannelEvents) => Channel,
    events: { message(message: Buffer): void; closed(): void },
  ) {
    this.id = id;
    this.#channel = open({
      data: (chunk) => {
        try {
          this.#splitter.feed(chunk, events.message);
        } catch {
          this.close();
        }
      },
      closed: () => events.closed(),
    });
  }

  send(type: number, seq: number, peer: number, write?: (writer: BlobWriter) => void): void {
    if (this.#channel.waiting > queueLimit) return;
    // What it adds to a message that it passes on is not measured.
    this.#channel.send(encodeFrame(type, seq, peer, write, longestForwarded));
  }

  close(): void {
    this.#channel.close();
  }
}

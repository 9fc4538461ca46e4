import {
  type BlobWriter,
  type Channel,
  type ChannelEvents,
  encodeFrame,
  type Frame,
  FrameSplitter,
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

/** What waits for a client that does not read; more is dropped in silence, as ubusd does. */
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
    events: { frame(frame: Frame): void; closed(): void },
  ) {
    this.id = id;
    this.#channel = open({
      data: (chunk) => {
        try {
          this.#splitter.feed(chunk, events.frame);
        } catch {
          this.close();
        }
      },
      closed: () => events.closed(),
    });
  }

  send(type: number, seq: number, peer: number, write?: (writer: BlobWriter) => void): void {
    if (this.#channel.waiting > queueLimit) return;
    this.#channel.send(encodeFrame(type, seq, peer, write));
  }

  close(): void {
    this.#channel.close();
  }
}

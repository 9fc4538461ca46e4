import type { IPublishPacket, MqttClient } from 'mqtt';

/** How long a lane waits before it connects again, in ms. */
const againMs = 1_000;
/** What the operator reads of a broker that ends each connection before its CONNACK. */
const wordless =
  'the broker ended the connection without an answer; one that knows MQTT 3.1.1 alone may do so: try --protocol 4';
/** Reason code of a DISCONNECT: another client has come with this client id (MQTT 5 §3.14.2.1). */
const sessionTakenOver = 142;

export interface LaneParts {
  /** Makes a client that begins to connect; the lane decides when the next one comes. */
  connect(): MqttClient;
  /** Subscribed to with QoS 1 on each connection. */
  readonly filters: readonly string[];
  /** Resolves when the message may be acknowledged. */
  take(packet: IPublishPacket): Promise<void>;
  up(): void;
  subscribed(): void;
  /** The broker does not take the subscription. */
  refused(cause: Error): void;
  error(cause: Error): void;
  displaced(): void;
}

/**
 * One place in a shared subscription, whose connection is made again whenever it ends.
 *
 * Each connection is a new MQTT.js client. One client for all goes on with the packets that an ended connection left
 * to it, and acknowledges them on the next one, where their numbers belong to other messages: the broker then drops
 * messages that nobody has written down.
 */
export class Lane {
  readonly #parts: LaneParts;
  #client: MqttClient;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#client = this.#open();
  }

  /** Acknowledges nothing more. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    const client = this.#client;
    client.removeAllListeners('close');
    await client.endAsync(true);
  }

  #open(): MqttClient {
    const { filters, take, up, subscribed, refused, error, displaced } = this.#parts;
    const client = this.#parts.connect();
    let isOver = false;
    let isAnswered = false;
    client.on('connect', () => {
      isAnswered = true;
      up();
      client.subscribe([...filters], { qos: 1 }, (cause) => {
        if (!cause) subscribed();
        // Where the connection has ended, the next one subscribes.
        else if (client.connected) refused(cause);
      });
    });
    client.on('error', (cause) => {
      isAnswered = true;
      error(cause);
    });
    client.on('disconnect', ({ reasonCode }) => {
      if (reasonCode === sessionTakenOver) displaced();
    });
    client.once('close', () => {
      isOver = true;
      if (!isAnswered) error(new Error(wordless));
      client.end(true);
      this.#timer = setTimeout(() => {
        this.#client = this.#open();
      }, againMs);
    });
    client.handleMessage = (packet, done) => {
      // What an ended connection has left is neither read nor acknowledged: the broker delivers it again.
      if (isOver) return;
      take(packet).then(() => {
        if (!isOver) done();
      });
    };
    return client;
  }
}

import type { IPublishPacket, MqttClient } from 'mqtt';
import { refusalOf } from '../mqtt/refusal.js';
import { subscribe } from '../mqtt/subscription.js';
import { isReset, type Version, Versions } from '../mqtt/versions.js';

/** How long a lane waits before it connects again, in ms. */
const againMs = 1_000;
/** What the operator reads of a broker that ends each connection before its CONNACK. */
const wordless = (only: Version | undefined) =>
  only === 5
    ? 'the broker ended the connection without an answer; one that knows MQTT 3.1.1 alone may do so: try --protocol 4, at a hub "protocol": 4'
    : 'the broker ended the connection without an answer';
/** Reason code of a DISCONNECT: another client has come with this client id (MQTT 5 §3.14.2.1). */
const sessionTakenOver = 142;

function after(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms).unref();
  return () => clearTimeout(timer);
}

type Failure = Error & { readonly code?: unknown };

export interface LaneParts {
  /** Makes a client that begins to connect; the lane decides when the next one comes. */
  connect(version: Version): MqttClient;
  /** The only version that is tried; undefined: 5, and 3.1.1 where the broker does not take it. */
  readonly only: Version | undefined;
  /** Subscribed to with QoS 1 on each connection. */
  readonly filters: readonly string[];
  /** Resolves when the message may be acknowledged. */
  take(packet: IPublishPacket): Promise<void>;
  up(version: Version): void;
  subscribed(): void;
  /** The broker does not take the subscription; it is asked again. */
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
  readonly #versions: Versions;
  #client: MqttClient;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#versions = new Versions(parts.only);
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
    const version = this.#versions.next;
    const client = this.#parts.connect(version);
    let isOver = false;
    let isUp = false;
    let failure: Failure | undefined;
    client.on('connect', () => {
      isUp = true;
      up(version);
      subscribe(client, filters, { after, granted: subscribed, refused });
    });
    client.on('error', (cause: Failure) => {
      if (!isUp && isReset(cause)) return;
      failure = cause;
      // A broker that does not take this version may take the other: that is no fault yet.
      if (refusalOf(cause, version) !== 'version') error(cause);
    });
    client.on('disconnect', ({ reasonCode }) => {
      if (reasonCode === sessionTakenOver) displaced();
    });
    client.once('close', () => {
      isOver = true;
      client.end(true);
      this.#again(isUp, failure);
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

  /** Connects once more. @param failure what ended the connection, where anybody has said it */
  #again(wasUp: boolean, failure: Failure | undefined): void {
    const { only, error } = this.#parts;
    const isVersion = failure && refusalOf(failure, this.#versions.next) === 'version';
    const how = isVersion ? 'refused' : failure || wasUp ? 'otherwise' : 'wordless';
    const isAtOnce = this.#versions.ended(how);
    if (!isAtOnce && how === 'refused') error(failure!);
    if (!isAtOnce && how === 'wordless') error(new Error(wordless(only)));
    const open = () => {
      this.#client = this.#open();
    };
    this.#timer = setTimeout(open, isAtOnce ? 0 : againMs);
  }
}

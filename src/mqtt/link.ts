import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { present } from '../domain/present.js';
import { Backoff } from './backoff.js';
import { checkSize, type Outgoing, Publisher } from './outgoing.js';
import { type Refusal, refusalOf } from './refusal.js';
import { subscribe } from './subscription.js';
import { isReset, type Version, Versions } from './versions.js';
import { Window } from './window.js';

/** Time as the link sees it: ms, and a wait that can be taken back. */
export interface Timer {
  after(ms: number, task: () => void): () => void;
}

/** A connection that is up. */
export interface Session {
  readonly protocol: Version;
  /** QoS 1 messages that the broker takes before it has acknowledged one. */
  readonly receiveMaximum: number;
  /** Octets of the largest packet that the broker takes; absent when it names no limit. */
  readonly maximumPacketSize?: number;
}

export interface LinkEvents {
  up(session: Session): void;
  /** The connection is gone. A message that was not acknowledged may have arrived or not. */
  down(): void;
  /** On one of the subscriptions, and on no other topic. */
  message(topic: string, payload: Buffer, packet: IPublishPacket): void;
}

export interface LinkParts {
  readonly url: string;
  /** Read anew for each connection: certificates are renewed. @throws when a file cannot be read */
  readonly options: () => IClientOptions;
  /** The only protocol that is tried. @default 5, and 3.1.1 with a broker that does not take it */
  readonly protocol?: Version | undefined;
  /** Subscribed to with QoS 1 on each connection. */
  readonly subscriptions: readonly string[];
  readonly timer: Timer;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly events: LinkEvents;
}

export interface LinkStatus {
  readonly state: 'up' | 'down' | 'connecting';
  readonly error: string;
}

const farewellMs = 2_000;
/** What the owner reads of a broker that ends each connection before its CONNACK. */
const wordless = 'the broker ended the connection without an answer';
/** A connection resets the waits once it has held this long, in ms: some brokers accept a client only to drop it. */
const steadyMs = 60_000;

/**
 * A connection to a broker that is made again whenever it ends.
 *
 * Each connection is a new MQTT.js client: one client for all would keep unacknowledged messages and mix them with new
 * ones. Here the journal keeps them, and each publisher begins again at the first unacknowledged message.
 */
export class Link {
  readonly #parts: LinkParts;
  readonly #backoff: Backoff;
  #client: MqttClient | undefined;
  #publisher: Publisher | undefined;
  #session: Session | undefined;
  readonly #versions: Versions;
  #error = '';
  /** The try that is under way, or was last, has failed with a cause. */
  #hasCause = false;
  #refusal: Refusal | undefined;
  /** What is sent on the connection that there is. */
  #window = new Window(0);
  #cancel = () => {};
  #stopped = false;
  readonly #waiting = new Set<() => void>();

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#versions = new Versions(parts.protocol);
    this.#backoff = new Backoff(parts.random);
  }

  get status(): LinkStatus {
    if (this.#error !== '') return { state: 'down', error: this.#error };
    return { state: this.#session ? 'up' : 'connecting', error: '' };
  }

  /** Undefined while there is no connection. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Why the broker turned us away last; undefined when it did not. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  start(): void {
    this.#open();
  }

  /** Tries to connect, and resolves when the try has ended; while connected, resolves at once. */
  attempt(): Promise<void> {
    if (this.#session || this.#stopped) return Promise.resolve();
    const settled = new Promise<void>((resolve) => this.#waiting.add(resolve));
    if (!this.#client) this.#open();
    return settled;
  }

  /**
   * Resolves when the broker has acknowledged the message.
   * @throws when the broker refuses it, or the connection ends before that; {@link NoSubscriber} when it has dropped a
   * message that needs a subscriber; {@link PacketTooLarge} with nothing sent
   */
  async publish(message: Outgoing): Promise<void> {
    const publisher = this.#publisher;
    if (!publisher || !this.#session) throw new Error('there is no connection');
    checkSize(message, this.#session.maximumPacketSize);
    // When the connection ends, MQTT.js calls nobody back for a persistent session; the window rejects.
    return this.#window.send((done) => publisher.publish(message, done));
  }

  /** Ends the connection with a DISCONNECT, on which the broker drops the last will. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    this.#wake();
    const client = this.#client;
    this.#client = undefined;
    this.#session = undefined;
    if (!client) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => client.end(true, {}, () => resolve()), farewellMs);
      client.end(false, {}, () => {
        clearTimeout(late);
        resolve();
      });
    });
    this.#window.end();
  }

  #open(): void {
    this.#cancel();
    if (this.#stopped) return;
    this.#hasCause = false;
    let client: MqttClient;
    try {
      client = this.#connect();
    } catch (cause) {
      this.#failed(cause as Error);
      this.#again();
      return;
    }
    this.#client = client;
    this.#publisher = new Publisher(client);
    client.on('error', (cause) => this.#failed(cause));
    client.on('message', (topic, payload, packet) => {
      if (client !== this.#client) return;
      if (this.#parts.subscriptions.includes(topic)) this.#parts.events.message(topic, payload, packet);
      // An earlier configuration subscribed to it, and the broker's session still has that subscription.
      else client.unsubscribe(topic);
    });
    client.once('connect', ({ properties: { receiveMaximum = 65_535, maximumPacketSize } = {} }) => {
      if (client !== this.#client) return;
      this.#up(client, { protocol: this.#versions.next, receiveMaximum, ...present({ maximumPacketSize }) });
    });
    client.once('close', () => {
      if (client === this.#client) this.#down(client);
    });
  }

  #connect(): MqttClient {
    return connect(this.#parts.url, {
      ...this.#parts.options(),
      protocolVersion: this.#versions.next,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // The daemon uses few packet numbers: MQTT.js's table of all of them, encoded, would take a megabyte.
      writeCache: false,
    });
  }

  #up(client: MqttClient, session: Session): void {
    this.#session = session;
    this.#window = new Window(session.receiveMaximum);
    this.#error = '';
    this.#refusal = undefined;
    this.#cancel = this.#parts.timer.after(steadyMs, () => this.#backoff.reset());
    const { subscriptions, events, timer } = this.#parts;
    if (subscriptions.length > 0) {
      const say = (error: string) => {
        if (client === this.#client) this.#error = error;
      };
      const told = {
        granted: () => say(''),
        refused: (cause: Error) => say(`cannot subscribe: ${cause.message}`),
      };
      // `rap`: a message that was published as retained has its retain flag also the first time.
      subscribe(client, subscriptions, { after: timer.after.bind(timer), ...told }, { rap: true });
    }
    events.up(session);
    this.#wake();
  }

  #down(client: MqttClient): void {
    const wasUp = this.#session !== undefined;
    const isWordless = !wasUp && !this.#hasCause;
    this.#client = undefined;
    this.#session = undefined;
    this.#cancel();
    client.end(true);
    this.#window.end();
    if (isWordless) this.#error = wordless;
    else if (this.#error === '') this.#error = 'the connection ended';
    if (wasUp) this.#parts.events.down();
    this.#again(isWordless);
  }

  #again(isWordless = false): void {
    const refusal = this.#refusal;
    const how = refusal === 'version' ? 'refused' : isWordless ? 'wordless' : 'otherwise';
    if (this.#versions.ended(how)) {
      this.#refusal = undefined;
      this.#error = '';
      this.#open();
      return;
    }
    this.#wake();
    const wait = refusal === 'credentials' ? this.#backoff.long() : this.#backoff.next();
    this.#cancel = this.#parts.timer.after(wait, () => this.#open());
  }

  #failed(cause: Error & { code?: unknown }): void {
    this.#hasCause = !isReset(cause);
    this.#refusal = refusalOf(cause, this.#versions.next);
    this.#error =
      this.#refusal === 'credentials' ? 'the broker refuses user, password or certificate' : cause.message;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

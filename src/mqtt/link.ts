import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { Backoff } from './backoff.js';
import { type Refusal, refusalOf } from './refusal.js';

/** Time as the link sees it: ms, and a wait that can be taken back. */
export interface Timer {
  after(ms: number, task: () => void): () => void;
}

/** A message to publish. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain?: boolean;
  /** MQTT 5: what the request had in it. */
  readonly correlationData?: Buffer;
}

/** A connection that is up. */
export interface Session {
  readonly protocol: 5 | 4;
  /** QoS 1 messages that the broker takes before it has acknowledged one. */
  readonly receiveMaximum: number;
}

export interface LinkEvents {
  up(session: Session): void;
  /** What is not acknowledged by now may have arrived or not. */
  down(): void;
  message(topic: string, payload: Buffer, packet: IPublishPacket): void;
}

export interface LinkParts {
  readonly url: string;
  /** Read anew for each connection: certificates are renewed. @throws when a file cannot be read */
  readonly options: () => IClientOptions;
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

/**
 * A connection to a broker that is made again whenever it ends.
 *
 * Each connection is a client of its own: MQTT.js would keep what is not acknowledged, send it again by itself and let
 * new messages in between. Here what waits is in the journal, and whoever publishes begins again where he was.
 */
export class Link {
  readonly #parts: LinkParts;
  readonly #backoff: Backoff;
  #client: MqttClient | undefined;
  #session: Session | undefined;
  #protocol: 5 | 4 = 5;
  #error = '';
  #refusal: Refusal | undefined;
  #cancel = () => {};
  #stopped = false;
  readonly #waiting = new Set<() => void>();
  readonly #inFlight = new Set<() => void>();

  constructor(parts: LinkParts) {
    this.#parts = parts;
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

  /** Resolves at the end of a try that is begun now; at once while there is a connection. */
  attempt(): Promise<void> {
    if (this.#session || this.#stopped) return Promise.resolve();
    const settled = new Promise<void>((resolve) => this.#waiting.add(resolve));
    if (!this.#client) this.#open();
    return settled;
  }

  /** Resolves when the broker has acknowledged it. @throws when it refuses, or the connection ends before that */
  publish({ topic, payload, retain = false, correlationData }: Outgoing): Promise<void> {
    const client = this.#client;
    if (!client || !this.#session) return Promise.reject(new Error('there is no connection'));
    const properties = correlationData && { properties: { correlationData } };
    return new Promise((resolve, reject) => {
      // MQTT.js calls back for none of a persistent session's messages when its connection ends.
      const lost = () => reject(new Error('the connection ended'));
      this.#inFlight.add(lost);
      client.publish(topic, payload, { qos: 1, retain, ...properties }, (cause) => {
        this.#inFlight.delete(lost);
        if (cause) reject(cause);
        else resolve();
      });
    });
  }

  /** Ends the connection as it should be: the broker keeps the will to itself. */
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
    this.#lose();
  }

  #open(): void {
    this.#cancel();
    if (this.#stopped) return;
    let client: MqttClient;
    try {
      client = this.#connect();
    } catch (cause) {
      this.#failed(cause as Error);
      this.#again();
      return;
    }
    this.#client = client;
    client.on('error', (cause) => this.#failed(cause));
    client.on('message', (topic, payload, packet) => {
      if (client === this.#client) this.#parts.events.message(topic, payload, packet);
    });
    client.once('connect', ({ properties }) => {
      if (client !== this.#client) return;
      this.#up(client, { protocol: this.#protocol, receiveMaximum: properties?.receiveMaximum ?? 65_535 });
    });
    client.once('close', () => {
      if (client === this.#client) this.#down(client);
    });
  }

  #connect(): MqttClient {
    return connect(this.#parts.url, {
      ...this.#parts.options(),
      protocolVersion: this.#protocol,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // Numbers are few: a table of all of them would take a megabyte.
      writeCache: false,
    });
  }

  #up(client: MqttClient, session: Session): void {
    this.#session = session;
    this.#error = '';
    this.#refusal = undefined;
    this.#backoff.reset();
    const { subscriptions, events } = this.#parts;
    if (subscriptions.length > 0) {
      // What was published as retained is to be known for that also at its first time.
      client.subscribe([...subscriptions], { qos: 1, rap: true }, (cause) => {
        if (cause && client === this.#client) this.#error = `cannot subscribe: ${cause.message}`;
      });
    }
    events.up(session);
    this.#wake();
  }

  #down(client: MqttClient): void {
    const wasUp = this.#session !== undefined;
    this.#client = undefined;
    this.#session = undefined;
    client.end(true);
    this.#lose();
    if (this.#error === '') this.#error = 'the connection ended';
    if (wasUp) this.#parts.events.down();
    this.#again();
  }

  #again(): void {
    this.#wake();
    const refusal = this.#refusal;
    if (refusal === 'version' && this.#protocol === 5) {
      this.#protocol = 4;
      this.#refusal = undefined;
      this.#error = '';
      this.#open();
      return;
    }
    const wait = refusal === 'credentials' ? this.#backoff.long() : this.#backoff.next();
    this.#cancel = this.#parts.timer.after(wait, () => this.#open());
  }

  #failed(cause: Error & { code?: unknown }): void {
    this.#refusal = refusalOf(cause, this.#protocol);
    this.#error =
      this.#refusal === 'credentials' ? 'the broker refuses user, password or certificate' : cause.message;
  }

  /** Nobody knows what became of what is in flight. */
  #lose(): void {
    for (const lost of this.#inFlight) lost();
    this.#inFlight.clear();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { Lane } from '../collector/lane.js';
import { MessageError } from '../mqtt/layout.js';
import { decodeMessage, decodePlain, type SessionMessage } from '../mqtt/message.js';
import type { Version } from '../mqtt/versions.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import { hostOf, settingsOf } from './broker-settings.js';
import type { BrokerConfig } from './config.js';
import { connectFeed } from './feed.js';

const topics = ['status', 'reply'] as const;
/** Reason code of a PUBACK: nobody has subscribed (MQTT 5 §3.4.2.1). */
const noSubscribers = 16;

/** What the broker brings. */
export interface BrokerEvents {
  readonly log: Log;
  /** A router is there, or there again. */
  online(router: string): void;
  /** A router has answered an order. */
  reply(router: string, answer: unknown): void;
  /** A router says that it is there, or away; the broker says it again at each connection. */
  standing(router: string, isOnline: boolean): void;
  /**
   * What became of a session. The broker keeps the message until it resolves. Absent: nobody wants to hear of sessions.
   */
  readonly session?: ((message: SessionMessage) => Promise<void>) | undefined;
}

/** The routers' broker, as the hub sees it. */
export interface Broker {
  readonly isConnected: boolean;
  /** Routers that are there, and since when: ms since 1970 by their own clocks. */
  readonly online: ReadonlyMap<string, number>;
  /**
   * Publishes an order. @returns whether the broker has it for the router
   * @param expiryS after this time the broker is not to deliver it, in s (MQTT 5)
   */
  order(router: string, payload: Buffer, expiryS: number): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * Connects, again whenever the connection ends. Each connection is a new client with nothing left over: what was under
 * way is known from the database, and sent again with the time that it still has.
 * @throws what the operating system throws when a file of the configuration cannot be read
 */
export function connectBroker(config: BrokerConfig, events: BrokerEvents): Broker {
  return new MqttBroker(config, events);
}

class MqttBroker implements Broker {
  readonly online = new Map<string, number>();
  readonly #config: BrokerConfig;
  readonly #events: BrokerEvents;
  readonly #settings: IClientOptions;
  readonly #lane: Lane;
  readonly #feed: Lane | undefined;
  #client: MqttClient | undefined;
  #version: Version = 5;
  #said = '';
  /** Those who wait for a PUBACK of this connection. */
  readonly #waiting = new Set<(isTaken: boolean) => void>();
  /** Packets that nobody has subscribed to, until MQTT.js tells of them: it takes that for a success. */
  readonly #dropped = new Set<number>();

  constructor(config: BrokerConfig, events: BrokerEvents) {
    this.#config = config;
    this.#events = events;
    this.#settings = settingsOf(config);
    const { log, session } = events;
    this.#feed = session && connectFeed(config, { log, session });
    this.#lane = new Lane({
      connect: (version) => this.#connect(version),
      only: config.protocol,
      filters: topics.map((topic) => `${config.prefix}/+/${topic}`),
      take: async ({ topic, payload }) => this.#read(topic, Buffer.from(payload)),
      up: (version) => {
        this.#said = '';
        log('info', `connected to ${hostOf(config.url)}, MQTT ${version === 5 ? '5' : '3.1.1'}`);
      },
      subscribed: () => {},
      refused: (cause) => this.#say(`the subscription is refused: ${reasonOf(cause)}`),
      error: (cause) => this.#say(reasonOf(cause)),
      displaced: () => this.#say(`somebody else has the client id ${config.clientId}`),
    });
  }

  get isConnected(): boolean {
    return this.#client?.connected ?? false;
  }

  order(router: string, payload: Buffer, expiryS: number): Promise<boolean> {
    const properties = this.#version === 5 ? { properties: { messageExpiryInterval: expiryS } } : {};
    return new Promise((resolve) => {
      if (!this.#client?.connected) return resolve(false);
      this.#waiting.add(resolve);
      this.#client.publish(
        `${this.#config.prefix}/${router}/command`,
        payload,
        { qos: 1, ...properties },
        (cause, packet) => {
          const { messageId = 0 } = (packet ?? {}) as { messageId?: number };
          const isDropped = this.#dropped.delete(messageId);
          this.#waiting.delete(resolve);
          resolve(!cause && !isDropped);
        },
      );
    });
  }

  async stop(): Promise<void> {
    await Promise.all([this.#lane.stop(), this.#feed?.stop()]);
    this.#forget();
  }

  #connect(version: Version): MqttClient {
    const client = connect(this.#config.url, { ...this.#settings, protocolVersion: version });
    this.#client = client;
    this.#version = version;
    let isUp = false;
    client.once('connect', () => {
      isUp = true;
    });
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback' && packet.reasonCode === noSubscribers)
        this.#dropped.add(packet.messageId!);
    });
    client.once('close', () => {
      this.#forget();
      if (isUp) this.#say('the connection has ended');
    });
    return client;
  }

  /** What a connection that has ended leaves is known from the database. */
  #forget(): void {
    this.online.clear();
    for (const resolve of this.#waiting) resolve(false);
    this.#waiting.clear();
    this.#dropped.clear();
  }

  #read(topic: string, payload: Buffer): void {
    const [router = '', name, ...rest] = topic.slice(this.#config.prefix.length + 1).split('/');
    if (rest.length > 0) return;
    try {
      if (name === 'reply') this.#events.reply(router, decodePlain(payload));
      if (name !== 'status') return;
      const { state, at } = decodeMessage('status', payload);
      const isBack = state === 'online' && !this.online.has(router);
      if (state === 'online') this.online.set(router, at);
      else this.online.delete(router);
      this.#events.standing(router, state === 'online');
      if (isBack) this.#events.online(router);
    } catch (cause) {
      // Anybody may publish what they like on their own topics.
      if (!(cause instanceof MessageError)) throw cause;
    }
  }

  /** Logs what is wrong, once until it connects. */
  #say(text: string): void {
    if (text === this.#said) return;
    this.#said = text;
    this.#events.log('warn', `${hostOf(this.#config.url)}: ${text}`);
  }
}

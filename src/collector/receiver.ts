import { readFileSync } from 'node:fs';
import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
import { MessageError } from '../mqtt/layout.js';
import { decodeMessage, type Topic } from '../mqtt/message.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import type { Inbox } from './inbox.js';
import type { CollectOptions } from './options.js';

const topics = ['usage', 'session'] as const;
/** How long the broker keeps what it has for a collector that is away: 30 days, in s. */
const sessionExpiry = 30 * 86_400;
/** Messages that one connection has in hand. */
const inHand = 16;

export interface ReceiverEvents {
  /** Logs a line, but not the same one twice in a row. */
  readonly log: Log;
  /** All connections are subscribed; `broker` is its URL, without a password. */
  ready(broker: string): void;
  /** The receiver has stopped for good. */
  failed(cause: Error): void;
}

/**
 * The connections of one shared subscription: the broker divides messages among them and those of the group's other
 * collectors. Each connection acknowledges a message when it is in the database; the messages of all connections fill
 * one transaction.
 */
export class Receiver {
  readonly #clients: MqttClient[];
  readonly #events: ReceiverEvents;
  /** URL without a password, for people. */
  readonly #broker: string;
  readonly #said = new Set<string>();
  readonly #subscribed = new Set<MqttClient>();

  constructor(options: CollectOptions, inbox: Inbox, events: ReceiverEvents) {
    this.#events = events;
    this.#broker = nameOf(options.url);
    this.#clients = Array.from({ length: options.connections }, (_, i) => this.#connect(options, i, inbox));
  }

  /** Acknowledges nothing more: the broker delivers messages that are not in the database again, to any collector. */
  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.endAsync(true)));
  }

  #connect(options: CollectOptions, lane: number, inbox: Inbox): MqttClient {
    const { url, prefix, group, protocol, username, password, caFile, certFile, keyFile } = options;
    const file = (name: string, path: string | undefined) => path && { [name]: readFileSync(path) };
    const client = connect(url, {
      clientId: `${options.clientId}-${lane}`,
      protocolVersion: protocol,
      clean: false,
      properties: { sessionExpiryInterval: sessionExpiry, receiveMaximum: inHand },
      reconnectPeriod: 1_000,
      reconnectOnConnackError: true,
      resubscribe: false,
      ...(username && { username }),
      ...(password && { password }),
      ...file('ca', caFile),
      ...file('cert', certFile),
      ...file('key', keyFile),
    });
    const share = group === '' ? '' : `$share/${group}/`;
    // Connections that have ended. Messages come before a new one is told of, with the broker's very answer.
    let ended = 0;
    client.on('close', () => {
      ended += 1;
    });
    client.on('connect', () => {
      this.#said.clear();
      const filters = topics.map((topic) => `${share}${prefix}/+/${topic}`);
      client.subscribe(filters, { qos: 1 }, (cause) => {
        if (!cause) this.#ready(client);
        // A client whose connection has ended subscribes at its next connection.
        else if (client.connected) this.#events.failed(cause);
      });
    });
    client.on('error', (cause) => this.#say(`${this.#broker}: ${reasonOf(cause)}`));
    client.on('disconnect', ({ reasonCode }) => {
      // Two collectors with the same client id would take the session from each other for ever.
      if (reasonCode === 142)
        this.#events.failed(new Error(`another collector has the client id ${options.clientId}`));
    });
    client.handleMessage = (packet, done) => {
      const before = ended;
      inbox.take(readPacket(packet, prefix)).then(() => {
        // On a new connection, the packet number of this message may belong to another message.
        if (before === ended) done();
        else done(new Error('the connection ended'));
      });
    };
    return client;
  }

  #ready(client: MqttClient): void {
    const before = this.#subscribed.size;
    this.#subscribed.add(client);
    if (this.#subscribed.size > before && this.#subscribed.size === this.#clients.length)
      this.#events.ready(this.#broker);
  }

  #say(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#events.log('error', text);
  }
}

function nameOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** A message, or why it cannot be read. */
function readPacket({ topic, payload }: IPublishPacket, prefix: string): Parameters<Inbox['take']>[0] {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const [router = '', name = '', ...rest] = topic.slice(prefix.length + 1).split('/');
  try {
    if (rest.length > 0 || !isWanted(name)) throw new MessageError('malformed', 'an odd topic');
    const message = decodeMessage(name, bytes);
    // A broker checks that routers publish on their own topics only, so the topic decides who the router is.
    if (message.router !== router) throw new MessageError('malformed', 'another router than its topic says');
    return { heard: { topic: name, message } as never };
  } catch (cause) {
    if (!(cause instanceof MessageError)) throw cause;
    return { unread: { topic, payload: bytes, reason: cause.message } };
  }
}

function isWanted(name: string): name is 'usage' | ('session' & Topic) {
  return (topics as readonly string[]).includes(name);
}

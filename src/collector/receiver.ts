import { readFileSync } from 'node:fs';
import { connect, type IClientOptions, type IPublishPacket } from 'mqtt';
import { MessageError } from '../mqtt/layout.js';
import { decodeMessage, type Topic } from '../mqtt/message.js';
import type { Version } from '../mqtt/versions.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import type { Inbox } from './inbox.js';
import { Lane } from './lane.js';
import type { CollectOptions } from './options.js';

const topics = ['usage', 'session'] as const;
/** How long the broker keeps what it has for a collector that is away: 30 days, in s. */
const sessionExpiry = 30 * 86_400;
/** Messages that one connection has in hand. */
const inHand = 16;

/** To many brokers the filter of a shared subscription in 3.1.1 is the name of a topic, which nobody publishes on. */
const unshared =
  "MQTT 3.1.1 has no shared subscriptions: where the broker does not have them all the same, nothing arrives; use --group '' --connections 1 there";

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
  readonly #lanes: Lane[];
  readonly #events: ReceiverEvents;
  /** URL without a password, for people. */
  readonly #broker: string;
  readonly #said = new Set<string>();
  readonly #subscribed = new Set<number>();
  #isWarned = false;

  constructor(options: CollectOptions, inbox: Inbox, events: ReceiverEvents) {
    this.#events = events;
    this.#broker = nameOf(options.url);
    this.#lanes = Array.from({ length: options.connections }, (_, i) => this.#lane(options, i, inbox));
  }

  /** Acknowledges nothing more: the broker delivers messages that are not in the database again, to any collector. */
  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }

  #lane(options: CollectOptions, number: number, inbox: Inbox): Lane {
    const { url, prefix, group } = options;
    const settings = settingsOf(options, number);
    const share = group === '' ? '' : `$share/${group}/`;
    return new Lane({
      connect: (version) => connect(url, { ...settings, protocolVersion: version }),
      only: options.protocol,
      filters: topics.map((topic) => `${share}${prefix}/+/${topic}`),
      take: (packet) => inbox.take(readPacket(packet, prefix)),
      up: (version) => this.#up(version, group),
      subscribed: () => this.#ready(number),
      refused: (cause) => this.#say(`${this.#broker}: the subscription is refused: ${reasonOf(cause)}`),
      error: (cause) => this.#say(`${this.#broker}: ${reasonOf(cause)}`),
      // Two collectors with the same client id would take the session from each other for ever.
      displaced: () =>
        this.#events.failed(new Error(`another collector has the client id ${options.clientId}`)),
    });
  }

  #up(version: Version, group: string): void {
    this.#said.clear();
    if (version === 5 || group === '' || this.#isWarned) return;
    this.#isWarned = true;
    this.#events.log('warn', unshared);
  }

  #ready(lane: number): void {
    const before = this.#subscribed.size;
    this.#subscribed.add(lane);
    if (this.#subscribed.size > before && this.#subscribed.size === this.#lanes.length)
      this.#events.ready(this.#broker);
  }

  #say(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#events.log('error', text);
  }
}

/** Options of a connection. @throws what the operating system throws when a file cannot be read */
function settingsOf(options: CollectOptions, lane: number): IClientOptions {
  const { username, password, caFile, certFile, keyFile } = options;
  const file = (name: string, path: string | undefined) => path && { [name]: readFileSync(path) };
  return {
    clientId: `${options.clientId}-${lane}`,
    clean: false,
    reconnectPeriod: 0,
    reconnectOnConnackError: true,
    resubscribe: false,
    properties: { sessionExpiryInterval: sessionExpiry, receiveMaximum: inHand },
    ...(username && { username }),
    ...(password && { password }),
    ...file('ca', caFile),
    ...file('cert', certFile),
    ...file('key', keyFile),
  };
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
    return { heard: { topic: name, message, payload: bytes } as never };
  } catch (cause) {
    if (!(cause instanceof MessageError)) throw cause;
    return { unread: { topic, payload: bytes, reason: cause.message } };
  }
}

function isWanted(name: string): name is 'usage' | ('session' & Topic) {
  return (topics as readonly string[]).includes(name);
}

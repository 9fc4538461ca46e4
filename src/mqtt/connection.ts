import { readFileSync } from 'node:fs';
import type { IClientOptions, IPublishPacket } from 'mqtt';
import { present } from '../domain/present.js';
import type { Clock } from '../ports/clock.js';
import type { Result } from '../ports/result.js';
import type { Standing, UpstreamParts } from '../ports/upstream.js';
import { version } from '../version.js';
import { Link, type Session } from './link.js';
import { encodeMessage, type StatusMessage, type Topic } from './message.js';
import type { Outgoing } from './outgoing.js';
import { Presence } from './presence.js';
import type { MqttConfig } from './section.js';

const [testMs, farewellMs] = [10_000, 2_000];
/** The protocol level of each word of the option `protocol`. */
const protocols = { auto: undefined, '5': 5, '3.1.1': 4 } as const;

/** Who stands on the connection. */
export interface Listener {
  /** It is there. */
  up?(session: Session): void;
  /** It is gone. */
  down?(): void;
}

/** Takes what comes in on one topic. */
export type Receiver = (payload: Buffer, packet: IPublishPacket) => void;

/** The connection to the configured broker, and the router's presence on it. */
export class Connection {
  readonly #config: MqttConfig;
  readonly #parts: UpstreamParts;
  readonly #link: Link;
  readonly #presence: Presence;
  readonly #listeners: Listener[] = [];
  readonly #topics: string[] = [];
  readonly #receivers = new Map<string, Receiver>();

  constructor(config: MqttConfig, parts: UpstreamParts) {
    this.#config = config;
    this.#parts = parts;
    this.#presence = new Presence({
      timer: parts.clock,
      interval: config.interval,
      describe: () => this.#describe(true),
      publish: (payload) => this.publish({ topic: this.topic('status'), payload, retain: true }),
    });
    this.#link = this.#makeLink();
  }

  get standing(): Standing {
    return this.#link.status;
  }

  /** `<prefix>/<router>/<last>` */
  topic(last: Topic | 'command'): string {
    return `${this.#config.prefix}/${this.#parts.router}/${last}`;
  }

  /** Adds a user of the connection. Call it before {@link start}. */
  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Sets who takes the messages on a topic. Call it before {@link start}. */
  receive(topic: string, receiver: Receiver): void {
    this.#topics.push(topic);
    this.#receivers.set(topic, receiver);
  }

  start(): void {
    this.#link.start();
  }

  /** Resolves when the broker has acknowledged it. @throws when it refuses, or the connection ends before that */
  publish(message: Outgoing): Promise<void> {
    return this.#link.publish(message);
  }

  /** Connects where it is not connected, and publishes the presence. Codes: `upstream_refused`, `upstream_silent`. */
  async test(): Promise<Result<string>> {
    try {
      await answered(this.#link.attempt(), testMs, this.#parts.clock);
      if (!this.#link.session) throw new Error(this.#link.status.error);
      const { protocol } = this.#link.session;
      await answered(this.#presence.tell(), testMs, this.#parts.clock);
      return { ok: true, value: `${new URL(this.#config.url).host} took a report, ${nameOf(protocol)}` };
    } catch (cause) {
      const code = this.#link.refusal === 'credentials' ? 'upstream_refused' : 'upstream_silent';
      return { ok: false, code, message: (cause as Error).message };
    }
  }

  /** Says that the router goes; those who do not hear it have the last will. */
  async close(): Promise<void> {
    const farewell = this.#link.session && this.#presence.farewell(this.#describe(false));
    if (farewell) await answered(farewell, farewellMs, this.#parts.clock).catch(() => {});
    await this.#link.stop();
  }

  #makeLink(): Link {
    const { clock, log } = this.#parts;
    return new Link({
      url: this.#config.url,
      options: () => this.#options(),
      protocol: protocols[this.#config.protocol],
      subscriptions: this.#topics,
      timer: clock,
      random: Math.random,
      events: {
        up: (session) => {
          log('info', `mqtt: connected, ${nameOf(session.protocol)}`);
          this.#presence.begin();
          for (const listener of this.#listeners) listener.up?.(session);
        },
        down: () => {
          log('warn', `mqtt: ${this.#link.status.error}: trying again`);
          this.#presence.pause();
          for (const listener of this.#listeners) listener.down?.();
        },
        message: (topic, payload, packet) => this.#receivers.get(topic)?.(payload, packet),
      },
    });
  }

  /** Read anew for each connection. @throws when a certificate's file cannot be read */
  #options(): IClientOptions {
    const { username, password, serverName, keepalive, sessionExpiry, ...files } = this.#config;
    const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file));
    const will = { topic: this.topic('status'), payload: this.#describe(false) };
    return {
      clientId: this.#config.clientId ?? `turnpike-${this.#parts.router}`,
      clean: false,
      keepalive: Math.round(keepalive / 1000),
      properties: { sessionExpiryInterval: Math.round(sessionExpiry / 1000), receiveMaximum: 16 },
      will: { ...will, qos: 1, retain: true },
      ...present({ username, password, servername: serverName }),
      ...present({ ca: read(files.caFile), cert: read(files.certFile), key: read(files.keyFile) }),
    };
  }

  #describe(online: boolean): Buffer {
    return encodeMessage('status', presenceOf(online, this.#parts), this.#config.format);
  }
}

function nameOf(protocol: 5 | 4): string {
  return protocol === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
}

function presenceOf(online: boolean, { running, router, boot, clock }: UpstreamParts): StatusMessage {
  const counts = { pending: 0, active: 0, suspended: 0, closing: 0 };
  for (const { state } of online ? running() : []) {
    if (state in counts) counts[state as keyof typeof counts] += 1;
  }
  const state = online ? 'online' : 'offline';
  return { version: 1, router, boot, state, software: version, at: clock.wall(), ...counts };
}

/** @throws Error when `work` takes longer than `ms` */
function answered<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new Error(`no answer within ${ms / 1000} s`)));
    work.then(resolve, reject).finally(cancel);
  });
}

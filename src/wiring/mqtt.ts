import { readFileSync } from 'node:fs';
import type { IClientOptions, IPublishPacket } from 'mqtt';
import { systemClock } from '../clock.js';
import { present } from '../domain/present.js';
import { Link } from '../mqtt/link.js';
import { encodeMessage, type StatusMessage, type Topic } from '../mqtt/message.js';
import type { MqttConfig } from '../mqtt/section.js';
import { Orders } from '../orders/mqtt/orders.js';
import type { Trial, Upstream, UpstreamStatus } from '../ports/sink.js';
import { Courier, type Kept } from '../reports/mqtt/courier.js';
import { Fold, freshState } from '../reports/mqtt/fold.js';
import { Presence } from '../reports/mqtt/presence.js';
import { Keepsake } from '../store/keepsake.js';
import { version } from '../version.js';
import type { UpstreamParts } from './parts.js';

const sink = 'mqtt';
const [testMs, farewellMs] = [10_000, 2_000];

/** Reports usage and sessions to a broker and, where they may, takes orders from there. */
export async function startMqtt(config: MqttConfig, parts: UpstreamParts): Promise<Upstream> {
  const keepsake = new Keepsake(parts.directory, 'mqtt.state');
  const isNew = !parts.store.sinks.includes(sink);
  const known = isNew ? undefined : (keepsake.load() as Kept | undefined);
  const kept = known ?? beginning(isNew, config, parts);
  const upstream = new MqttUpstream(config, parts, keepsake, kept);
  await upstream.start(known === undefined);
  return upstream;
}

class MqttUpstream implements Upstream {
  readonly #config: MqttConfig;
  readonly #parts: UpstreamParts;
  readonly #keepsake: Keepsake;
  readonly #kept: Kept;
  readonly #link: Link;
  readonly #courier: Courier;
  readonly #presence: Presence;
  readonly #orders: Orders;
  #error = '';

  constructor(config: MqttConfig, parts: UpstreamParts, keepsake: Keepsake, kept: Kept) {
    this.#config = config;
    this.#parts = parts;
    this.#keepsake = keepsake;
    this.#kept = kept;
    const { prefix, interval, orders: allowed } = config;
    const { router, call } = parts;
    this.#orders = new Orders({ prefix, router, allowed, execute: call, warn: (text) => this.#warn(text) });
    this.#presence = new Presence({
      timer: systemClock,
      interval,
      describe: () => this.#describe(true),
      publish: (payload) => this.#link.publish({ topic: this.#topic('status'), payload, retain: true }),
    });
    this.#courier = this.#makeCourier();
    this.#link = this.#makeLink();
  }

  get status(): UpstreamStatus {
    const { state, error: lost } = this.#link.status;
    const error = lost || this.#error;
    return { state: error !== '' && state === 'up' ? 'down' : state, backlog: this.#courier.backlog, error };
  }

  /** `isFirst`: nothing is kept yet. */
  async start(isFirst: boolean): Promise<void> {
    if (isFirst) await this.#keepsake.save(this.#kept).catch((cause: Error) => this.#failed(cause));
    await this.#courier.start();
    this.#link.start();
  }

  async test(): Promise<Trial> {
    try {
      await within(this.#link.attempt(), testMs);
      if (!this.#link.session) throw new Error(this.#link.status.error);
      const { protocol } = this.#link.session;
      await within(this.#presence.tell(), testMs);
      return { ok: true, detail: `${new URL(this.#config.url).host} took a report, ${nameOf(protocol)}` };
    } catch (cause) {
      const code = this.#link.refusal === 'credentials' ? 'upstream_refused' : 'upstream_silent';
      return { ok: false, code, message: (cause as Error).message };
    }
  }

  async stop(): Promise<void> {
    await this.#courier.stop();
    const farewell = this.#link.session && this.#presence.farewell(this.#describe(false));
    // Who does not hear it has the last will.
    if (farewell) await within(farewell, farewellMs).catch(() => {});
    await this.#link.stop();
  }

  #makeCourier(): Courier {
    const { format, interval } = this.#config;
    return new Courier({
      outbox: this.#parts.store.outbox(sink, 'now'),
      fold: new Fold(this.#parts.router, this.#kept.fold),
      pending: this.#kept.pending,
      interval,
      timer: systemClock,
      mono: systemClock.mono,
      encode: ({ topic, message }) => ({ topic, payload: encodeMessage(topic, message, format) }),
      send: async ({ topic, payload }) => {
        await this.#link.publish({ topic: this.#topic(topic), payload });
        this.#error = '';
      },
      save: (kept) => this.#keepsake.save(kept),
      failed: (cause) => this.#failed(cause),
    });
  }

  #makeLink(): Link {
    const { url, prefix, orders } = this.#config;
    const will = () => ({ topic: this.#topic('status'), payload: this.#describe(false) });
    return new Link({
      url,
      options: () => optionsOf(this.#config, this.#parts.router, will()),
      subscriptions: orders.length > 0 ? [`${prefix}/${this.#parts.router}/command`] : [],
      timer: systemClock,
      random: Math.random,
      events: {
        up: ({ protocol, receiveMaximum }) => {
          this.#parts.log('info', `mqtt: connected, ${nameOf(protocol)}`);
          this.#presence.begin();
          this.#courier.connected(receiveMaximum);
        },
        down: () => {
          this.#warn(`${this.#link.status.error}: trying again`);
          this.#presence.pause();
          this.#courier.disconnected();
        },
        message: (_topic, payload, packet) => void this.#obey(payload, packet),
      },
    });
  }

  async #obey(payload: Buffer, { retain, properties }: IPublishPacket): Promise<void> {
    const { responseTopic, correlationData } = properties ?? {};
    try {
      const answer = await this.#orders.take({ payload, retained: retain, ...present({ responseTopic }) });
      if (answer) await this.#link.publish({ ...answer, ...present({ correlationData }) });
    } catch (cause) {
      this.#warn(`an answer was not sent: ${(cause as Error).message}`);
    }
  }

  #topic(topic: Topic): string {
    return `${this.#config.prefix}/${this.#parts.router}/${topic}`;
  }

  #describe(online: boolean): Buffer {
    return encodeMessage('status', presenceOf(online, this.#parts), this.#config.format);
  }

  #failed(cause: Error): void {
    if (this.#error !== cause.message) this.#warn(cause.message);
    this.#error = cause.message;
  }

  #warn(text: string): void {
    this.#parts.log('warn', `mqtt: ${text}`);
  }
}

function nameOf(protocol: 5 | 4): string {
  return protocol === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
}

/** Where no state is kept: what the sessions have used so far counts as reported, unless nobody ever heard of us. */
function beginning(isNew: boolean, { interval }: MqttConfig, { engine, log, boot }: UpstreamParts): Kept {
  if (isNew) return { fold: freshState(boot, interval), pending: [] };
  log('error', 'mqtt: what was reported is not known any more: differences begin anew, totals are right');
  const reported = [...engine.accounts.book.running()].map(({ id, usage }) => {
    return [id, [usage.up, usage.down, usage.millis]] as const;
  });
  return { fold: freshState(boot, interval, 0, reported), pending: [] };
}

function presenceOf(online: boolean, { engine, router, boot }: UpstreamParts): StatusMessage {
  const counts = { pending: 0, active: 0, suspended: 0, closing: 0 };
  for (const { state } of online ? engine.accounts.book.running() : []) {
    if (state in counts) counts[state as keyof typeof counts] += 1;
  }
  const state = online ? 'online' : 'offline';
  return { version: 1, router, boot, state, software: version, at: systemClock.wall(), ...counts };
}

function optionsOf(
  config: MqttConfig,
  router: string,
  will: { readonly topic: string; readonly payload: Buffer },
): IClientOptions {
  const { username, password, serverName, keepalive, sessionExpiry, caFile, certFile, keyFile } = config;
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file));
  return {
    clientId: config.clientId ?? `turnpike-${router}`,
    clean: false,
    keepalive: Math.round(keepalive / 1000),
    properties: { sessionExpiryInterval: Math.round(sessionExpiry / 1000), receiveMaximum: 16 },
    will: { ...will, qos: 1, retain: true },
    ...present({ username, password, servername: serverName }),
    ...present({ ca: read(caFile), cert: read(certFile), key: read(keyFile) }),
  };
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = systemClock.after(ms, () => reject(new Error(`no answer within ${ms / 1000} s`)));
    work.then(resolve, reject).finally(cancel);
  });
}

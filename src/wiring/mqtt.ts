import { readFileSync } from 'node:fs';
import type { IClientOptions } from 'mqtt';
import { systemClock } from '../clock.js';
import type { MqttConfig } from '../config/mqtt.js';
import { present } from '../domain/present.js';
import { Keepsake } from '../store/keepsake.js';
import { Courier, type Kept } from '../upstream/mqtt/courier.js';
import { Fold, freshState } from '../upstream/mqtt/fold.js';
import { Link } from '../upstream/mqtt/link.js';
import { encodeMessage, type StatusMessage, type Topic } from '../upstream/mqtt/message.js';
import { Orders } from '../upstream/mqtt/orders.js';
import { Presence } from '../upstream/mqtt/presence.js';
import type { Trial, Upstream } from '../upstream/sink.js';
import { version } from '../version.js';
import type { UpstreamParts } from './builders.js';

const sink = 'mqtt';
const [testMs, farewellMs] = [10_000, 2_000];

/** Reports usage and sessions to a broker and, where they may, takes orders from there. */
export async function startMqtt(config: MqttConfig, parts: UpstreamParts): Promise<Upstream> {
  const { store, log, router, directory } = parts;
  const { prefix, format, interval } = config;
  const keepsake = new Keepsake(directory, 'mqtt.state');
  const isNew = !store.sinks.includes(sink);
  const outbox = store.outbox(sink, 'now');
  const kept = (isNew ? undefined : (keepsake.load() as Kept | undefined)) ?? beginning(isNew, config, parts);
  await keepsake.save(kept);

  const fold = new Fold(router, kept.fold);
  const topicOf = (topic: Topic) => `${prefix}/${router}/${topic}`;
  let error = '';
  const failed = (cause: Error) => {
    if (error !== cause.message) log('warn', `mqtt: ${cause.message}`);
    error = cause.message;
  };
  const courier = new Courier({
    outbox,
    fold,
    pending: kept.pending,
    interval,
    timer: systemClock,
    mono: systemClock.mono,
    encode: ({ topic, message }) => ({ topic, payload: encodeMessage(topic, message, format) }),
    async send({ topic, payload }) {
      await link.publish({ topic: topicOf(topic), payload });
      error = '';
    },
    save: (next) => keepsake.save(next),
    failed,
  });
  const statusOf = (online: boolean) => encodeMessage('status', presenceOf(online, parts), format);
  const presence = new Presence({
    timer: systemClock,
    interval,
    describe: () => statusOf(true),
    publish: (payload) => link.publish({ topic: topicOf('status'), payload, retain: true }),
  });
  const orders = new Orders({
    prefix,
    router,
    allowed: config.orders,
    execute: parts.call,
    warn: (text) => log('warn', `mqtt: ${text}`),
  });
  const link = new Link({
    url: config.url,
    options: () => optionsOf(config, router, { topic: topicOf('status'), payload: statusOf(false) }),
    subscriptions: config.orders.length > 0 ? [`${prefix}/${router}/command`] : [],
    timer: systemClock,
    random: Math.random,
    events: {
      up({ protocol, receiveMaximum }) {
        log('info', `mqtt: connected, MQTT ${protocol === 5 ? '5' : '3.1.1'}`);
        presence.begin();
        courier.connected(receiveMaximum);
      },
      down() {
        log('warn', `mqtt: ${link.status.error}: trying again`);
        presence.pause();
        courier.disconnected();
      },
      message(_topic, payload, { retain, properties }) {
        const { responseTopic, correlationData } = properties ?? {};
        const asked = { payload, retained: retain, ...present({ responseTopic }) };
        void orders
          .take(asked)
          .then((answer) => answer && link.publish({ ...answer, ...present({ correlationData }) }))
          .catch((cause: Error) => log('warn', `mqtt: an answer was not sent: ${cause.message}`));
      },
    },
  });
  await courier.start();
  link.start();

  return {
    get status() {
      const { state: of, error: lost } = link.status;
      const said = lost || error;
      return { state: said !== '' && of === 'up' ? 'down' : of, backlog: courier.backlog, error: said };
    },
    test: () => tryOut(link, presence, config),
    async stop() {
      await courier.stop();
      if (link.session) await within(presence.farewell(statusOf(false)), farewellMs).catch(() => {});
      await link.stop();
    },
  };
}

/** Where no state is kept: what the sessions have used so far counts as reported, unless nobody ever heard of us. */
function beginning(isNew: boolean, { interval }: MqttConfig, { engine, log, boot }: UpstreamParts): Kept {
  if (isNew) return { fold: freshState(boot, interval), pending: [] };
  log('error', 'mqtt: what was reported is not known any more: differences begin anew, totals are right');
  const reported = [...engine.accounts.book.live()].map(({ id, usage }) => {
    return [id, [usage.up, usage.down, usage.millis]] as const;
  });
  return { fold: freshState(boot, interval, 0, reported), pending: [] };
}

function presenceOf(online: boolean, { engine, router, boot }: UpstreamParts): StatusMessage {
  const counts = { pending: 0, active: 0, suspended: 0, closing: 0 };
  for (const { state } of online ? engine.accounts.book.live() : []) {
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

async function tryOut(link: Link, presence: Presence, { url }: MqttConfig): Promise<Trial> {
  try {
    await within(link.attempt(), testMs);
    if (!link.session) throw new Error(link.status.error);
    const { protocol } = link.session;
    await within(presence.tell(), testMs);
    return { ok: true, detail: `${new URL(url).host} took a report, MQTT ${protocol === 5 ? '5' : '3.1.1'}` };
  } catch (cause) {
    const code = link.refusal === 'credentials' ? 'upstream_refused' : 'upstream_silent';
    return { ok: false, code, message: (cause as Error).message };
  }
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = systemClock.after(ms, () => reject(new Error(`no answer within ${ms / 1000} s`)));
    work.then(resolve, reject).finally(cancel);
  });
}

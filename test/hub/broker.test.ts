// The hub on a broker: who is there, orders to them, their answers.
import { connectAsync } from 'mqtt';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connectBroker } from '../../src/hub/broker.js';
import { encodeMessage, type SessionMessage } from '../../src/mqtt/message.js';
import { told } from '../collector/fleet.js';
import { EmbeddedBroker } from '../mqtt/broker.js';
import { WordlessBroker } from '../mqtt/wordless-broker.js';
import { inTime, until } from '../rig/until.js';

const status = (router: string, state: string) =>
  encodeMessage(
    'status',
    {
      ...{ version: 1, router, boot: 'b', state, software: 'x', at: 7 },
      ...{ pending: 0, active: 0, suspended: 0, closing: 0 },
    },
    'msgpack',
  );

test('the hub sees who is there, and what it orders comes to the router and back', async () => {
  const mosquitto = new EmbeddedBroker();
  await mosquitto.start();
  const router = await connectAsync(mosquitto.url, { protocolVersion: 4, clientId: 'cafe' });
  await router.publishAsync('turnpike/cafe/status', status('cafe', 'online'), { qos: 1, retain: true });
  await router.publishAsync('turnpike/bar/status', 'no status', { qos: 1, retain: true });
  await router.subscribeAsync('turnpike/cafe/command', { qos: 1 });
  const answers: unknown[] = [];
  const config = { url: mosquitto.url, prefix: 'turnpike', clientId: 'hub', protocol: 4 } as const;
  const broker = connectBroker(config, {
    ...{ log: () => {}, online: () => {}, standing: () => {} },
    reply: (from, answer) => void answers.push([from, answer]),
  });
  try {
    await until('cafe is seen', () => broker.online.get('cafe') === 7);
    const heard = new Promise<[string, Buffer]>((resolve) => {
      router.once('message', (topic, payload) => resolve([topic, payload]));
    });
    assert.is(await inTime('PUBACK', broker.order('cafe', Buffer.from('{"command":"reload"}'), 60)), true);
    const [topic, payload] = await inTime('the order', heard);
    assert.equal([topic, String(payload)], ['turnpike/cafe/command', '{"command":"reload"}']);
    await router.publishAsync('turnpike/cafe/reply', '{"idempotency_key":"k"}', { qos: 1 });
    await until('an answer', () => answers.length > 0);
    assert.equal(answers, [['cafe', { idempotency_key: 'k' }]]);
    await router.publishAsync('turnpike/cafe/status', status('cafe', 'offline'), { qos: 1, retain: true });
    await until('cafe is gone', () => broker.online.size === 0);
  } finally {
    await broker.stop();
    await router.endAsync(true);
    await mosquitto.stop();
  }
});

test('an order that the broker does not acknowledge before the connection ends waits for no longer', async () => {
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const silent = new EmbeddedBroker({ authorizePublish: () => asked() });
  await silent.start();
  const config = { url: silent.url, prefix: 'turnpike', clientId: 'hub', protocol: 4 } as const;
  const broker = connectBroker(config, {
    ...{ log: () => {}, online: () => {}, reply: () => {}, standing: () => {} },
  });
  try {
    await until('a connection', () => broker.isConnected);
    const taken = broker.order('cafe', Buffer.from('{}'), 60);
    await inTime('the order at the broker', isAsked);
    silent.cut();
    assert.is(await inTime('the end of the wait', taken), false);
  } finally {
    await broker.stop();
    await silent.stop();
  }
});

test('a broker that knows MQTT 3.1.1 alone is asked in that, whether it refuses 5 or says nothing', async () => {
  const wordless = await WordlessBroker.start([4]);
  const refusing = new EmbeddedBroker();
  await refusing.start();
  for (const { url } of [wordless, refusing]) {
    const said: string[] = [];
    const log = (level: string, text: string) => void said.push(`${level} ${text}`);
    const broker = connectBroker(
      { url, prefix: 'turnpike', clientId: 'hub' },
      { log, online: () => {}, reply: () => {}, standing: () => {} },
    );
    await until(
      'a connection',
      () => broker.isConnected,
      () => said,
    );
    await until('a line', () => said.length > 0);
    assert.equal(said, [`info connected to ${url}, MQTT 3.1.1`]);
    await broker.stop();
  }
  wordless.stop();
  await refusing.stop();
});

test('what a router says of a session stays with the broker until the hub has written it down', async () => {
  const mosquitto = new EmbeddedBroker();
  await mosquitto.start();
  const heard: string[] = [];
  const hub = (session: (message: SessionMessage) => Promise<void>) =>
    connectBroker(
      { url: mosquitto.url, prefix: 'turnpike', clientId: 'hub', protocol: 4 },
      { log: () => {}, online: () => {}, reply: () => {}, standing: () => {}, session },
    );
  const first = hub(async ({ router }) => {
    heard.push(`in hand: ${router}`);
    await new Promise(() => {});
  });
  const router = await connectAsync(mosquitto.url, { protocolVersion: 4, clientId: 'cafe' });
  const message = encodeMessage('session', told('cafe', {}).message as SessionMessage, 'msgpack');
  // Who subscribes when is the broker's: the message is said until it is heard.
  await until('the message', async () => {
    await router.publishAsync('turnpike/bar/session', message, { qos: 1 });
    if (heard.length === 0) await router.publishAsync('turnpike/cafe/session', message, { qos: 1 });
    return heard.length > 0;
  });
  await first.stop();
  const second = hub(async ({ router }) => void heard.push(`written down: ${router}`));
  try {
    await until('it comes again', () => heard.length > 1);
    assert.equal(heard.slice(0, 2), ['in hand: cafe', 'written down: cafe']);
  } finally {
    await second.stop();
    await router.endAsync(true);
    await mosquitto.stop();
  }
});

test.run();

// An object that ubusd lists must answer, whatever happened while it was announced.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UbusClient, type UbusError, type UbusOptions } from 'openwrt-ubus';
import { attr, decodeFrame, encodeFrame, FrameSplitter, intOf, messageType, textOf } from 'openwrt-ubus/wire';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import { once } from './rig.js';
import { SlowBus } from './slow-bus.js';

interface Context {
  dir: string;
  broker: UbusBroker;
  slow: SlowBus;
  clients: UbusClient[];
  /** A client with a connection of its own to the bus. */
  other: UbusClient;
}

const test = suite<Context>('announcing');

function clientOf(c: Context, options: UbusOptions): UbusClient {
  const client = new UbusClient({ reconnect: { minMs: 5, maxMs: 20 }, ...options });
  c.clients.push(client);
  return client;
}

/** A client behind the slow bus, with what happens to its connection: each of these resolves for the second time. */
async function remote(c: Context, options: UbusOptions = {}) {
  const [connected, lost] = [once<void>(), once<void>()];
  let connections = 0;
  const client = clientOf(c, {
    socket: c.slow.socket,
    onConnected: () => {
      connections += 1;
      if (connections === 2) connected.take();
    },
    onDisconnected: () => lost.take(),
    ...options,
  });
  await client.connect();
  return { client, lost: lost.value, back: connected.value };
}

/** Fails after 10 s: what is waited for never comes where the defect is. */
async function soon<T>(what: string, event: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen in 10 s`)), 10_000);
  });
  return Promise.race([event, late]).finally(() => clearTimeout(timer));
}

const lamp = { path: 'lamp', methods: { on: { args: {}, handler: () => ({ on: true }) } } };

test.before.each(async (c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const socket = join(c.dir, 'ubus.sock');
  c.broker = new UbusBroker(socket);
  await c.broker.start();
  c.slow = new SlowBus(join(c.dir, 'slow.sock'), socket);
  await c.slow.start();
  c.clients = [];
  c.other = clientOf(c, { socket });
  await c.other.connect();
});

test.after.each(async (c) => {
  for (const client of c.clients) client.close();
  await c.slow.stop();
  await c.broker.stop();
  rmSync(c.dir, { recursive: true });
});

/** The next time that `lamp` is announced. */
async function announced({ other }: Context): Promise<{ value: Promise<void> }> {
  const added = once<void>();
  await other.listen('ubus.object.add', (_event, { path }) => path === 'lamp' && added.take());
  return added;
}

test('an object whose announcement was answered too late answers its callers', async (c) => {
  const { client, back } = await remote(c, { callTimeoutMs: 1500 });
  const first = await announced(c);
  c.slow.holdAt(messageType.addObject);
  await client.publish(lamp).catch(() => {});
  await first.value;
  assert.is((await c.other.list('lamp')).length, 1, 'ubusd has it');
  c.slow.release();
  await soon('a new connection', back);
  assert.equal(await c.other.call('lamp', 'on', {}, { timeoutMs: 10_000 }), { on: true });
});

test('objects whose announcement was answered too late after a reconnection answer their callers', async (c) => {
  let losses = 0;
  const late = once<void>();
  const onDisconnected = () => {
    losses += 1;
    if (losses === 2) late.take();
  };
  const { client, back } = await remote(c, { callTimeoutMs: 1500, onDisconnected });
  const paths = ['lamp', 'second lamp'];
  for (const path of paths) await client.publish({ ...lamp, path });
  c.slow.holdAt(messageType.addObject);
  c.slow.hangUp()();
  await soon('a connection on which ubusd was too slow', late.value);
  c.slow.release();
  await soon('a new connection', back);
  for (const path of paths) {
    assert.equal(await c.other.call(path, 'on', {}, { timeoutMs: 10_000 }), { on: true }, path);
  }
});

test('a subscription whose look-up was answered too late hears its object', async (c) => {
  const { client, back } = await remote(c, { callTimeoutMs: 1500 });
  const subscribed = once<void>();
  const onSubscribers = (is: boolean) => is && subscribed.take();
  const object = await c.other.publish({ path: 'lamp', methods: {}, onSubscribers });
  const heard = once<string>();
  c.slow.holdAt(messageType.lookup);
  await client.subscribe('lamp', (type) => heard.take(type)).catch(() => {});
  c.slow.release();
  await soon('a new connection', back);
  await soon('a subscription', subscribed.value);
  object.notify('dimmed');
  assert.is(await soon('a notification', heard.value), 'dimmed');
});

test('notifications are sent while somebody has subscribed, and not else', async (c) => {
  const said: string[] = [];
  c.slow.onSaid = (frame) => frame.type === messageType.notify && said.push(textOf(frame, attr.method) ?? '');
  const [came, went] = [once<void>(), once<void>()];
  const { client } = await remote(c);
  const onSubscribers = (is: boolean) => (is ? came : went).take();
  const object = await client.publish({ ...lamp, onSubscribers });
  object.notify('unheard');
  const stop = await c.other.subscribe('lamp', () => {});
  await soon('a subscription', came.value);
  object.notify('heard');
  await stop();
  await soon('its end', went.value);
  object.notify('unheard again');
  await client.list('lamp');
  assert.equal(said, ['heard']);
});

test('an object whose path was still taken when the client came back is announced when it is free', async (c) => {
  const told: string[] = [];
  const { client, back } = await remote(c, { onError: (error) => told.push(error.message) });
  await client.publish(lamp);
  const goAtLast = c.slow.hangUp();
  await soon('a new connection', back);
  const again = await announced(c);
  goAtLast();
  await soon('a new announcement', again.value);
  assert.equal(await c.other.call('lamp', 'on', {}, { timeoutMs: 10_000 }), { on: true });
  const refusal = 'publishing lamp: invalid argument';
  assert.equal(told, [`ubus: publishing lamp was refused, and is tried again: ${refusal}`]);
});

test('an object that is removed while it is tried again is not tried any more', async (c) => {
  const { client, back } = await remote(c, { onError: () => {} });
  const [removed] = [await client.publish(lamp), await client.publish({ ...lamp, path: 'kept' })];
  const goAtLast = c.slow.hangUp();
  await soon('a new connection', back);
  await removed.remove();
  const tried: unknown[] = [];
  const thrice = once<void>();
  c.slow.onSaid = (frame) => {
    if (frame.type === messageType.addObject) tried.push(textOf(frame, attr.path));
    if (tried.length === 3) thrice.take();
  };
  await soon('three tries', thrice.value);
  assert.equal(tried, ['kept', 'kept', 'kept']);
  goAtLast();
});

test('a path that is taken is refused at once, and may be had later', async (c) => {
  const client = clientOf(c, { socket: c.slow.socket });
  await client.connect();
  const theirs = await c.other.publish({ path: 'lamp', methods: {} });
  const refused = await client.publish(lamp).catch((cause: UbusError) => cause);
  assert.is((refused as UbusError).code, 'invalid_argument');
  await theirs.remove();
  await client.publish(lamp);
  assert.equal(await c.other.call('lamp', 'on'), { on: true });
});

test('a call for an object that nobody has here is answered at once', async (c) => {
  const answered = once<number | undefined>();
  const ubusd = createServer((stream) => {
    const splitter = new FrameSplitter();
    stream.on('data', (chunk) =>
      splitter.feed(chunk, (message) => {
        const frame = decodeFrame(message);
        if (frame.type === messageType.status) answered.take(intOf(frame, attr.status));
      }),
    );
    stream.write(encodeFrame(messageType.hello, 0, 77));
    stream.write(encodeFrame(messageType.invoke, 5, 99, (w) => w.putInt(attr.objectId, 4242)));
  });
  const socket = join(c.dir, 'other.sock');
  await new Promise<void>((resolve) => ubusd.listen(socket, resolve));
  const client = clientOf(c, { socket });
  await client.connect();
  assert.is(await soon('an answer', answered.value), 4);
  await client.close();
  await new Promise((resolve) => ubusd.close(resolve));
});

test.run();

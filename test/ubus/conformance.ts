// What any ubusd must do with our client: run against the embedded broker, and against a real ubusd where there is one.

import { type PublishedObject, type Table, UbusClient, UbusError } from 'openwrt-ubus';
import type { suite } from 'uvu';
import * as assert from 'uvu/assert';

export interface Daemon {
  readonly socket: string;
  stop(): Promise<void>;
  /** Listens again on the same socket. */
  start(): Promise<void>;
}

export interface Context {
  daemon: Daemon;
  clients: UbusClient[];
}

/** Resolves with the value that `take` is called with first. */
export function once<T>(): { take: (value: T) => void; value: Promise<T> } {
  let take: (value: T) => void = () => {};
  const value = new Promise<T>((resolve) => {
    take = resolve;
  });
  return { take, value };
}

async function connect(
  c: Context,
  over: Partial<ConstructorParameters<typeof UbusClient>[0]> = {},
): Promise<UbusClient> {
  const reconnect = { minMs: 10, maxMs: 50 };
  const client = new UbusClient({ socket: c.daemon.socket, callTimeoutMs: 5000, reconnect, ...over });
  c.clients.push(client);
  await client.connect();
  return client;
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (cause) {
    assert.instance(cause, UbusError);
    return (cause as UbusError).code;
  }
}

function demo(client: UbusClient, path = 'demo'): Promise<PublishedObject> {
  return client.publish({
    path,
    methods: {
      echo: {
        args: { text: 'string', list: 'array', table: 'table', n: 'int32' },
        handler: (args) => ({ got: args }),
      },
      nothing: { args: {}, handler: () => undefined },
      later: { args: {}, handler: () => new Promise((done) => setImmediate(() => done({ late: true }))) },
      never: { args: {}, handler: () => new Promise(() => {}) },
      deny: {
        args: {},
        handler: () => {
          throw new UbusError('permission_denied', 'no');
        },
      },
      crash: {
        args: {},
        handler: () => {
          throw new Error('a bug');
        },
      },
      big: { args: {}, handler: () => ({ text: 'x'.repeat(260_000) }) },
      huge: { args: {}, handler: () => ({ text: 'x'.repeat(2_000_000) }) },
      who: { args: {}, handler: (_args, caller) => ({ peer: caller.peer }) },
    },
  });
}

/** Puts the suite's tests on `test`. */
export function conform(test: ReturnType<typeof suite<Context>>): void {
  test('a call gives back what it was given, 64-bit numbers and odd names too', async (c) => {
    await demo(await connect(c));
    const client = await connect(c);
    const args = {
      text: 'héllo 😀',
      list: [1, 'two', 3.5, null, [true]],
      table: { x: 9007199254740993n, y: -(2n ** 63n), z: 2 ** 40 },
      n: -5,
    };
    assert.equal(await client.call('demo', 'echo', args), { got: args });
    assert.is(await client.call('demo', 'nothing'), undefined);
    assert.equal(await client.call('demo', 'later'), { late: true });
    assert.is(((await client.call('demo', 'big')) as Table).text, 'x'.repeat(260_000));
    assert.is(typeof (await client.call('demo', 'who'))?.peer, 'number');
  });

  test('what fails has its status', async (c) => {
    const logged: string[] = [];
    await demo(await connect(c, { log: (text) => logged.push(text) }));
    const client = await connect(c);
    assert.is(await codeOf(client.call('nosuch', 'x')), 'not_found');
    assert.is(await codeOf(client.call('demo', 'nosuch')), 'method_not_found');
    assert.is(await codeOf(client.call('demo', 'constructor')), 'method_not_found');
    assert.is(await codeOf(client.call('demo', 'deny')), 'permission_denied');
    assert.is(await codeOf(client.call('demo', 'crash')), 'unknown_error');
    assert.is(await codeOf(client.call('demo', 'never', {}, { timeoutMs: 20 })), 'timeout');
    assert.ok(logged.some((line) => line.includes('a bug')));
    assert.equal(await client.call('demo', 'later'), { late: true }, 'and the next call works');
  });

  test('objects are listed with their methods, by prefix and by name', async (c) => {
    const provider = await connect(c);
    await demo(provider);
    await demo(provider, 'demo.second');
    const client = await connect(c);
    const paths = async (pattern: string) => (await client.list(pattern)).map((o) => o.path).sort();
    assert.equal(await paths('demo*'), ['demo', 'demo.second']);
    assert.equal(await paths('demo'), ['demo']);
    const [object] = await client.list('demo');
    assert.equal(object?.signature.echo, { text: 3, list: 1, table: 2, n: 5 });
    assert.is(await codeOf(demo(provider)), 'invalid_argument', 'a path is given once');
  });

  test('an object that is removed is gone', async (c) => {
    const object = await demo(await connect(c));
    const client = await connect(c);
    assert.equal(await client.call('demo', 'later'), { late: true });
    await object.remove();
    assert.is(await codeOf(client.call('demo', 'later')), 'not_found');
  });

  test('subscribers get notifications, and the object hears of the first and the last', async (c) => {
    const active: boolean[] = [];
    const came = once<void>();
    const went = once<void>();
    const provider = await connect(c);
    const object = await provider.publish({
      path: 'feed',
      methods: {},
      onSubscribers: (is) => {
        active.push(is);
        (is ? came : went).take();
      },
    });
    const client = await connect(c);
    const heard = once<[string, Table]>();
    const stop = await client.subscribe('feed', (type, data) => heard.take([type, data]));
    await came.value;
    object.notify('tick', { n: 9007199254740993n });
    assert.equal(await heard.value, ['tick', { n: 9007199254740993n }]);
    await stop();
    await went.value;
    assert.equal(active, [true, false]);
  });

  test('events reach whoever listens, by pattern, and not their sender', async (c) => {
    const sender = await connect(c);
    const client = await connect(c);
    const heard: string[] = [];
    const done = once<void>();
    await sender.listen('shop.*', (event) => heard.push(`sender ${event}`));
    await client.listen('shop.*', (event, data) => heard.push(`${event} ${data.n}`));
    await client.listen('shop.end', () => done.take());
    await sender.send('other', { n: 0 });
    await sender.send('shop.open', { n: 1 });
    await sender.send('shop.end', { n: 2 });
    await done.value;
    assert.equal(heard, ['shop.open 1', 'shop.end 2']);
    assert.is(await codeOf(sender.send('ubus.object.add', {})), 'permission_denied');
  });

  test('coming and going objects are events of ubusd', async (c) => {
    const client = await connect(c);
    const added = once<unknown>();
    const removed = once<unknown>();
    await client.listen('ubus.object.add', (_e, data) => added.take(data.path));
    await client.listen('ubus.object.remove', (_e, data) => removed.take(data.path));
    const provider = await connect(c);
    await demo(provider);
    assert.is(await added.value, 'demo');
    provider.close();
    assert.is(await removed.value, 'demo');
  });

  test('a subscription follows its object through a new life', async (c) => {
    const client = await connect(c);
    const types: string[] = [];
    const second = once<void>();
    await client.subscribe('feed', (type) => {
      types.push(type);
      if (type === 'second') second.take();
    });
    for (const type of ['first', 'second']) {
      const subscribed = once<void>();
      const provider = await connect(c);
      const object = await provider.publish({
        path: 'feed',
        methods: {},
        onSubscribers: (is) => is && subscribed.take(),
      });
      await subscribed.value;
      object.notify(type, {});
      if (type === 'first') {
        await object.remove();
        provider.close();
      }
    }
    await second.value;
    assert.equal(types, ['first', 'second']);
  });

  test('after ubusd comes back everything is registered again', async (c) => {
    const lost = once<void>();
    const back = once<void>();
    let losses = 0;
    const provider = await connect(c, {
      onDisconnected: () => {
        losses += 1;
        lost.take();
      },
      onConnected: () => losses > 0 && back.take(),
    });
    const subscribed = [once<void>(), once<void>()];
    let subscriptions = 0;
    const object = await provider.publish({
      path: 'feed',
      methods: {
        ping: { args: {}, handler: () => ({ pong: true }) },
        never: { args: {}, handler: () => new Promise(() => {}) },
      },
      onSubscribers: (is) => is && subscribed[subscriptions++]?.take(),
    });
    const clientBack = once<void>();
    let clientLosses = 0;
    const client = await connect(c, {
      onDisconnected: () => {
        clientLosses += 1;
      },
      onConnected: () => clientLosses > 0 && clientBack.take(),
    });
    const heard = once<string>();
    const event = once<string>();
    await client.subscribe('feed', (type) => heard.take(type));
    await client.listen('news', (name) => event.take(name));
    await subscribed[0]!.value;
    const inFlight = codeOf(client.call('feed', 'never'));
    await c.daemon.stop();
    assert.is(await inFlight, 'connection_failed');
    await lost.value;
    assert.is(await codeOf(client.call('feed', 'ping')), 'connection_failed');
    await c.daemon.start();
    await Promise.all([back.value, clientBack.value, subscribed[1]!.value]);
    assert.equal(await client.call('feed', 'ping'), { pong: true });
    object.notify('again', {});
    assert.is(await heard.value, 'again');
    await provider.send('news', {});
    assert.is(await event.value, 'news');
  });

  test('2,000 calls in flight are each answered with their own', async (c) => {
    await demo(await connect(c));
    const client = await connect(c);
    const calls = Array.from({ length: 2000 }, (_, n) => client.call('demo', 'echo', { n }));
    const replies = await Promise.all(calls);
    for (const [n, reply] of replies.entries()) assert.equal(reply, { got: { n } });
  });

  test('a reply beyond 1 MiB is an error for the caller alone', async (c) => {
    await demo(await connect(c, { log: () => {} }));
    const client = await connect(c);
    assert.is(await codeOf(client.call('demo', 'huge')), 'unknown_error');
    assert.equal(await client.call('demo', 'later'), { late: true });
    assert.throws(() => {
      throw new UbusError('timeout', 'x');
    });
  });

  test('a provider that dies in mid-call is a time-out for the caller', async (c) => {
    const provider = await connect(c);
    await demo(provider);
    const client = await connect(c);
    const call = codeOf(client.call('demo', 'never', {}, { timeoutMs: 100 }));
    provider.close();
    assert.ok(['timeout', 'not_found', 'connection_failed'].includes(await call));
  });
}

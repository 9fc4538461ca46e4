// A connection that ends, comes back, or carries what nobody can read.
import type { Table } from 'openwrt-ubus';
import { attr, encodeTable, messageType } from 'openwrt-ubus/wire';
import type { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rawPeer } from '../raw.js';
import { type Context, codeOf, connect, demo, once } from '../rig.js';

export function connection(test: ReturnType<typeof suite<Context>>): void {
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

  test('what was sent before closing arrives: notifications, and the answer to a call', async (c) => {
    const client = await connect(c);
    const notes: unknown[] = [];
    const all = once<void>();
    for (let life = 0; life < 5; life++) {
      const provider = await connect(c);
      const subscribed = once<void>();
      const asked = once<void>();
      let answer: (reply: Table) => void = () => {};
      const object = await provider.publish({
        path: `feed${life}`,
        methods: {
          wait: {
            args: {},
            handler: () =>
              new Promise((resolve) => {
                answer = resolve;
                asked.take();
              }),
          },
        },
        onSubscribers: (is) => is && subscribed.take(),
      });
      await client.subscribe(`feed${life}`, (_type, { n }) => {
        notes.push(n);
        if (notes.length === 50) all.take();
      });
      await subscribed.value;
      const call = client.call(`feed${life}`, 'wait');
      await asked.value;
      for (let n = 0; n < 10; n++) object.notify('tick', { n });
      answer({ life });
      // A handler's answer is sent when its promise has been taken up.
      await null;
      await null;
      await provider.close();
      assert.equal(await call, { life });
    }
    await all.value;
    assert.is(notes.length, 50);
  });

  test('a client that was closed says so, and is closed once', async (c) => {
    const client = await connect(c);
    const never = codeOf(client.call('demo', 'never'));
    await Promise.all([client.close(), client.close()]);
    assert.not.ok(client.connected);
    assert.is.not(await never, 'ok');
    assert.is(await codeOf(client.call('demo', 'later')), 'connection_failed');
    assert.is(await codeOf(client.connect()), 'connection_failed');
  });

  test('an answer or a notification that cannot be read costs nothing but itself', async (c) => {
    const told: string[] = [];
    const client = await connect(c, { onError: (error) => told.push(error.message) });
    await demo(await connect(c));
    const rude = rawPeer(c.daemon.socket);
    const id = await rude.offer('rude', encodeTable({ insult: {} }));
    const garbage = Buffer.from('no fields at all');
    const waiting = client.call('demo', 'never', {}, { timeoutMs: 60_000 });
    const insult = codeOf(client.call('rude', 'insult'));
    const { seq, peer } = await rude.next(({ type }) => type === messageType.invoke);
    rude.send(messageType.data, seq, peer, (w) => {
      w.putInt(attr.objectId, id);
      w.putRaw(attr.data, garbage);
    });
    assert.is(await insult, 'parse_error');
    const heard = once<string>();
    await client.subscribe('rude', (type) => heard.take(type));
    for (const [type, data] of [
      ['bad', garbage],
      ['good', encodeTable({})],
    ] as const) {
      rude.send(messageType.notify, 2, 0, (w) => {
        w.putInt(attr.objectId, id);
        w.putText(attr.method, type);
        w.putByte(attr.noReply, 1);
        w.putRaw(attr.data, data);
      });
    }
    assert.is(await heard.value, 'good');
    assert.is(told.length, 1);
    assert.equal(await client.call('demo', 'later'), { late: true });
    rude.close();
    client.close();
    assert.is(await codeOf(waiting), 'connection_failed', 'it was in flight all the time');
  });
}

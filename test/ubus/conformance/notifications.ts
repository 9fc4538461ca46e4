// Notifications and events.
import type { Table } from 'openwrt-ubus';
import type { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Context, codeOf, connect, demo, once } from '../rig.js';

export function notifications(test: ReturnType<typeof suite<Context>>): void {
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

  test('an event that is posted reaches whoever listens, and the connection goes on', async (c) => {
    const sender = await connect(c);
    const client = await connect(c);
    const heard = once<unknown[]>();
    await client.listen('shop.*', (event, data) => heard.take([event, data]));
    sender.post('ubus.object.add', { refused: true });
    sender.post('shop.open', { n: 1, rooms: [{ name: 'hall' }] });
    assert.equal(await heard.value, ['shop.open', { n: 1, rooms: [{ name: 'hall' }] }]);
    assert.equal(await sender.list('nobody'), []);
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

  test('what a subscriber or a listener throws is told, and the next message arrives', async (c) => {
    const told: string[] = [];
    const client = await connect(c, { onError: (error) => told.push(error.message) });
    const subscribed = once<void>();
    const provider = await connect(c);
    const object = await provider.publish({
      path: 'feed',
      methods: {},
      onSubscribers: (is) => is && subscribed.take(),
    });
    const done = once<void>();
    let notified = 0;
    await client.subscribe('feed', () => {
      notified += 1;
      if (notified === 1) throw new Error('first notification');
    });
    await client.listen('news', async (_event, data) => {
      if (data.last) return done.take();
      throw new Error('first event');
    });
    await subscribed.value;
    for (const last of [false, true]) {
      object.notify('tick');
      await provider.send('news', { last });
    }
    await done.value;
    assert.is(notified, 2);
    assert.match(told.join('\n'), 'subscriber of feed: first notification');
    assert.match(told.join('\n'), 'listener for news: first event');
    assert.ok(client.connected);
  });

  test('nothing comes any more after a listener and a subscription were ended', async (c) => {
    const provider = await connect(c);
    const object = await provider.publish({ path: 'feed', methods: {} });
    const client = await connect(c);
    const heard: string[] = [];
    const done = once<void>();
    const stops = [
      await client.listen('shop.*', (event) => heard.push(event)),
      await client.subscribe('feed', (type) => heard.push(type)),
    ];
    await client.listen('shop.end', () => done.take());
    for (const stop of stops) await stop();
    for (const stop of stops) await stop();
    object.notify('tick');
    await provider.send('shop.end');
    await done.value;
    assert.equal(heard, []);
  });

  test('nobody subscribes to an object of their own', async (c) => {
    const client = await connect(c);
    await client.publish({ path: 'feed', methods: {} });
    assert.is(await codeOf(client.subscribe('feed', () => {})), 'invalid_argument');
  });
}

// Calls, and what they may carry.
import { type Table, UbusError } from 'openwrt-ubus';
import { attr, encodeFrame, encodeTable, frameHeader, longestMessage, messageType } from 'openwrt-ubus/wire';
import type { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Context, codeOf, connect, demo } from '../rig.js';

export function calls(test: ReturnType<typeof suite<Context>>): void {
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
    await demo(await connect(c, { onError: (error) => logged.push(error.message) }));
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

  test('2,000 calls in flight are each answered with their own', async (c) => {
    await demo(await connect(c));
    const client = await connect(c);
    const calls = Array.from({ length: 2000 }, (_, n) => client.call('demo', 'echo', { n }));
    const replies = await Promise.all(calls);
    for (const [n, reply] of replies.entries()) assert.equal(reply, { got: { n } });
  });

  test('a reply beyond 1 MiB is an error for the caller alone', async (c) => {
    await demo(await connect(c, { onError: () => {} }));
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

  test('a call of 1 MiB and its answer arrive, and what is longer is refused before it is sent', async (c) => {
    const provider = await connect(c);
    await provider.publish({
      path: 'wide',
      methods: { echo: { args: { text: 'string' }, handler: ({ text }) => ({ text }) } },
    });
    const client = await connect(c);
    const [object] = await client.list('wide');
    const sent = (text: string) =>
      encodeFrame(messageType.invoke, 1, object!.id, (w) => {
        w.putInt(attr.objectId, object!.id);
        w.putText(attr.method, 'echo');
        w.putRaw(attr.data, encodeTable({ text }));
      });
    const longest = 'x'.repeat(longestMessage + frameHeader - sent('').length);
    assert.is(sent(longest).length, longestMessage + frameHeader);
    assert.equal(await client.call('wide', 'echo', { text: longest }), { text: longest });
    assert.is(await codeOf(client.call('wide', 'echo', { text: `${longest}1234` })), 'invalid_argument');
    assert.equal(await client.call('wide', 'echo', { text: 'short' }), { text: 'short' });
  });

  test('a method that answers not_found is carried out once', async (c) => {
    let carriedOut = 0;
    const provider = await connect(c);
    await provider.publish({
      path: 'shelf',
      methods: {
        take: {
          args: {},
          handler: () => {
            carriedOut += 1;
            throw new UbusError('not_found', 'it is empty');
          },
        },
      },
    });
    const client = await connect(c);
    assert.is(await codeOf(client.call('shelf', 'take')), 'not_found');
    assert.is(carriedOut, 1);
    const [shelf, nothing] = await Promise.all(
      ['shelf', 'nosuch'].map((path) => client.call(path, 'take').catch((cause: UbusError) => cause.origin)),
    );
    assert.equal([shelf, nothing], ['object', 'ubusd']);
  });
}

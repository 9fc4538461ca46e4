// What a broker says in its CONNACK that it takes, and is never sent more than.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.js';
import { Connection } from '../../src/mqtt/connection.js';
import { decodeMessage } from '../../src/mqtt/message.js';
import type { MqttConfig } from '../../src/mqtt/section.js';
import type { UpstreamParts } from '../../src/ports/upstream.js';
import { inTime } from '../rig/until.js';
import { at, idOf, usageRecord } from './journal.js';
import { SimulatedRouter } from './router.js';
import { StrictBroker } from './strict-broker.js';

const config = (url: string) =>
  ({
    ...{ url, prefix: 'turnpike', format: 'json', orders: [] },
    ...{ interval: 3_600_000, keepalive: 60_000, sessionExpiry: 0 },
  }) as unknown as MqttConfig;
const parts = {
  ...{ router: 'r1', boot: 'b', clock: systemClock },
  log: () => {},
  running: () => [],
} as unknown as UpstreamParts;

function connect(url: string): { connection: Connection; up: Promise<void> } {
  const connection = new Connection(config(url), parts);
  const up = new Promise<void>((resolve) => connection.listen({ up: () => resolve() }));
  connection.start();
  return { connection, up };
}

test('a broker that takes two messages at a time is never sent a third: reports, presence and answers together', async () => {
  const broker = await StrictBroker.start({ receiveMaximum: 2 });
  const { connection, up } = connect(broker.url);
  await up;
  const reports = Array.from({ length: 6 }, (_, i) =>
    connection.publish({ topic: connection.topic('usage'), payload: Buffer.from(`report ${i}`) }),
  );
  await broker.until(() => broker.received.length === 2);
  assert.equal(
    broker.received.map(({ topic }) => topic.split('/').at(-1)),
    ['status', 'usage'],
  );
  for (let taken = 0; taken < 7; taken++) {
    await broker.until(() => broker.received.length > taken);
    broker.received[taken]!.take();
  }
  await Promise.all(reports);
  assert.equal(broker.faults, []);
  assert.equal(
    broker.received.slice(1).map(({ payload }) => payload.toString()),
    [0, 1, 2, 3, 4, 5].map((i) => `report ${i}`),
  );
  broker.takesAll = true;
  await connection.close();
  broker.stop();
});

test('a report that the broker drops because nobody has subscribed has not arrived; presence needs nobody', async () => {
  const broker = await StrictBroker.start({});
  const { connection, up } = connect(broker.url);
  await up;
  const send = (needsSubscriber: boolean) =>
    connection.publish({ topic: connection.topic('usage'), payload: Buffer.from('report'), needsSubscriber });
  for (const [needsSubscriber, reasonCode, fault] of [
    [true, 16, 'no_subscriber'],
    [true, 0, undefined],
    [false, 16, undefined],
  ] as const) {
    const before = broker.received.length;
    const sent = send(needsSubscriber).then(
      () => undefined,
      ({ code }) => code,
    );
    const reports = () => broker.received.slice(before).filter(({ topic }) => topic.endsWith('/usage'));
    await broker.until(() => reports().length === 1);
    for (const { take, topic } of broker.received) take(topic.endsWith('/usage') ? reasonCode : 0);
    assert.is(await sent, fault);
  }
  broker.takesAll = true;
  await connection.close();
  broker.stop();
});

test('a message that is larger than the broker takes is refused here, and what follows goes out', async () => {
  const broker = await StrictBroker.start({ maximumPacketSize: 1_000 });
  broker.takesAll = true;
  const { connection, up } = connect(broker.url);
  await up;
  const send = (octets: number) =>
    connection.publish({ topic: connection.topic('session'), payload: Buffer.alloc(octets) }).then(
      () => 'taken',
      ({ code, room }: { code: string; room: number }) => [code, room] as const,
    );
  const [code, room] = (await send(1_000)) as readonly [string, number];
  assert.is(code, 'too_large');
  assert.ok(room > 900 && room < 1_000);
  assert.is(await send(room), 'taken', 'its own measure fits');
  assert.equal(broker.faults, []);
  await connection.close();
  broker.stop();
});

test('a report that is larger than the broker takes goes from the journal in parts that all fit, in both formats', async () => {
  const sessions = Array.from({ length: 200 }, (_, i) => {
    return [idOf(i + 1), { up: i + 1, down: 2 ** 40 + i, millis: 60_000 }] as const;
  });
  for (const format of ['msgpack', 'json'] as const) {
    const broker = await StrictBroker.start({ maximumPacketSize: 1_500 });
    broker.takesAll = true;
    const router = new SimulatedRouter(broker.url, 'r1', format);
    router.outbox.append(usageRecord(at, sessions));
    router.start();
    const reports = () =>
      broker.received.flatMap(({ topic, payload }) =>
        topic === 'turnpike/r1/usage' ? [decodeMessage('usage', payload)] : [],
      );
    const rows = () => reports().flatMap((report) => report.sessions);
    try {
      await inTime(
        'all sessions',
        broker.until(() => rows().length >= sessions.length),
        () => rows().length,
      );
      assert.equal(broker.faults, [], 'the broker was never sent more than it takes');
      assert.ok(reports().length > 1);
      assert.is(
        new Set(reports().map(({ boot }) => boot)).size,
        reports().length,
        'each part is of its own run',
      );
      assert.is(new Set(reports().map(({ seq }) => seq)).size, 1);
      assert.equal(
        rows().map((row) => [row.session, row.up_bytes, row.total_down_bytes]),
        sessions.map(([id, { up, down }]) => [id, up, down]),
      );
    } finally {
      await router.stop();
      broker.stop();
    }
  }
});

test.run();

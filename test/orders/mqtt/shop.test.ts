// Orders from the broker to the books of a shop, and what goes back.
import type { IPublishPacket } from 'mqtt';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, methods } from '../../../src/api/control.js';
import type { View } from '../../../src/api/view.js';
import type { Connection, Receiver } from '../../../src/mqtt/connection.js';
import { PacketTooLarge } from '../../../src/mqtt/error.js';
import type { Outgoing } from '../../../src/mqtt/outgoing.js';
import { type MqttConfig, orderNames } from '../../../src/mqtt/section.js';
import { buildOrders } from '../../../src/orders/mqtt/build.js';
import type { OrderParts } from '../../../src/ports/order-source.js';
import { serviceOf } from '../../../src/wiring/service.js';
import { mac, world } from '../../engine/world.js';
import { until } from '../../rig/until.js';

const codesTopic = 'turnpike/noc/codes';

/** A shop that takes every order, from a broker that takes packets up to this size. */
async function shop(largest = Number.POSITIVE_INFINITY) {
  const w = await world();
  w.portal.join(mac(1));
  await w.clock.pass(1001);
  const service = serviceOf(w.engine, w.commands, w.desk, {} as never);
  const sent: Outgoing[] = [];
  let receive: Receiver = () => {};
  const link = {
    topic: (last: string) => `turnpike/r1/${last}`,
    receive: (_topic: string, receiver: Receiver) => {
      receive = receiver;
    },
    async publish(message: Outgoing) {
      const { topic, payload } = message;
      if (payload.length > largest) throw new PacketTooLarge(topic, payload.length, largest);
      sent.push(message);
    },
  } as unknown as Connection;
  const orderly = { call: (method: string, args: View) => answer(methods[method]!, args, service) };
  const parts = { link, router: 'r1', orderly, log: () => {} } as unknown as OrderParts<Connection>;
  await buildOrders({ prefix: 'turnpike', orders: orderNames } as unknown as MqttConfig, parts);
  const ask = async (command: string, idempotency_key: string, args: object, responseTopic?: string) => {
    const before = sent.length;
    const properties = responseTopic === undefined ? {} : { properties: { responseTopic } };
    const packet = { retain: false, ...properties } as unknown as IPublishPacket;
    receive(Buffer.from(JSON.stringify({ command, idempotency_key, arguments: args })), packet);
    await until(`the answer to ${command}`, () => sent.length > before);
    const { topic, payload } = sent[before]!;
    return { topic, ...(JSON.parse(payload.toString()) as { result?: View; error?: View }) };
  };
  return { w, ask, sent };
}

test('a voucher that an order made is redeemed by another, and its user closed: each of them once', async () => {
  const { w, ask, sent } = await shop();
  const made = await ask('voucher_create', 'v1', { plan: 'data', steps: 4, count: 1 }, codesTopic);
  const [code] = made.result!.codes as string[];
  const again = await ask('voucher_create', 'v1', { plan: 'data', steps: 4, count: 1 }, codesTopic);
  assert.equal(again.result, made.result);
  assert.is([...w.engine.accounts.book.vouchers.all()].length, 1);
  const purchase = { mac: mac(1), user: 'ada', payment: { method: 'voucher', code } };
  const sold = await ask('purchase', 'p1', purchase);
  assert.equal([sold.result!.state, sold.result!.granted], ['active', { bytes: 4000 }]);
  assert.equal((await ask('purchase', 'p1', purchase)).result, sold.result);
  const closed = await ask('close', 'c1', { user: 'ada' });
  const cause = (closed.result!.sessions as View[]).map((session) => [session.id, session.cause]);
  assert.equal(cause, [[sold.result!.id, 'admin']]);
  const common = sent.filter(({ topic }) => topic !== codesTopic).map(({ payload }) => payload.toString());
  assert.not.ok(
    common.some((text) => text.includes(code!)),
    'the code is on the topic for codes alone',
  );
  assert.not.ok(JSON.stringify(w.journal.records).includes(code!), 'and in no journal');
});

test('a user is logged out by an order, and a repeat after a restart of the orders ends no later session', async () => {
  const { w, ask } = await shop();
  const grant = { mac: mac(1), bytes: 1000, reason: 'guest', user: 'ada' };
  await ask('grant', 'g1', grant);
  const out = await ask('logout_user', 'l1', { user: 'ada' });
  assert.equal(
    (out.result!.sessions as View[]).map(({ cause }) => cause),
    ['pc-logout'],
  );
  const later = await ask('grant', 'g2', grant);
  const known = await w.commands.logout('ada', 'l1');
  assert.ok(known.ok);
  assert.is(w.engine.accounts.book.get(String(later.result!.id))?.state, 'active');
});

test('where the broker does not take an answer of its size, the order says that it was carried out', async () => {
  const { w, ask } = await shop(1_000);
  const made = await ask('voucher_create', 'v1', { plan: 'data', count: 100 }, codesTopic);
  assert.equal([made.topic, made.error?.code], [codesTopic, 'answer_too_large']);
  assert.is([...w.engine.accounts.book.vouchers.all()].length, 100);
});

test.run();

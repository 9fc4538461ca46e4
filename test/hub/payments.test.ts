// What customers paid elsewhere: from the provider's signed message at the hub to the order for their router.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkout, type Desk, withDesk } from './desk.js';

const id = 'x3k9qv7m2c8t4w6z0p5d';
const number = `${id}-cafe-north`;

/** The last order that the router was sent, answered. */
async function answer(desk: Desk, count: number, said: object): Promise<void> {
  const sent = (await desk.orders('cafe-north', count))[count - 1]!;
  desk.events.reply('cafe-north', { idempotency_key: sent.order.idempotency_key, ...said });
}

test('a card payment at the hub orders the router that the number names to serve it', () =>
  withDesk([], async (desk) => {
    desk.come('cafe-north');
    desk.come('hotel');
    const { status, json } = await desk.stripe(checkout(number));
    assert.equal([status, json], [200, { routers: ['cafe-north'] }]);
    const [sent] = await desk.orders('cafe-north', 1);
    assert.is(sent!.order.command, 'payment_confirm');
    assert.equal(sent!.order.arguments, {
      ...{ hook: 'card', order: id, amount: '2.00', currency: 'USD', reference: 'pi_1' },
    });
    await answer(desk, 1, { result: { state: 'sold' } });
    await desk.states('done');
    assert.is(desk.sent.length, 1, 'and no other router');
  }));

test('a router that is away hears of the money when it is back, days later', () =>
  withDesk([], async (desk, database) => {
    await desk.stripe(checkout(number));
    await desk.states('waiting');
    await desk.stop();
    desk.clock.now += 5 * 86_400_000;
    await desk.start(database);
    assert.equal(desk.sent, []);
    desk.come('cafe-north');
    await desk.orders('cafe-north', 1);
  }));

test('one payment is one order, however often and in whatever messages its provider says so', () =>
  withDesk([], async (desk) => {
    desk.come('cafe-north');
    await desk.stripe(checkout(number));
    const object = { id: 'pi_1', amount_received: 200, currency: 'usd', metadata: { order: number } };
    await desk.stripe({ id: 'evt_2', type: 'payment_intent.succeeded', data: { object } });
    await desk.stripe(checkout(number));
    await answer(desk, 1, { result: { state: 'sold' } });
    await desk.states('done');
  }));

test('a bent, old or foreign signature orders nothing', () =>
  withDesk([], async (desk) => {
    for (const bad of [{ key: 'whsec_of_somebody_else' }, { at: desk.clock.wall() - 301_000 }]) {
      const { status, json } = await desk.stripe(checkout(number), bad);
      assert.equal([status, json.error], [400, 'hook_unsigned']);
    }
    assert.equal((await desk.get('/orders')).json.rows, []);
  }));

test('money that no router can have asked for is refused, and the log says so', () =>
  withDesk([], async (desk) => {
    const cases: [object, number][] = [
      [checkout(id), 404],
      [checkout(`${id}-../../x`), 404],
      [checkout(`${id}-a#`), 404],
      [checkout(number, { currency: 'eur' }), 422],
      [checkout(number, { amount_total: 1.5 }), 422],
    ];
    for (const [event, status] of cases) assert.is((await desk.stripe(event)).status, status);
    assert.is(desk.log.filter((line) => /money came that fits no order/.test(line)).length, cases.length);
    assert.equal((await desk.stripe({ type: 'invoice.paid', data: {} })).json, { routers: [] });
    assert.equal((await desk.get('/orders')).json.rows, []);
  }));

test('what the provider’s account sells besides is left alone, and the log says so', () =>
  withDesk([], async (desk) => {
    for (const other of ['cart-42', '507f1f77bcf86cd799439011', id.slice(1)]) {
      const { status, json } = await desk.stripe(checkout(other, { currency: 'eur' }));
      assert.equal([status, json], [200, { routers: [] }]);
    }
    assert.is(desk.log.filter((line) => /warn hook card: a payment was left alone/.test(line)).length, 3);
    assert.equal((await desk.get('/orders')).json.rows, []);
  }));

test('money that a router refuses is in the log, and is tried again when the provider sends it again', () =>
  withDesk([], async (desk) => {
    desk.come('cafe-north');
    await desk.stripe(checkout(number));
    await answer(desk, 1, { error: { code: 'not_allowed', message: 'x' } });
    await desk.states('refused');
    assert.match(desk.log.join('\n'), /error a payment is not served at cafe-north: .*not_allowed.*pi_1/);
    await desk.stripe(checkout(number));
    await answer(desk, 2, { result: { state: 'sold' } });
    await desk.states('done');
  }));

test('money for a router that does not come back in time is in the log', () =>
  withDesk([], async (desk) => {
    await desk.stripe(checkout(number));
    desk.clock.now += 604_800_000;
    desk.come('cafe-north');
    await desk.states('expired');
    assert.match(
      desk.log.join('\n'),
      /error a payment is not served at cafe-north: .*away for too long.*pi_1/,
    );
    assert.equal(desk.sent, []);
  }));

test('a router that has the money and cannot serve it yet is told again', () =>
  withDesk([], async (desk) => {
    desk.come('cafe-north');
    await desk.stripe(checkout(number));
    await answer(desk, 1, { error: { code: 'busy', message: 'x' } });
    desk.clock.now += 30_000;
    await desk.stripe(checkout(number));
    await desk.orders('cafe-north', 2);
  }));

test.run();

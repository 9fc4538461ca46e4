// Orders that are paid elsewhere: from the order, over the provider's signed message, to access or a voucher.
import { randomBytes } from 'node:crypto';
import Stripe from 'stripe';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PayOrder } from '../../../src/domain/pay-order.js';
import { bytes, millis } from '../../../src/domain/units.js';
import { OrderDesk } from '../../../src/engine/order-desk.js';
import { hookSite } from '../../../src/payments/webhook/site.js';
import type { Result } from '../../../src/ports/result.js';
import type { Safe } from '../../../src/ports/safe.js';
import type { WebRequest } from '../../../src/ports/web.js';
import { mac, type World, world } from '../../engine/world.js';

const secret = 'whsec_of_stripe_0001';
const card = {
  ...{
    name: 'card',
    takes: 'payments' as const,
    signature: 'stripe' as const,
    secrets: [secret],
    windows: 2,
    windowData: bytes(5000),
  },
  currencies: new Map([['USD', 2]]),
} as const;
const withWindow = { ...card, windowTime: millis(300_000) };

class Shop {
  desk!: OrderDesk;
  readonly kept = new Map<string, unknown>();
  isFull = false;
  world!: World;
  hook: typeof card | typeof withWindow = card;

  static async open(hook: Shop['hook'] = card): Promise<Shop> {
    const shop = new Shop();
    shop.hook = hook;
    shop.world = await world();
    shop.start();
    await shop.join(1);
    return shop;
  }

  /** A device that the portal lists. */
  async join(n: number): Promise<void> {
    this.world.portal.join(mac(n));
    await this.world.clock.pass(2000);
  }

  start(): void {
    const { engine, commands, desk: vouchers, log } = this.world;
    const safe: Safe = {
      all: () => structuredClone([...this.kept]),
      put: async (name, value) => {
        if (this.isFull) throw Object.assign(new Error('no room'), { code: 'storage_full' });
        if (value) this.kept.set(name, structuredClone(value));
        else this.kept.delete(name);
      },
    };
    const write = (level: string, text: string) => void log.push(`${level} ${text}`);
    this.desk = new OrderDesk(engine, { commands, vouchers }, safe, randomBytes, write);
    this.desk.hooks = [this.hook];
    const methods = new Map(this.desk.methods.map((one) => [one.name, one]));
    engine.configure({ ...engine.settings, offer: { ...engine.settings.offer, methods } });
  }

  async crash(): Promise<void> {
    await this.world.crash();
    this.start();
  }

  async order(n = 1, steps = 4): Promise<PayOrder> {
    const made = await this.desk.create({ hook: 'card', mac: mac(n), plan: 'data', steps });
    assert.ok(made.ok, JSON.stringify(made));
    return made.value;
  }

  /** Stripe says that a checkout is paid. @returns the status that it gets */
  async paid(
    order: string,
    amount: number,
    over: Record<string, unknown> = {},
    at?: number,
  ): Promise<number> {
    const object = {
      ...{ object: 'checkout.session', payment_status: 'paid', amount_total: amount, currency: 'usd' },
      ...{ metadata: { order }, payment_intent: 'pi_1', ...over },
    };
    return this.post(
      JSON.stringify({ id: 'evt_1', type: 'checkout.session.completed', data: { object } }),
      at,
    );
  }

  async post(payload: string, at = Math.floor(this.world.clock.wall() / 1000)): Promise<number> {
    const { clock, log } = this.world;
    const write = (level: string, text: string) => void log.push(`${level} ${text}`);
    const site = hookSite(
      [this.hook],
      {
        confirm: (hook, paid) => this.desk.confirm(hook, paid),
        logOut: () => Promise.reject(new Error('nobody logs out here')),
      },
      { clock, log: write },
    )!;
    const header = await Stripe.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp: at });
    const body = Buffer.from(payload);
    const request = { params: { name: 'card' }, headers: { 'stripe-signature': header }, body };
    return (await site.routes[0]!.handle(request as unknown as WebRequest)).status;
  }

  sessions(n = 1) {
    return this.world.engine.accounts.book.runningOfMac(mac(n));
  }
}

function codeOf(result: Result<PayOrder>): string {
  return result.ok ? result.value.state : result.code;
}

test('an order that is paid opens the gate, and the page sees its session', async () => {
  const shop = await Shop.open();
  const order = await shop.order();
  assert.equal([order.state, order.price.amount, shop.sessions().length], ['open', '200', 0]);
  assert.is(await shop.paid(order.id, 200), 200);
  const [session] = shop.sessions();
  assert.equal([session!.state, session!.granted.bytes], ['active', 4000]);
  assert.equal(session!.lots[0]!.funding.reference, 'pi_1');
  assert.equal([shop.desk.get(order.id)!.state, shop.desk.get(order.id)!.session], ['sold', session!.id]);
});

test('a message that is repeated changes nothing, before a restart and after it', async () => {
  const shop = await Shop.open();
  const { id } = await shop.order();
  for (let n = 0; n < 3; n++) assert.is(await shop.paid(id, 200), 200);
  await shop.crash();
  assert.is(await shop.paid(id, 200), 200);
  assert.is(shop.sessions()[0]!.lots.length, 1);
  assert.not.match(shop.world.log.join(), /twice/);
});

test('two messages at once sell once, and each is answered well once it is served', async () => {
  const shop = await Shop.open();
  const { id } = await shop.order();
  const statuses = await Promise.all([shop.paid(id, 200), shop.paid(id, 200)]);
  assert.ok(statuses.every((status) => status === 200 || status === 503) && statuses.includes(200));
  assert.is(await shop.paid(id, 200), 200);
  assert.is(shop.sessions()[0]!.lots.length, 1);
});

test('an order that is paid twice is sold once, and the log names both payments', async () => {
  const shop = await Shop.open();
  const { id } = await shop.order();
  await Promise.all([shop.paid(id, 200), shop.paid(id, 200, { payment_intent: 'pi_2' })]);
  assert.is(shop.sessions()[0]!.lots.length, 1);
  // Both are on the way at once: either comes first.
  assert.match(shop.world.log.join(), /paid twice: (?:pi_1, and now pi_2|pi_2, and now pi_1)/);
});

test('money that does not fit the order sells nothing, and the log says so', async () => {
  const shop = await Shop.open();
  const { id } = await shop.order();
  assert.is(await shop.paid(id, 199), 422);
  assert.is(await shop.paid(id, 20_000), 422);
  assert.is(await shop.paid(id, 200, { currency: 'eur' }), 422);
  assert.is(await shop.paid('abcdefghjkmnpqrstvwx', 200), 404);
  assert.is(shop.sessions().length, 0);
  assert.match(shop.world.log.join(), /error hook card: money came that fits no order/);
  assert.is(await shop.paid(id, 200), 200);
});

test('what is not paid, about something else, or not signed now is no payment', async () => {
  const shop = await Shop.open();
  const { id } = await shop.order();
  assert.is(await shop.paid(id, 200, { payment_status: 'unpaid' }), 200);
  assert.is(await shop.paid(id, 200, { metadata: {} }), 200);
  assert.is(await shop.post('{"type":"customer.created","data":{}}'), 200);
  assert.is(await shop.paid(id, 200, {}, Math.floor(shop.world.clock.wall() / 1000) - 600), 400);
  assert.is(shop.sessions().length, 0);
  assert.is(shop.desk.get(id)!.state, 'open');
});

test('what the provider’s account sells besides is left alone, and the log says so', async () => {
  const shop = await Shop.open();
  const { id } = await shop.order();
  for (const other of ['cart-42', '507f1f77bcf86cd799439011', 'Y5nNDfKZ', id.slice(1)]) {
    assert.is(await shop.paid(other, 500, { currency: 'eur' }), 200);
  }
  assert.is(shop.world.log.filter((line) => /warn hook card: a payment was left alone/.test(line)).length, 4);
  assert.is(shop.sessions().length, 0);
  assert.is(shop.desk.get(id)!.state, 'open');
});

test('a customer who is gone when the money comes has a voucher, which they redeem later', async () => {
  const shop = await Shop.open();
  const made = await shop.desk.create({ hook: 'card', mac: mac(7), plan: 'data', steps: 4 });
  const { id } = (made as { value: PayOrder }).value;
  await shop.world.clock.pass(600_000);
  assert.is(await shop.paid(id, 200), 200);
  assert.is(shop.sessions(7).length, 0);
  const order = shop.desk.get(id)!;
  assert.is(order.state, 'voucher');
  await shop.join(8);
  const redeemed = await shop.world.desk.redeem(order.code!, { mac: mac(8) });
  assert.is(redeemed.ok && redeemed.value.granted.bytes, 4000);
  assert.is(await shop.paid(id, 200), 200);
  assert.is(shop.desk.get(id)!.code, order.code);
});

test('what cannot be added to the session that runs becomes a voucher', async () => {
  const shop = await Shop.open();
  const { id } = await shop.order();
  await shop.world.commands.grant({ mac: mac(1), key: 'g', reason: 'r', millis: millis(60_000) });
  assert.is(await shop.paid(id, 200), 200);
  assert.is(shop.desk.get(id)!.state, 'voucher');
});

test('a full disk is no sale, and the provider is told to come again', async () => {
  const shop = await Shop.open();
  const { id } = await shop.order();
  shop.isFull = true;
  assert.is(await shop.paid(id, 200), 503);
  shop.isFull = false;
  shop.world.journal.full = true;
  assert.is(await shop.paid(id, 200), 503);
  assert.is(shop.desk.get(id)!.state, 'paid');
  shop.world.journal.full = false;
  await shop.crash();
  await shop.join(1);
  await shop.desk.resume();
  assert.is(shop.desk.get(id)!.state, 'sold');
  assert.is(shop.sessions()[0]!.lots.length, 1);
});

test('while an order waits the device has a window, which ends when the money is there', async () => {
  const shop = await Shop.open(withWindow);
  const order = await shop.order();
  assert.ok(order.hasWindow);
  const [window] = shop.sessions();
  assert.equal([window!.state, window!.granted.bytes, window!.granted.millis], ['active', 5000, 300_000]);
  assert.is(await shop.paid(order.id, 200), 200);
  const [session, ...others] = shop.sessions();
  assert.is(others.length, 0);
  assert.equal([session!.granted.bytes, session!.granted.millis], [4000, undefined]);
});

test('a window ends by itself, and comes once an hour for a device and so often for all', async () => {
  const shop = await Shop.open(withWindow);
  await shop.order();
  await shop.world.clock.pass(301_000);
  assert.is(shop.sessions().length, 0);
  assert.not((await shop.order(1, 5)).hasWindow);
  for (const n of [2, 3]) await shop.join(n);
  assert.ok((await shop.order(2)).hasWindow);
  assert.not((await shop.order(3)).hasWindow, 'two are all');
  await shop.world.clock.pass(3_600_000);
  assert.ok((await shop.order(1, 6)).hasWindow);
});

test('a customer who asks again for the same has the same order, and only so many others', async () => {
  const shop = await Shop.open();
  assert.is((await shop.order()).id, (await shop.order()).id);
  for (let steps = 5; steps < 9; steps++) await shop.order(1, steps);
  assert.is(
    codeOf(await shop.desk.create({ hook: 'card', mac: mac(1), plan: 'data', steps: 9 })),
    'too_many_orders',
  );
  await shop.world.clock.pass(25 * 3_600_000);
  await shop.order(1, 9);
  assert.is(shop.kept.size, 1);
});

test('nobody buys with the name of an order that is not paid', async () => {
  const shop = await Shop.open();
  const { id } = await shop.order();
  const payment = { method: 'card', order: id };
  for (const key of ['k', `order ${id}`]) {
    const bought = await shop.world.commands.purchase({ mac: mac(1), plan: 'data', steps: 4, key, payment });
    assert.is(bought.ok ? 'sold' : bought.code, 'bad_payment');
  }
});

test.run();

// What was paid elsewhere, over a hub: from the number that the page shows to access or a voucher at this router.
import { randomBytes } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, methods } from '../../../src/api/control.js';
import type { PayOrder } from '../../../src/domain/pay-order.js';
import { bytes } from '../../../src/domain/units.js';
import { OrderDesk } from '../../../src/engine/order-desk.js';
import { decodePlain } from '../../../src/mqtt/message.js';
import { type OrderName, orderNames } from '../../../src/mqtt/section.js';
import { Orders } from '../../../src/orders/mqtt/orders.js';
import type { Safe } from '../../../src/ports/safe.js';
import { serviceOf } from '../../../src/wiring/service.js';
import { mac, type World, world } from '../../engine/world.js';
import { checkout, withDesk } from '../../hub/desk.js';

const currencies = new Map([['USD', 2]]);
const card = { name: 'card', router: 'cafe-north', windows: 2, windowData: bytes(5000), currencies };
/** One that the router checks itself. */
const other = { name: 'other', windows: 2, windowData: bytes(5000), currencies };

/** A router of a fleet. Starting it again is what a restart does: its orders are on the disk, MQTT's answers are not. */
class Router {
  readonly kept = new Map<string, unknown>();
  readonly world: World;
  desk!: OrderDesk;
  orders!: Orders;

  constructor(of: World) {
    this.world = of;
  }

  static async open(): Promise<Router> {
    const router = new Router(await world());
    router.start();
    router.world.portal.join(mac(1));
    await router.world.clock.pass(2000);
    return router;
  }

  start(allowed: readonly OrderName[] = orderNames): void {
    const { engine, commands, desk: vouchers, log } = this.world;
    const safe: Safe = {
      all: () => structuredClone([...this.kept]),
      put: async (name, value) => {
        if (value) this.kept.set(name, structuredClone(value));
        else this.kept.delete(name);
      },
    };
    const write = (level: string, text: string) => void log.push(`${level} ${text}`);
    this.desk = new OrderDesk(engine, { commands, vouchers }, safe, randomBytes, write);
    this.desk.hooks = [card, other];
    const sold = new Map(this.desk.methods.map((one) => [one.name, one]));
    engine.configure({ ...engine.settings, offer: { ...engine.settings.offer, methods: sold } });
    const service = serviceOf(engine, commands, vouchers, { orders: this.desk } as never);
    this.orders = new Orders({
      ...{ prefix: 'turnpike', router: 'cafe-north', allowed, warn: () => {} },
      execute: (method, args) => answer(methods[method]!, args, service),
    });
  }

  async crash(): Promise<void> {
    await this.world.crash();
    this.start();
  }

  async order(n = 1, hook = 'card'): Promise<PayOrder> {
    const made = await this.desk.create({ hook, mac: mac(n), plan: 'data', steps: 4 });
    assert.ok(made.ok, JSON.stringify(made));
    return made.value;
  }

  /** An order as it comes from the broker. @returns what goes back to it */
  async obey(order: object): Promise<{ result?: Record<string, unknown>; error?: { code: string } }> {
    const taken = await this.orders.take({ payload: Buffer.from(JSON.stringify(order)), retained: false });
    return decodePlain(taken!.payload) as Awaited<ReturnType<Router['obey']>>;
  }

  /** A hub says that an order is paid. @returns the state, or the code of the refusal */
  async told(over: object, key = 'k1'): Promise<unknown> {
    const args = { hook: 'card', amount: '2.00', currency: 'USD', reference: 'pi_1', ...over };
    const said = await this.obey({ command: 'payment_confirm', idempotency_key: key, arguments: args });
    return said.error?.code ?? said.result?.state;
  }

  lots(n = 1): number {
    return this.world.engine.accounts.book.runningOfMac(mac(n))[0]?.lots.length ?? 0;
  }
}

test('a card payment at the hub opens the gate at the router whose page showed the number, once', () =>
  withDesk([], async (hub) => {
    const router = await Router.open();
    const { number } = await router.order();
    hub.come('cafe-north');
    for (let times = 0; times < 2; times++) assert.is((await hub.stripe(checkout(number!))).status, 200);
    const [sent] = await hub.orders('cafe-north', 1);
    for (let times = 0; times < 2; times++) hub.events.reply('cafe-north', await router.obey(sent!.order));
    await hub.states('done');
    assert.is(router.lots(), 1);
    await router.crash();
    assert.is((await router.obey(sent!.order)).result?.state, 'sold', 'and after a restart');
    assert.is(router.lots(), 1);
  }));

test('for a customer who is gone the money becomes a voucher: their page has its code, and the broker has not', async () => {
  const router = await Router.open();
  const { id } = await router.order(7);
  await router.world.clock.pass(600_000);
  const args = { hook: 'card', order: id, amount: '2.00', currency: 'USD', reference: 'pi_1' };
  const said = await router.obey({ command: 'payment_confirm', idempotency_key: 'k1', arguments: args });
  const { state, code } = router.desk.get(id)!;
  assert.equal([said.result, state], [{ id, state: 'voucher' }, 'voucher']);
  const redeemed = await router.world.desk.redeem(code!, { mac: mac(1) });
  assert.ok(redeemed.ok);
});

test('money comes over a hub for a week, for the router may have been away', async () => {
  const router = await Router.open();
  const { id } = await router.order();
  const mine = await router.order(1, 'other');
  router.world.clock.now += 6 * 86_400_000;
  await router.order(2);
  assert.is(router.desk.get(mine.id), undefined, 'a day, where the router is asked itself');
  assert.is(await router.told({ order: id }), 'sold');
});

test('what does not fit the order sells nothing, and a hub speaks for its own hooks alone', async () => {
  const router = await Router.open();
  const { id } = await router.order();
  const mine = await router.order(1, 'other');
  const cases: [object, string][] = [
    [{ order: id, amount: '1.99' }, 'price_differs'],
    [{ order: id, amount: '20000' }, 'price_differs'],
    [{ order: id, amount: '-2.00' }, 'bad_argument'],
    [{ order: id, currency: 'EUR' }, 'price_differs'],
    [{ order: 'abcdefghjkmnpqrstvwx' }, 'unknown_order'],
    [{ order: mine.id }, 'unknown_order'],
    [{ order: mine.id, hook: 'other' }, 'unknown_method'],
    [{ order: id, hook: 'lightning' }, 'unknown_method'],
    [{ order: id, amount: 2 }, 'bad_argument'],
    [{ hook: 'card' }, 'bad_argument'],
  ];
  for (const [n, [word, code]] of cases.entries()) assert.is(await router.told(word, `k${n}`), code);
  assert.is(router.lots(), 0);
  assert.match(router.world.log.join(), /error hook card: money came that fits no order/);
  assert.is(await router.told({ order: id }, 'k99'), 'sold');
});

test('an order of before the owner has chosen the hub is not shown again: no hub would find its router', async () => {
  const router = await Router.open();
  router.desk.hooks = [{ ...other, name: 'card' }];
  const before = await router.order();
  router.desk.hooks = [card];
  const { id, number } = await router.order();
  assert.equal([number, id === before.id], [`${id}-cafe-north`, false]);
  assert.is((await router.order()).id, id, 'and this one is');
});

test('a router whose owner does not allow it takes no word of a hub', async () => {
  const router = await Router.open();
  const { id } = await router.order();
  router.start(orderNames.filter((name) => name !== 'payment_confirm'));
  assert.is(await router.told({ order: id }), 'not_allowed');
  assert.is(router.lots(), 0);
});

test('a full disk is no sale: the hub says it again with the same key, and then it is one', async () => {
  const router = await Router.open();
  const { id } = await router.order();
  router.world.journal.full = true;
  assert.is(await router.told({ order: id }), 'busy');
  router.world.journal.full = false;
  assert.is(await router.told({ order: id }), 'sold');
  assert.is(await router.told({ order: id, reference: 'pi_2' }), 'key_conflict');
  assert.is(router.lots(), 1);
});

test('an order that is paid twice over a hub is sold once, and the log names both payments', async () => {
  const router = await Router.open();
  const { id } = await router.order();
  assert.is(await router.told({ order: id }), 'sold');
  assert.is(await router.told({ order: id, reference: 'pi_2' }, 'k2'), 'sold');
  assert.is(router.lots(), 1);
  assert.match(router.world.log.join(), /paid twice: pi_1, and now pi_2/);
});

test.run();

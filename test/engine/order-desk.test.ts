// Orders that are paid elsewhere, where a disk refuses, many come at once, and currencies differ.
import { randomBytes } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { moneyOf, parsePrice } from '../../src/domain/money.js';
import type { PayOrder } from '../../src/domain/pay-order.js';
import { bytes, millis } from '../../src/domain/units.js';
import { OrderDesk } from '../../src/engine/order-desk.js';
import type { PaymentMethod } from '../../src/ports/payment-method.js';
import type { Safe } from '../../src/ports/safe.js';
import { closedSafe } from '../../src/store/closed-safe.js';
import { StoreError } from '../../src/store/error.js';
import { mac, plan, type World, world } from './world.js';

const card = {
  ...{ name: 'card', windows: 20, windowTime: millis(300_000), windowData: bytes(5000) },
  currencies: new Map([['USD', 2]]),
};

/** An order desk, and what it keeps. */
class Shop {
  readonly kept = new Map<string, PayOrder>();
  /** The disk refuses orders in this state. */
  refused = '';
  readonly world: World;

  constructor(of: World) {
    this.world = of;
  }

  start(others: readonly PaymentMethod[] = []): OrderDesk {
    const { engine, commands, desk: vouchers, log } = this.world;
    const safe: Safe = {
      all: () => structuredClone([...this.kept]),
      put: async (name, value) => {
        const order = structuredClone(value) as PayOrder | undefined;
        if (order && order.state === this.refused) throw Object.assign(new Error('no room'), full);
        if (order) this.kept.set(name, order);
        else this.kept.delete(name);
      },
    };
    const write = (level: string, text: string) => void log.push(`${level} ${text}`);
    const desk = new OrderDesk(engine, { commands, vouchers }, safe, randomBytes, write);
    desk.hooks = [card];
    const methods = new Map([...others, ...desk.methods].map((one) => [one.name, one]));
    engine.configure({ ...engine.settings, offer: { ...engine.settings.offer, methods } });
    return desk;
  }
}

const full = { code: 'storage_full' };
const order = (n: number, steps = 4) => ({ hook: 'card', mac: mac(n), plan: 'data', steps });

async function ordered(desk: OrderDesk, n: number): Promise<PayOrder> {
  const made = await desk.create(order(n));
  assert.ok(made.ok);
  return made.value;
}

function pay(desk: OrderDesk, { id, price }: PayOrder) {
  return desk.confirm('card', { order: id, money: moneyOf(price), reference: 'pi_1' });
}

test('an order that was sold is given no voucher too, when its customer has used it up and gone', async () => {
  const shop = new Shop(await world());
  const desk = shop.start();
  const made = await ordered(desk, 7);
  shop.refused = 'sold';
  const first = await pay(desk, made);
  assert.is(first.ok && first.value.state, 'paid', 'that it was sold is not on the disk');
  const [session] = shop.world.engine.accounts.book.runningOfMac(mac(7));
  const closing = shop.world.commands.close(session!.id, 'user');
  await shop.world.clock.pass(600_000);
  await closing;
  shop.refused = '';
  const again = await pay(desk, made);
  assert.equal(again.ok && [again.value.state, again.value.session], ['sold', session!.id]);
  assert.is(shop.world.engine.accounts.book.vouchers.size, 0);
});

test('money for an order that cannot be read now is to be told again: nobody is told that there is no such order', async () => {
  const shop = new Shop(await world());
  const made = await ordered(shop.start(), 7);
  const { engine, commands, desk: vouchers } = shop.world;
  const closed = closedSafe(new StoreError('storage_failed', 'orders: EIO'));
  const desk = new OrderDesk(engine, { commands, vouchers }, closed, randomBytes, () => {});
  desk.hooks = [card];
  const refused = await pay(desk, made);
  assert.equal(refused, { ok: false, code: 'storage_failed', message: 'orders: EIO' });
  const mended = await pay(shop.start(), made);
  assert.is(mended.ok && mended.value.reference, 'pi_1');
});

test('orders that come at once are no more than a device may have, and one of them has a window', async () => {
  const shop = new Shop(await world());
  const desk = shop.start();
  const made = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((steps) => desk.create(order(1, steps))));
  const orders = made.flatMap((one) => (one.ok ? [one.value] : []));
  assert.is(orders.length, 5);
  assert.is(orders.filter(({ hasWindow }) => hasWindow).length, 1);
  const same = await Promise.all([1, 2].map(() => desk.create(order(2))));
  assert.is(new Set(same.map((one) => one.ok && one.value.id)).size, 1);
});

test('the voucher of an order counts as what was paid for it, in its own currency', async () => {
  const shop = new Shop(await world());
  const prices = ['3.00 EUR', '0.50 USD'].map((text) => parsePrice(text)!);
  const { settings } = shop.world.engine;
  const plans = new Map([['data', plan('data', { prices })]]);
  shop.world.engine.configure({ ...settings, offer: { ...settings.offer, plans } });
  const desk = shop.start([{ name: 'cash', currencies: new Map([['EUR', 2]]) }]);
  const made = await ordered(desk, 7);
  await shop.world.clock.pass(600_000);
  const paid = await pay(desk, made);
  assert.is(paid.ok && paid.value.state, 'voucher');
  const [voucher] = shop.world.engine.accounts.book.vouchers.all();
  assert.equal(voucher!.batch.price, { currency: 'USD', decimals: 2, amount: 200n });
});

test('where no more orders are kept, the oldest that its customer has had makes room, and no other', async () => {
  const shop = new Shop(await world());
  const first = await ordered(shop.start(), 1);
  const states = ['paid', 'voucher', 'open', 'sold'] as const;
  for (let n = shop.kept.size; n < 2000; n++) {
    const id = `order${n}`;
    shop.kept.set(id, { ...first, id, mac: mac(9), at: first.at + n, state: states[n % 4] ?? 'sold' });
  }
  const desk = shop.start();
  assert.ok((await desk.create(order(2))).ok);
  assert.is(shop.kept.size, 2000);
  assert.not(shop.kept.has('order3'));
  assert.ok(['order1', 'order2', 'order4', 'order7'].every((id) => shop.kept.has(id)));
});

test.run();

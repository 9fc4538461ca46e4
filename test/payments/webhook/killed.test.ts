// A payment provider's webhook, at a router that is killed at every step: what is paid is access or a voucher, once.
import { randomBytes } from 'node:crypto';
import Stripe from 'stripe';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PayOrder } from '../../../src/domain/pay-order.js';
import { bytes, millis } from '../../../src/domain/units.js';
import { voucherState } from '../../../src/domain/voucher.js';
import { OrderDesk } from '../../../src/engine/order-desk.js';
import { hookSite } from '../../../src/payments/webhook/site.js';
import type { WebRequest } from '../../../src/ports/web.js';
import { Mortal } from '../../engine/mortal.js';
import { mac } from '../../engine/world.js';

/** Kills that come later than the last step kill nothing. */
const moreStepsThanAny = 60;
const secret = 'whsec_of_stripe_0001';
const card = {
  ...{
    name: 'card',
    takes: 'payments' as const,
    signature: 'stripe' as const,
    secrets: [secret],
    windows: 2,
  },
  ...{ windowTime: millis(300_000), windowData: bytes(5000), currencies: new Map([['USD', 2]]) },
};

class Shop {
  readonly router: Mortal;
  readonly #kept = new Map<string, unknown>();
  desk!: OrderDesk;

  constructor(router: Mortal) {
    this.router = router;
    this.#start();
  }

  static async open(keeps: boolean): Promise<Shop> {
    const shop = new Shop(await Mortal.open(keeps));
    shop.router.portal.join(mac(1));
    await shop.router.world.clock.pass(2000);
    return shop;
  }

  #start(): void {
    const { engine, commands, desk: vouchers, log } = this.router.world;
    const write = (level: string, text: string) => void log.push(`${level} ${text}`);
    this.desk = new OrderDesk(
      engine,
      { commands, vouchers },
      this.router.safe(this.#kept),
      randomBytes,
      write,
    );
    this.desk.hooks = [card];
    const methods = new Map(this.desk.methods.map((one) => [one.name, one]));
    engine.configure({ ...engine.settings, offer: { ...engine.settings.offer, methods } });
  }

  async crash(): Promise<void> {
    await this.router.crash();
    this.#start();
    await this.desk.resume();
    await this.router.world.clock.pass(2000);
  }

  async order(n: number): Promise<PayOrder> {
    const made = await this.desk.create({ hook: 'card', mac: mac(n), plan: 'data', steps: 4 });
    assert.ok(made.ok, JSON.stringify(made));
    return made.value;
  }

  /** Stripe says that a checkout is paid. @returns the status that it gets */
  async paid(order: string): Promise<number> {
    const object = {
      ...{ object: 'checkout.session', payment_status: 'paid', amount_total: 200, currency: 'usd' },
      ...{ metadata: { order }, payment_intent: 'pi_1' },
    };
    const payload = JSON.stringify({ id: 'evt_1', type: 'checkout.session.completed', data: { object } });
    const { clock } = this.router.world;
    const signed = { payload, secret, timestamp: Math.floor(clock.wall() / 1000) };
    const header = await Stripe.webhooks.generateTestHeaderStringAsync(signed);
    const site = hookSite(
      [card],
      {
        confirm: (hook, paid) => this.desk.confirm(hook, paid),
        logOut: () => Promise.reject(new Error('nobody logs out here')),
      },
      { clock, log: () => {} },
    )!;
    const headers = { 'stripe-signature': header };
    const request = { params: { name: 'card' }, headers, body: Buffer.from(payload) };
    return (await site.routes[0]!.handle(request as unknown as WebRequest)).status;
  }

  /** A provider goes on until it has heard 200. @returns whether the router was killed */
  async paidKilledAt(step: number, order: string): Promise<boolean> {
    this.router.killIn = step;
    const status = await this.router.until(this.paid(order));
    this.router.killIn = undefined;
    if (!this.router.isDead) return false;
    await this.crash();
    if (status !== 200) assert.is(await this.paid(order), 200, `step ${step}`);
    return true;
  }

  /** Bytes that were sold for money, in sessions. */
  sold(): number {
    const lots = [...this.router.world.engine.accounts.book.all()].flatMap((session) => session.lots);
    const paid = lots.filter(({ funding }) => funding.paid !== undefined);
    return paid.length === 0 ? 0 : paid.reduce((sum, { steps }) => sum + steps * 1000, 0);
  }
}

for (const keeps of [true, false]) {
  const words = keeps ? 'with' : 'without';

  test(`killed at any step, ${words} what was not synced: what was paid is sold once`, async () => {
    let kills = 0;
    for (let step = 0; step < moreStepsThanAny; step++) {
      const shop = await Shop.open(keeps);
      const { id } = await shop.order(1);
      if (!(await shop.paidKilledAt(step, id))) break;
      kills += 1;
      const { state } = shop.desk.get(id)!;
      // Who was not seen since the start may have a voucher, which is worth the same.
      assert.ok(state === 'sold' || state === 'voucher', `step ${step}: ${state}`);
      assert.is(shop.sold(), state === 'sold' ? 4000 : 0, `step ${step}`);
      assert.is(await shop.paid(id), 200);
      assert.is(shop.sold(), state === 'sold' ? 4000 : 0, `step ${step}: said again`);
      if (state === 'voucher') await redeemed(shop, id, step);
    }
    assert.ok(kills > 8 && kills < moreStepsThanAny, `${kills} kills`);
  });

  test(`killed at any step, ${words} what was not synced: who is gone has one voucher that is worth all of it`, async () => {
    let kills = 0;
    for (let step = 0; step < moreStepsThanAny; step++) {
      const shop = await Shop.open(keeps);
      const { id } = await shop.order(7);
      shop.router.world.clock.now += 600_000;
      if (!(await shop.paidKilledAt(step, id))) break;
      kills += 1;
      assert.is(shop.desk.get(id)!.state, 'voucher', `step ${step}`);
      await redeemed(shop, id, step);
    }
    assert.ok(kills > 4 && kills < moreStepsThanAny, `${kills} kills`);
  });
}

/** The voucher of the order is good, and there is no other one. */
async function redeemed(shop: Shop, id: string, step: number): Promise<void> {
  const { world } = shop.router;
  const { code } = shop.desk.get(id)!;
  const good = [...world.engine.accounts.book.vouchers.all()].filter(
    (one) => voucherState(one, 0) === 'unused',
  );
  assert.is(good.length, 1, `step ${step}`);
  const done = await world.desk.redeem(code!, { mac: mac(1) });
  assert.ok(done.ok, `step ${step}: ${done.ok ? '' : done.message}`);
  assert.is(shop.sold(), 4000, `step ${step}`);
}

test.run();

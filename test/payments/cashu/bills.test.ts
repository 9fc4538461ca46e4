// Lightning by the invoices of a mint in this process: from the order to access, a voucher or a token.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PayOrder } from '../../../src/domain/pay-order.js';
import { mac } from '../../engine/world.js';
import { CashuShop, customer } from './shop.js';
import { checkSums } from './sums.js';

async function ordered(shop: CashuShop, steps = 1, who = customer): Promise<PayOrder> {
  const made = await shop.order(steps, who);
  assert.ok(made.ok, JSON.stringify(made));
  return made.value;
}

const running = (shop: CashuShop, n = 1) => shop.world.engine.accounts.book.runningOfMac(mac(n));
const everyone = { customers: [], owner: [] };

test('an invoice over the price is shown, and what is paid for it is sold once', async () => {
  const shop = await CashuShop.open(undefined, true);
  const order = await ordered(shop, 3);
  assert.is(order.request, shop.mint.invoices.get('quote1')!.request);
  assert.is((await ordered(shop, 3)).request, order.request, 'the same one each time');
  await shop.world.clock.pass(10_000);
  assert.is(shop.orders.get(order.id)!.state, 'open');
  shop.mint.payAll();
  await shop.world.clock.pass(10_000);
  assert.is(shop.orders.get(order.id)!.state, 'sold');
  assert.is(running(shop)[0]!.granted.bytes, 3000);
  await shop.world.clock.pass(600_000);
  assert.is(running(shop)[0]!.lots.length, 1);
  assert.is(shop.mint.outstanding, 30);
  checkSums(shop, everyone);
});

test('a mint that makes an invoice over another amount gets no customer of ours', async () => {
  const shop = await CashuShop.open(undefined, true);
  for (const sats of [11, 9, 1000]) {
    shop.mint.invoiceOver = () => `lnbc${sats * 10}n1${'q'.repeat(200)}`;
    const made = await shop.order();
    assert.is(made.ok ? '' : made.code, 'upstream_silent', `${sats}`);
  }
  assert.is(shop.orderSafe.kept.size, 0);
});

test('a mint that has no Lightning is no trouble for those who pay with tokens', async () => {
  const shop = await CashuShop.open(undefined, true);
  shop.mint.fault = (path) => (path.startsWith('/v1/mint/') ? 'unknown' : undefined);
  const made = await shop.order();
  assert.is(made.ok ? '' : made.code, 'upstream_silent');
  const quoted = shop.world.commands.quote({ plan: 'sats' }, 'cashu');
  assert.ok(quoted.ok && quoted.value.payment.some(({ method }) => method === 'cashu'));
  assert.ok((await shop.buy({ token: shop.mint.token(10), key: 'k' })).ok);
});

test('a customer who was gone when they paid has a voucher', async () => {
  const shop = await CashuShop.open(undefined, true);
  const order = await ordered(shop, 2, mac(7));
  await shop.world.clock.pass(600_000);
  shop.mint.payAll();
  await shop.world.clock.pass(61_000);
  const { state, code } = shop.orders.get(order.id)!;
  assert.is(state, 'voucher');
  assert.ok(code);
  assert.is(shop.method.held!()[0]!.seller.amount, 20n, 'the money is the owner’s, who owes the voucher');
});

test('steps that were not begun go back as a token, as for any other money of a mint', async () => {
  const shop = await CashuShop.open(undefined, true);
  await ordered(shop, 7);
  shop.mint.payAll();
  await shop.world.clock.pass(10_000);
  const [{ id } = { id: '' }] = running(shop);
  shop.world.portal.carry(customer, 1000, 500);
  await shop.world.clock.pass(2000);
  await shop.world.commands.close(id, 'admin');
  await shop.world.clock.pass(1000);
  const [back] = await shop.returned();
  assert.is(back!.money.amount, 50n);
  assert.ok(shop.mint.areGood(shop.proofs(back!.token)));
  checkSums(shop, everyone);
});

test('an invoice that nobody paid in its time is over on the page, and forgotten later', async () => {
  const shop = await CashuShop.open(undefined, true);
  const { clock } = shop.world;
  shop.mint.expiry = Math.floor(clock.wall() / 1000) + 600;
  const order = await ordered(shop);
  assert.ok(order.until <= clock.wall() + 600_000);
  await clock.pass(601_000);
  shop.mint.expiry += 1200;
  const again = await ordered(shop);
  assert.is.not(again.request, order.request);
  await clock.pass(9_000_000);
  assert.is(shop.safe.kept.size, 0);
});

test('an invoice that is over when it is made is shown to nobody, and not kept', async () => {
  const shop = await CashuShop.open(undefined, true);
  shop.mint.expiry = Math.floor(shop.world.clock.wall() / 1000) - 10;
  const made = await shop.order();
  assert.is(made.ok ? '' : made.code, 'upstream_silent');
  assert.is(shop.safe.kept.size + shop.orderSafe.kept.size, 0);
  assert.ok(shop.world.log.some((line) => /is the clock right/.test(line)));
});

test('what is paid to a mint that was taken out of the configuration is served, and the money can be taken out', async () => {
  const shop = await CashuShop.open(undefined, true);
  const { id } = await ordered(shop, 3);
  const [before] = shop.places;
  shop.places = [{ ...before!, url: 'https://another-mint.example' }];
  await shop.crash();
  shop.world.portal.join(customer);
  shop.mint.payAll();
  await shop.world.clock.pass(61_000);
  assert.is(shop.orders.get(id)!.state, 'sold');
  const places = shop.method.held!().map(({ place }) => place);
  assert.equal(places, ['https://another-mint.example', before!.url]);
  await shop.world.commands.close(running(shop)[0]!.id, 'admin');
  await shop.world.clock.pass(1000);
  assert.is((await shop.returned())[0]!.money.amount, 30n, 'none of it was used');
  checkSums(shop, everyone);
});

test('invoices that somebody makes with many addresses keep no customer from theirs for longer than ten minutes', async () => {
  const shop = await CashuShop.open(undefined, true);
  for (let n = 0; n < 100; n++) await ordered(shop, 1 + (n % 5), mac(100 + Math.floor(n / 5)));
  const made = await shop.order();
  assert.is(made.ok ? '' : made.code, 'too_many_orders');
  shop.world.clock.now += 600_000;
  const { id } = await ordered(shop);
  shop.mint.payAll();
  await shop.world.clock.pass(61_000);
  assert.is(shop.orders.get(id)!.state, 'sold');
  const others = [...shop.orderSafe.kept.values()].filter((one) => (one as PayOrder).id !== id);
  assert.ok(
    others.every((one) => (one as PayOrder).state === 'voucher'),
    'and whoever pays late has a voucher',
  );
});

test('no more invoices are made than the router can look after, those that are over with them', async () => {
  const shop = await CashuShop.open(undefined, true);
  await ordered(shop);
  const [id, entry] = [...(shop.safe.kept as Map<string, { bill: object }>)][0]!;
  const over = { ...entry, bill: { ...entry.bill, until: 1 } };
  for (let n = 1; n < 1_000; n++) shop.safe.kept.set(`${id}-${n}`, { ...over, id: `${id}-${n}` });
  await shop.crash();
  const made = await shop.order(2);
  assert.is(made.ok ? '' : made.code, 'too_many_orders');
});

test('an order whose plan is gone when it is paid waits for the plan, and nothing is written until then', async () => {
  const shop = await CashuShop.open(undefined, true);
  const { engine, clock } = shop.world;
  const { id } = await ordered(shop, 2);
  const { offer } = engine.settings;
  engine.configure({ ...engine.settings, offer: { ...offer, plans: new Map() } });
  shop.mint.payAll();
  await clock.pass(3_600_000);
  const { state, vouchers } = shop.orders.get(id)!;
  assert.equal({ state, vouchers }, { state: 'paid', vouchers: 0 });
  engine.configure({ ...engine.settings, offer });
  await clock.pass(601_000);
  assert.is(shop.orders.get(id)!.state, 'sold');
});

test('while the mint is away nobody is shown Lightning, and what was paid meanwhile is sold when it is back', async () => {
  const shop = await CashuShop.open(undefined, true);
  const order = await ordered(shop);
  shop.mint.payAll();
  shop.mint.fault = () => 'trouble';
  await shop.world.clock.pass(120_000);
  const ways = shop.world.commands.quote({ plan: 'sats' }, 'lightning');
  assert.ok(ways.ok && !ways.value.payment.some(({ method }) => method === 'lightning'));
  assert.not.ok((await shop.order(2)).ok);
  shop.mint.fault = () => undefined;
  await shop.world.clock.pass(70_000);
  assert.is(shop.orders.get(order.id)!.state, 'sold');
});

test('an order that was forgotten while the mint was away is paid back as a token', async () => {
  const shop = await CashuShop.open(undefined, true);
  const { id } = await ordered(shop, 2);
  shop.mint.payAll();
  shop.orderSafe.kept.delete(id);
  await shop.crash();
  await shop.world.clock.pass(70_000);
  const [back] = await shop.returned();
  assert.is(back!.money.amount, 20n);
  assert.is(running(shop).length, 0);
});

test('new keys of the mint are taken up when an invoice is redeemed', async () => {
  const shop = await CashuShop.open(undefined, true);
  await shop.buy({ token: shop.mint.token(10), key: 'k' });
  const order = await ordered(shop);
  shop.mint.rotate();
  shop.mint.payAll();
  await shop.world.clock.pass(10_000);
  assert.is(shop.orders.get(order.id)!.state, 'sold');
});

test('a full disk shows no invoice that nobody would know of', async () => {
  const shop = await CashuShop.open(undefined, true);
  shop.safe.full = true;
  const made = await shop.order();
  assert.is(made.ok ? '' : made.code, 'storage_full');
  shop.safe.full = false;
  shop.orderSafe.full = true;
  assert.not.ok((await shop.order()).ok);
});

test('killed at any step, and with every answer lost once, what was paid is sold once', async () => {
  let kills = 0;
  for (let step = 0; step < 40; step++) {
    const shop = await CashuShop.open(undefined, true);
    const order = await ordered(shop, 3);
    shop.mint.payAll();
    let lost = 0;
    shop.mint.fault = (path) => (path.startsWith('/v1/mint/') && lost++ % 2 === 0 ? 'unanswered' : undefined);
    shop.killIn = step;
    await shop.until(shop.world.clock.pass(60_000));
    const { isDead } = shop;
    await shop.crash();
    await shop.world.clock.pass(180_000);
    const { state } = shop.orders.get(order.id)!;
    assert.is(state, 'sold', `step ${step}`);
    assert.is([...shop.world.engine.accounts.book.all()].length, 1, `step ${step}`);
    assert.is(running(shop)[0]!.granted.bytes, 3000);
    assert.is(shop.mint.outstanding, 30);
    checkSums(shop, everyone);
    if (!isDead) break;
    kills += 1;
  }
  assert.ok(kills > 8 && kills < 40, `${kills} kills`);
});

test.run();

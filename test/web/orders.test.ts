// What a customer sees who pays elsewhere: from the plan, over the order, to access or a voucher.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mac } from '../engine/world.js';
import { decode } from '../luci-app/scan.js';
import { invoice, join, type Stage, stage } from './stage.js';

const test = suite<{ s: Stage }>('orders on the page');
test.before.each(async (c) => {
  c.s = await stage({ hooks: ['card'], whereToBuy: 'Or send it to 0700 555 010.' });
});
test.after.each((c) => c.s.end());

const threeSteps = { plan: 'data', steps: '3', hook: 'card' };

/** Orders as that phone. @returns the address of the order, and its id */
async function order(s: Stage, phone: number, fields = threeSteps): Promise<{ path: string; id: string }> {
  const { status, location = '' } = await s.post(phone, '/order', fields);
  assert.is(status, 303);
  assert.match(location, /^\/order\/[a-z0-9]{16,40}$/);
  return { path: location, id: location.slice('/order/'.length) };
}

/** What a camera reads of the code on a page. */
function read(body: string): string | undefined {
  const [, wide] = /class="q" viewBox="0 0 (\d+) /.exec(body)!;
  const size = Number(wide);
  const scale = 3;
  const pixels = new Uint8ClampedArray((size * scale) ** 2 * 4).fill(255);
  for (const [, x, y] of body.matchAll(/M(\d+),(\d+)h1v1h-1z/g)) {
    for (let at = 0; at < scale * scale; at++) {
      const [column, row] = [Number(x) * scale + (at % scale), Number(y) * scale + Math.floor(at / scale)];
      pixels.fill(0, (row * size * scale + column) * 4, (row * size * scale + column) * 4 + 3);
    }
  }
  return decode(pixels, size * scale, size * scale);
}

/** The provider says that it is paid. */
async function pay(s: Stage, id: string, hook = 'card'): Promise<void> {
  const money = { currency: 'USD', decimals: 2, amount: 15n };
  const paid = await s.shop.orders.confirm(hook, { order: id, money, reference: 'payment 1' });
  assert.ok(paid.ok);
}

test('a plan offers each provider whose currency fits, and no code for a till beside it', async ({ s }) => {
  await join(s, 1);
  const { body } = await s.ask(1, '/plan/data?steps=3');
  assert.match(body, 'By app or card: <bdi>card</bdi>');
  assert.match(body, 'Order for $0.15');
  assert.not.match((await s.ask(1, '/plan/sats')).body, 'By app or card');
});

test('an order that a hub is told of shows the router’s name behind its reference', async () => {
  const s = await stage({ hooks: ['hub'] });
  await join(s, 1);
  const { path, id } = await order(s, 1, { ...threeSteps, hook: 'hub' });
  assert.match((await s.ask(1, path)).body, `>${id}-cafe-north<`);
  await s.end();
});

test('an order shows what it gives, its price, its reference and until when, the same one each time', async ({
  s,
}) => {
  await join(s, 1);
  const { path, id } = await order(s, 1);
  const { body } = await s.ask(1, path);
  const shown = ['Data, 10 MB a step × 3', '$0.15', `>${id}<`, 'Pay within 1 hr.', '0700 555 010'];
  for (const words of shown) assert.ok(body.includes(words), words);
  assert.match(body, '<noscript><meta http-equiv="refresh" content="5"></noscript>');
  assert.is((await order(s, 1)).id, id);
});

test('while the money is on its way the device has the window that the owner allows', async ({ s }) => {
  await join(s, 1);
  const { path } = await order(s, 1);
  assert.match((await s.ask(1, path)).body, 'Your device has Internet for a short while');
  assert.is(s.w.engine.accounts.book.runningOfMac(mac(1)).length, 1);
});

test('when it is paid, the page leads to what was bought, with a script and without', async ({ s }) => {
  await join(s, 1);
  const { path, id } = await order(s, 1);
  const state = async () => JSON.parse((await s.ask(1, `${path}/status.json`)).body).state as string;
  assert.is(await state(), 'open');
  await pay(s, id);
  assert.is(await state(), 'sold');
  assert.is((await s.ask(1, path)).location, '/status');
  assert.match((await s.ask(1, '/status')).body, '30 MB of 30 MB left');
});

test('an order that became a voucher shows it, and one button redeems it', async ({ s }) => {
  const { path, id } = await order(s, 1);
  // The window has ended, and the customer was gone for long when the money came.
  await s.w.clock.pass(400_000);
  await pay(s, id);
  await join(s, 1);
  const { body } = await s.ask(1, path);
  assert.match(body, 'Your payment is there. This voucher gives you what you ordered:');
  const [, code] = /name="code" value="([^"]+)"/.exec(body)!;
  assert.ok(body.includes(`>${code}<`));
  assert.is((await s.post(1, '/voucher', { code: code! })).location, '/status');
  assert.match((await s.ask(1, '/')).body, '30 MB of 30 MB left');
});

test('an order by Lightning shows the invoice to scan, to open and to copy, and leads on when it is paid', async () => {
  const s = await stage({ hooks: ['lightning'], whereToBuy: 'Or send it to 0700 555 010.' });
  try {
    await join(s, 1);
    const { body: plan } = await s.ask(1, '/plan/data?steps=3');
    assert.match(plan, 'Bitcoin over Lightning');
    assert.not.match(plan, 'By app or card');
    const { path, id } = await order(s, 1, { ...threeSteps, hook: 'lightning' });
    const { body, headers } = await s.ask(1, path);
    assert.ok(body.includes(`href="lightning:${invoice}"`));
    assert.ok(body.includes(`readonly dir="ltr">${invoice}</textarea>`));
    assert.is(read(body), `LIGHTNING:${invoice.toUpperCase()}`);
    assert.not.match(String(headers['content-security-policy']), 'unsafe');
    assert.not.match(body, '0700 555 010');
    await pay(s, id, 'lightning');
    assert.is((await s.ask(1, path)).location, '/status');
  } finally {
    await s.end();
  }
});

test('another device sees nothing of an order, whatever it is', async ({ s }) => {
  const { path, id } = await order(s, 1);
  await join(s, 2);
  const unknown = async () => {
    const { body } = await s.ask(2, path);
    assert.match(body, 'This device has no such order.');
    assert.not.match(body, /Data, 10 MB|0\.15|name="code"/);
    assert.is((await s.ask(2, `${path}/status.json`)).body, '{"state":"none"}');
  };
  await unknown();
  await s.w.clock.pass(400_000);
  await pay(s, id);
  await unknown();
  assert.match((await s.ask(250, path)).body, 'This device has no such order.');
});

test('after an hour the page says not to pay, and money that comes all the same is taken', async ({ s }) => {
  await join(s, 1);
  const { path, id } = await order(s, 1);
  await s.w.clock.pass(3_600_000);
  const { body } = await s.ask(1, path);
  assert.match(body, 'The time to pay is over.');
  assert.not.match(body, `>${id}<`);
  await pay(s, id);
  assert.is((await s.ask(1, path)).location, '/status');
});

test('what cannot be ordered is told in words: another provider, another currency, too many', async ({
  s,
}) => {
  await join(s, 1);
  const refused = async (fields: typeof threeSteps) => (await s.post(1, '/order', fields)).body;
  for (const hook of ['cash', 'token', 'none']) {
    assert.match(await refused({ ...threeSteps, hook }), 'The payment was not taken.');
  }
  assert.match(await refused({ ...threeSteps, plan: 'sats' }), 'This is not for sale any more.');
  assert.match(await refused({ ...threeSteps, plan: 'gift' }), 'This is not for sale any more.');
  for (const steps of ['1', '2', '3', '4', '5']) await order(s, 1, { ...threeSteps, steps });
  assert.match(await refused({ ...threeSteps, steps: '6' }), 'Too many orders wait to be paid.');
});

test('who looked at many prices and paid none orders again an hour later', async ({ s }) => {
  await join(s, 1);
  for (const steps of ['1', '2', '3', '4', '5']) await order(s, 1, { ...threeSteps, steps });
  await s.w.clock.pass(3_600_000);
  await order(s, 1, { ...threeSteps, steps: '6' });
});

test('nobody takes an order’s goods with the form of other methods', async ({ s }) => {
  await join(s, 1);
  const { id } = await order(s, 1);
  const bought = await s.post(1, '/buy', { plan: 'data', steps: '3', method: 'card', order: id, key: 'k' });
  assert.match(bought.body, 'The payment was not taken.');
});

test('an order that the router cannot read now is not said to be none, and is looked for again', async ({
  s,
}) => {
  await join(s, 1);
  const { path } = await order(s, 1);
  const { orders } = s.shop;
  const unread = { ok: false, code: 'storage_failed', message: 'orders: EIO' } as const;
  Object.assign(s.shop, { orders: { create: orders.create, get: () => undefined, unread } });
  const { body } = await s.ask(1, path);
  assert.match(body, 'cannot look your order up at the moment');
  assert.match(body, '<noscript><meta http-equiv="refresh" content="5"></noscript>');
  assert.equal(JSON.parse((await s.ask(1, `${path}/status.json`)).body), { state: 'unread' });
});

test.run();

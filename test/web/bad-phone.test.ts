// Customers whose phone, browser or connection is bad: they tap twice, lose answers, go back, and have no new script.
import { request } from 'node:http';
import { createContext, runInContext } from 'node:vm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentMethod } from '../../src/ports/payment-method.js';
import { script } from '../../src/web/script.js';
import { styleOf } from '../../src/web/style.js';
import { mac } from '../engine/world.js';
import { fieldOf, join, type Stage, stage } from './stage.js';

const test = suite<{ s: Stage }>('a bad phone');
test.before.each(async (c) => {
  c.s = await stage();
  for (const phone of [1, 2]) await join(c.s, phone);
});
test.after.each((c) => c.s.end());

/** Taps a button twice: the browser sends both, and shows the answer to the second. */
const twice = ({ post }: Stage, path: string, fields: Readonly<Record<string, string>>) =>
  Promise.all([post(1, path, fields), post(1, path, fields)]);

async function voucher({ w }: Stage): Promise<string> {
  const made = await w.desk.create({ plan: 'data', count: 1, reuse: false, key: 'v' });
  assert.ok(made.ok);
  return made.value.codes[0]!;
}

async function order(s: Stage): Promise<Record<string, string>> {
  const { body } = await s.ask(1, '/plan/data?steps=3');
  return {
    ...{ plan: 'data', steps: '3', method: 'token', currency: 'USD', code: 'good' },
    key: fieldOf(body, 'key'),
  };
}

/** Buys at the till, where what is left is given back. */
async function buyAtTill(s: Stage): Promise<void> {
  const payment = { method: 'cash', reference: 'till' };
  const sold = await s.shop.purchase({ mac: mac(1), plan: 'data', steps: 3, payment, key: 'till-1' });
  assert.ok(sold.ok);
}

test('a button that is tapped twice buys once, and both answers lead to what was bought', async ({ s }) => {
  const answers = await twice(s, '/buy', await order(s));
  assert.equal(
    answers.map(({ location }) => location),
    ['/status', '/status'],
  );
  assert.match((await s.ask(1, '/')).body, '30 MB of 30 MB left');
});

test('a voucher, or the code of another device, that is sent twice is taken without a complaint', async ({
  s,
}) => {
  const redeemed = await twice(s, '/voucher', { code: await voucher(s) });
  const { body } = await s.post(1, '/carry', {});
  const [, code = ''] = /class="k" dir="ltr">([^<]+)</.exec(body)!;
  const carried = [await s.post(2, '/carried', { code }), await s.post(2, '/carried', { code })];
  for (const { location } of [...redeemed, ...carried]) assert.is(location, '/status');
});

test('two tabs buy twice, and what was bought adds up', async ({ s }) => {
  const orders = [await order(s), await order(s)];
  const answers = await Promise.all(orders.map((one) => s.post(1, '/buy', one)));
  for (const { location } of answers) assert.is(location, '/status');
  assert.match((await s.ask(1, '/')).body, '60 MB of 60 MB left');
});

test('who loses the answer while buying sends the form again, and has bought once', async ({ s }) => {
  const body = String(new URLSearchParams(await order(s)));
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length };
  const from = { host: '127.0.0.1', port: s.port, localAddress: '127.0.0.1', agent: false as const };
  await new Promise<void>((resolve) => {
    const asked = request({ ...from, path: '/buy', method: 'POST', headers });
    asked.on('error', () => {}).on('close', resolve);
    asked.end(body, () => asked.destroy());
  });
  assert.is((await s.post(1, '/buy', Object.fromEntries(new URLSearchParams(body)))).location, '/status');
  assert.match((await s.ask(1, '/')).body, '30 MB of 30 MB left');
});

test('a form from before, sent again after leaving, takes no money and opens nothing', async ({ s }) => {
  const before = await order(s);
  await s.post(1, '/buy', before);
  await s.post(1, '/leave', {});
  assert.is((await s.post(1, '/buy', before)).location, '/status');
  assert.is((await s.ask(1, '/status')).location, '/');
  assert.is(s.w.engine.accounts.book.runningOfMac(mac(1)).length, 0);
});

test('who leaves with two taps sees what goes back and what to show at the till, and finds it again', async ({
  s,
}) => {
  await buyAtTill(s);
  const answers = [
    ...(await twice(s, '/leave', {})),
    await s.post(1, '/leave', {}),
    await s.ask(1, '/leave'),
  ];
  const [id] = /<p class="k">([^<]+)</.exec(answers[0]!.body)!.slice(1);
  for (const { body } of answers) {
    assert.match(body, '$0.15 goes back to you.');
    assert.is(/<p class="k">([^<]+)</.exec(body)?.[1], id);
  }
  const { body } = await s.ask(1, '/');
  assert.match(body, '<a class="b s" href="/leave">$0.15 goes back to you.</a>');
});

test('what a customer can ask for at the till is shown to nobody else, and not for long', async ({ s }) => {
  await buyAtTill(s);
  await s.post(1, '/leave', {});
  for (const path of ['/', '/leave']) assert.not.match((await s.ask(2, path)).body, 'goes back');
  assert.is((await s.post(2, '/leave', {})).location, '/');
  await s.w.clock.pass(15 * 60_000 + 1_000);
  for (const path of ['/', '/leave']) assert.not.match((await s.ask(1, path)).body, 'goes back');
  assert.is((await s.post(1, '/leave', {})).location, '/');
});

test('who paid with tokens has a token of what goes back, and nothing to show at the till once it is spent', async ({
  s,
}) => {
  const { settings } = s.w.engine;
  let tokens = [{ reference: 't1', money: { currency: 'USD', decimals: 2, amount: 15n }, token: 'cashuB1' }];
  const cashu: PaymentMethod = {
    ...{ name: 'cashu', currencies: new Map([['USD', 2]]) },
    charge: async () => ({ ok: true, value: { reference: 't1' } }),
    returned: async () => tokens,
  };
  const methods = new Map([...settings.offer.methods, ['cashu', cashu]]);
  s.w.engine.configure({ ...settings, offer: { ...settings.offer, methods } });
  const payment = { method: 'cashu' };
  const sold = await s.shop.purchase({ mac: mac(1), plan: 'data', steps: 3, payment, key: 'token-1' });
  assert.ok(sold.ok);
  assert.match((await s.post(1, '/leave', {})).body, 'cashuB1');
  tokens = [];
  for (const path of ['/', '/leave']) assert.not.match((await s.ask(1, path)).body, /at the till|class="k"/);
});

test('no customer uses up a key that a server of the owner’s is going to sell with', async ({ s }) => {
  await s.post(2, '/buy', { plan: 'taste', steps: '1', method: 'free', key: 'till-1' });
  assert.match((await s.ask(2, '/')).body, '5 MB of 5 MB left');
  await buyAtTill(s);
});

test('what can be touched looks so in a browser without custom properties', () => {
  const rules = styleOf('#ffcc00').match(/[^{}]+\{[^{}]*\}/g)!;
  const old = rules.map((rule) => rule.replace(/[\w-]+:[^;{}]*var\([^;{}]*;?/g, ''));
  const of = (selector: string) => old.find((rule) => rule.startsWith(`${selector}{`))!;
  assert.match(of('.b,button'), 'background:#ffcc00;color:#000');
  for (const selector of ['.s', 'input,textarea']) assert.match(of(selector), 'border:1px solid #');
});

test('a browser without fetch keeps its numbers fresh, and survives an answer that is none', () => {
  const elements: Record<string, { textContent?: string; value?: number }> = {
    left_bytes: { textContent: '10 MB' },
    bar_bytes: { value: 1000 },
  };
  const live = { getAttribute: (name: string) => (name === 'data-live' ? '/status.json' : 'active') };
  const replies = [
    '<html>',
    '{"state":"active","texts":{"left_bytes":"6 MB","none":""},"bars":{"bar_bytes":600}}',
  ];
  const later: (() => void)[] = [];
  let reloads = 0;
  class Asker {
    readyState = 0;
    responseText = '';
    onreadystatechange = () => {};
    open(method: string, path: string): void {
      assert.equal([method, path], ['GET', '/status.json']);
    }
    setRequestHeader(): void {}
    send(): void {
      this.responseText = replies.shift() ?? '{"state":"expired"}';
      this.readyState = 4;
      this.onreadystatechange();
    }
  }
  const document = { getElementById: (id: string) => elements[id] ?? null, querySelector: () => live };
  const location = { hash: '', pathname: '/', search: '', reload: () => (reloads += 1) };
  const world = {
    document,
    location,
    XMLHttpRequest: Asker,
    setTimeout: (work: () => void) => later.push(work),
  };
  runInContext(script, createContext({ ...world, history: {}, window: {} }));
  for (let turn = 0; turn < 2; turn += 1) later.shift()!();
  assert.equal([elements.left_bytes, elements.bar_bytes], [{ textContent: '6 MB' }, { value: 600 }]);
  later.shift()!();
  assert.equal([reloads, later.length], [1, 0], 'another state is another page');
});

test.run();

// TollGate's protocol (HTTP-01 to HTTP-03, TIP-01, TIP-02): what its clients ask for, and what thieves would like.
import { schnorrVerifyDigest } from '@cashu/cashu-ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Event, idOf } from '../../../src/web/tollgate/event.js';
import { mac } from '../../engine/world.js';
import { mintAt } from '../../payments/cashu/coins.js';
import { type Answer, eventIn, Gate, tagOf } from './gate.js';

const test = suite<{ g: Gate }>('tollgate');
test.before.each(async (c) => {
  c.g = await Gate.open();
});
test.after.each((c) => c.g.end());

const noticeIn = (answer: Answer) => {
  const event = eventIn(answer);
  assert.is(event.kind, 21023);
  return tagOf(event, 'code')![0];
};
const sessionsOf = (g: Gate, phone = 1) => g.shop.world.engine.accounts.book.runningOfMac(mac(phone));

function assertSigned(event: Event): void {
  assert.is(event.id, idOf(event));
  assert.ok(schnorrVerifyDigest(event.sig, event.id, event.pubkey), 'a Schnorr signature of the id');
}

test('the advertisement has metric, step and the price at each mint, and is signed', async ({ g }) => {
  const answer = await g.ask('/');
  assert.is(answer.status, 200);
  assert.is(answer.headers['content-type'], 'application/json');
  const event = eventIn(answer);
  assert.is(event.kind, 10021);
  assert.equal(event.tags, [
    ['metric', 'bytes'],
    ['step_size', '1000'],
    ['step_purchase_limits', '1', '100'],
    ['tips', '1', '2'],
    ['price_per_step', 'cashu', '10', 'sat', mintAt, '1'],
  ]);
  assertSigned(event);
});

test('what everybody is told is signed once a minute, so that asking costs the router little', async ({
  g,
}) => {
  const ask = async () => [(await g.ask('/')).body, (await g.pay('cashuBnonsense')).body];
  const first = await ask();
  await g.shop.world.clock.pass(30_000);
  assert.equal(await ask(), first);
  await g.shop.world.clock.pass(40_000);
  const later = await ask();
  for (const [at, body] of later.entries()) {
    assert.is.not(body, first[at]);
    assertSigned(JSON.parse(body));
  }
});

test('curl -d with a bare token buys as many steps as it pays for, and the change is in the answer', async ({
  g,
}) => {
  const answer = await g.pay(g.shop.mint.token(37));
  assert.is(answer.status, 200);
  const event = eventIn(answer);
  assert.is(event.kind, 1022);
  assert.equal(tagOf(event, 'device-identifier'), ['mac', mac(1)]);
  assert.equal(tagOf(event, 'allotment'), ['3000']);
  assert.equal(tagOf(event, 'metric'), ['bytes']);
  assertSigned(event);
  const [token, ...money] = tagOf(event, 'change')!;
  assert.equal(money, ['7', 'SAT']);
  assert.ok(g.shop.mint.areGood(g.shop.proofs(token!)));
  assert.is(sessionsOf(g)[0]!.state, 'active');
});

test('an event of kind 21000 buys for the device that sends it, whatever device it names', async ({ g }) => {
  g.shop.world.portal.join(mac(2));
  const pubkey = 'ab'.repeat(32);
  const tags = [
    ['p', 'cd'.repeat(32)],
    ['device-identifier', 'mac', mac(1)],
    ['payment', g.shop.mint.token(20)],
  ];
  const sent = { kind: 21000, pubkey, content: '', created_at: 1, tags, id: '', sig: '' };
  const event = eventIn(await g.pay(JSON.stringify(sent), { phone: 2 }));
  assert.equal(tagOf(event, 'p'), [pubkey]);
  assert.equal(tagOf(event, 'device-identifier'), ['mac', mac(2)]);
  assert.is(sessionsOf(g, 1).length, 0);
  assert.is(sessionsOf(g, 2).length, 1);
});

test('the device is told who it is, and what it has used of what it bought', async ({ g }) => {
  assert.is((await g.ask('/whoami')).body, `mac=${mac(1)}`);
  assert.is((await g.ask('/usage')).body, '-1/-1');
  await g.pay(g.shop.mint.token(20));
  assert.is((await g.ask('/usage')).body, '0/2000');
  g.shop.world.portal.carry(mac(1), 300, 200);
  await g.shop.world.clock.pass(3000);
  assert.is((await g.ask('/usage')).body, '500/2000');
  g.shop.world.portal.carry(mac(1), 2000, 0);
  await g.shop.world.clock.pass(3000);
  assert.is((await g.ask('/usage')).body, '-1/-1');
});

test('a token that is sent again gets the same answer, and none when what it bought is used up', async ({
  g,
}) => {
  const token = g.shop.mint.token(20);
  const both = await Promise.all([g.pay(token), g.pay(token)]);
  for (const answer of both) assert.equal(tagOf(eventIn(answer), 'allotment'), ['2000']);
  assert.is(sessionsOf(g)[0]!.lots.length, 1);
  g.shop.world.portal.carry(mac(1), 3000, 0);
  await g.shop.world.clock.pass(3000);
  const late = await g.pay(token);
  assert.is(late.status, 402);
  assert.is(noticeIn(late), 'payment-error-token-spent');
});

test('a token that is paid at the page and here at once buys once', async ({ g }) => {
  const token = g.shop.mint.token(20);
  await Promise.all([g.pay(token), g.shop.buy({ token, key: 'page-1' })]);
  assert.is(sessionsOf(g).length, 1);
  assert.is(sessionsOf(g)[0]!.lots.length, 1);
  assert.is(g.shop.mint.outstanding, 20);
});

test('a token that another device has used is spent', async ({ g }) => {
  const token = g.shop.mint.token(20);
  await g.pay(token);
  const stolen = await g.pay(token, { phone: 2 });
  assert.is(noticeIn(stolen), 'payment-error-token-spent');
  assert.is(sessionsOf(g, 2).length, 0);
});

test('what cannot be taken is a notice with TollGate’s code, and is still the customer’s', async ({ g }) => {
  const spent = g.shop.mint.token(10);
  g.shop.mint.spend(g.shop.proofs(spent));
  const foreign = (await import('../../../src/payments/cashu/ecash.js')).tokenOf(
    'https://other.example',
    'sat',
    g.shop.mint.issue(10),
  );
  const short = g.shop.mint.token(9);
  const wanted: [string, number, string][] = [
    [spent, 402, 'payment-error-token-spent'],
    [foreign, 402, 'payment-error-mint-not-accepted'],
    ['cashuBnonsense', 400, 'payment-error-invalid-token'],
    ['', 400, 'payment-error-invalid-token'],
    ['{"kind":21000,"tags":[["payment",7],null]}', 400, 'payment-error-invalid-token'],
    ['{"kind":1,"tags":[["payment","cashuB"]]}', 400, 'payment-error-invalid-token'],
    ['{', 400, 'payment-error-invalid-token'],
    [short, 402, 'session-error'],
  ];
  for (const [body, status, code] of wanted) {
    const answer = await g.pay(body);
    assert.is(answer.status, status, body);
    assert.is(noticeIn(answer), code, body);
    assertSigned(eventIn(answer));
  }
  assert.ok(g.shop.mint.areGood(g.shop.proofs(short)));
  assert.is(sessionsOf(g).length, 0);
});

test('while the mint is away the token waits, and sending it again sells once', async ({ g }) => {
  const token = g.shop.mint.token(10);
  g.shop.mint.fault = (path) => (path === '/v1/swap' ? 'unanswered' : undefined);
  const first = await g.pay(token);
  assert.is(first.status, 503);
  assert.is(first.headers['retry-after'], '3');
  assert.is(noticeIn(first), 'payment-processing-timeout');
  g.shop.mint.fault = () => undefined;
  assert.is((await g.pay(token)).status, 200);
  assert.is(g.shop.mint.outstanding, 10);
});

test('TollGate’s page at another port of the router may read the answers, other sites may not', async ({
  g,
}) => {
  const ours = 'http://127.0.0.1:2050';
  const allowed = await g.ask('/', { headers: { Origin: ours, 'Sec-Fetch-Site': 'same-site' } });
  assert.is(allowed.headers['access-control-allow-origin'], ours);
  assert.is(allowed.headers.vary, 'Origin');
  const preflight = await g.ask('/', { method: 'OPTIONS', headers: { Origin: ours } });
  assert.is(preflight.status, 204);
  assert.match(preflight.headers['access-control-allow-methods']!, 'POST');
  assert.is(preflight.headers['access-control-allow-headers'], 'Content-Type');
  for (const Origin of [
    'https://thief.example',
    'null',
    'http://127.0.0.1.thief.example',
    'http://127.0.0.1@x',
  ]) {
    const answer = await g.ask('/whoami', { headers: { Origin } });
    assert.is(answer.headers['access-control-allow-origin'], undefined, Origin);
  }
});

test('a site whose name was made to lead to the router is told nothing of the device', async ({ g }) => {
  const host = `thief.example:${g.port}`;
  for (const path of ['/', '/whoami', '/usage']) {
    const { status, body } = await g.ask(path, { headers: { Host: host, Origin: `http://${host}` } });
    assert.is(status, 421);
    assert.not.match(body, mac(1));
  }
});

test('who is no customer’s device is sold nothing and named nobody', async ({ g }) => {
  const token = g.shop.mint.token(10);
  const answer = await g.pay(token, { phone: 250 });
  assert.is(noticeIn(answer), 'mac-address-lookup-failed');
  assert.is((await g.ask('/whoami', { phone: 250 })).status, 404);
  assert.is((await g.ask('/usage', { phone: 250 })).body, '-1/-1');
  assert.ok(g.shop.mint.areGood(g.shop.proofs(token)));
});

test('a plan that is gone, or has no price in the unit of a mint, is not advertised', async ({ g }) => {
  g.plan = 'none';
  await g.serve();
  const answer = await g.ask('/');
  assert.is(answer.status, 503);
  assert.is(noticeIn(answer), 'service-unavailable');
  assert.is((await g.ask('/other')).status, 404);
  assert.is((await g.ask('/usage', { method: 'DELETE' })).status, 405);
});

test.run();

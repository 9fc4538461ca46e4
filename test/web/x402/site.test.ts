// x402 over HTTP: what wallets are asked for, what they get, and that nobody pays twice.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Wares } from '../../../src/domain/deposit-scheme.js';
import { TestBackend } from '../../engine/chain.js';
import { TestPortal } from '../../engine/portal.js';
import { mac, world } from '../../engine/world.js';
import { until } from '../../rig/until.js';
import { type Answer, read, Stall } from './stage.js';

/** Holds deposits as the test wants it, and says what for as the scheme `session` does. */
class Chain extends TestBackend {
  isReady = true;

  override requirements({ units, unitPrice }: Wares): object {
    return { scheme: 'session', network: 'eip155:31337', asset: '0xAA', amount: `${units * unitPrice}` };
  }
}

const path = '/x402/data?steps=4';
let stall: Stall;
let chain: Chain;

test.before.each(async () => {
  const w = await world([new TestPortal('lan')]);
  chain = new Chain();
  w.backends = [chain];
  await w.crash();
  for (const n of [1, 2]) w.portal.join(mac(n));
  await w.clock.pass(1001);
  stall = await Stall.open(w);
});
test.after.each(() => stall.end());

/** The header that a wallet makes of the first thing that it is asked for. */
async function sign(id: string, phone = 1, over: object = {}): Promise<string> {
  const { accepts } = read(await stall.ask(phone, path), 'payment-required') as { accepts: object[] };
  const payment = { x402Version: 2, accepted: { ...accepts[0], ...over }, payload: { id } };
  return Buffer.from(JSON.stringify(payment)).toString('base64');
}

const sessions = (n = 1) => stall.w.engine.accounts.book.runningOfMac(mac(n));
const codeOf = ({ body }: Answer) => body.error?.code;

test('a program that asks for a plan is told what a wallet needs to pay', async () => {
  const answer = await stall.ask(1, path);
  assert.is(answer.status, 402);
  const required = read(answer, 'payment-required');
  assert.equal(required, {
    ...{ x402Version: 2, error: 'payment required' },
    resource: { url: `${stall.origin}${path}`, description: 'data', mimeType: 'application/json' },
    accepts: [{ scheme: 'session', network: 'eip155:31337', asset: '0xAA', amount: '200' }],
  });
  assert.equal(answer.body, required);
  assert.is(answer.headers['cache-control'], 'no-store');
});

test('the list has what wallets can buy, with its address and price', async () => {
  const { status, body } = await stall.ask(1, '/x402');
  assert.is(status, 200);
  assert.is(body.items.length, 7);
  const [first] = body.items;
  assert.equal(
    [first.resource, first.plan.id, first.plan.max_steps],
    [`${stall.origin}/x402/data`, 'data', 1000],
  );
  assert.is(first.accepts[0].amount, '50');
});

test('what cannot be paid with now is not offered, and a payment made before that is taken all the same', async () => {
  const payment = await sign('d1');
  chain.isReady = false;
  const answer = await stall.ask(1, path);
  assert.equal([answer.status, codeOf(answer)], [503, 'escrow_unready']);
  assert.equal((await stall.ask(1, '/x402')).body.items, []);
  const paid = await stall.pay(1, path, payment);
  assert.is(paid.status, 200, JSON.stringify(paid.body));
  assert.is(sessions().length, 1);
});

test('who pays has access, and hears which transaction paid for it', async () => {
  const answer = await stall.pay(1, path, await sign('d1'));
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  assert.equal([answer.body.session.state, answer.body.session.granted.bytes], ['active', 4000]);
  assert.equal(read(answer, 'payment-response'), {
    ...{ success: true, payer: '0xb', transaction: '0xa', network: 'eip155:31337' },
  });
  assert.ok(stall.w.portal.clients.get(mac(1))?.open);
});

test('the same payment again has the same answer, at once, later and after a restart', async () => {
  const header = await sign('d1');
  const both = await Promise.all([stall.pay(1, path, header), stall.pay(1, path, header)]);
  both.push(await stall.pay(1, path, header));
  await stall.w.crash();
  stall.w.portal.join(mac(1));
  await stall.serve();
  both.push(await stall.pay(1, path, header));
  const ids = new Set(both.map(({ body }) => body.session?.id));
  assert.equal([both.map(({ status }) => status), ids.size], [[200, 200, 200, 200], 1]);
  assert.equal([chain.chain.size, sessions()[0]!.lots.length], [1, 1]);
});

test('a customer who hangs up before the answer asks again, and has what they paid for', async () => {
  const header = await sign('d1');
  const asked = stall.begin(1, path, { headers: { 'PAYMENT-SIGNATURE': header } });
  await until('the payment is on its way', () => chain.opens > 0);
  asked.destroy();
  const answer = await stall.pay(1, path, header);
  assert.equal([answer.status, answer.body.session.id], [200, sessions()[0]!.id]);
  assert.equal([chain.chain.size, sessions()[0]!.lots.length], [1, 1]);
});

test('two payments of one device at once: one session, one charge, and both are answered', async () => {
  const [one, two] = [await sign('d1'), await sign('d2')];
  chain.fates = Array.from({ length: 1000 }, () => 'pending');
  const first = stall.pay(1, path, one);
  await until('the first is on its way', () => chain.opens > 0);
  const { arrived } = stall;
  const second = stall.pay(1, path, two);
  await until('the second is there', () => stall.arrived > arrived);
  await stall.w.clock.pass(16_000);
  const waiting = [await first, await second];
  assert.equal(waiting.map(codeOf), ['payment_pending', 'payment_pending']);
  chain.fates = [];
  const done = [await stall.pay(1, path, two), await stall.pay(1, path, one)];
  assert.equal(
    done.map(({ status, body }) => [status, body.session?.id]),
    Array.from({ length: 2 }, () => [200, sessions()[0]!.id]),
  );
  assert.equal([[...chain.chain.keys()], sessions()[0]!.lots.length], [['d1'], 1]);
});

test('a payment beside one that is refused is taken in its place', async () => {
  const [one, two] = [await sign('d1'), await sign('d2')];
  chain.fates = Array.from({ length: 1000 }, () => 'pending');
  const first = stall.pay(1, path, one);
  await until('the first is on its way', () => chain.opens > 0);
  const { arrived } = stall;
  const second = stall.pay(1, path, two);
  await until('the second is there', () => stall.arrived > arrived);
  await stall.w.clock.pass(16_000);
  await Promise.all([first, second]);
  chain.fates = [];
  chain.refuses = 'insufficient_funds';
  assert.is(codeOf(await stall.pay(1, path, one)), 'payment_rejected');
  chain.refuses = undefined;
  assert.is((await stall.pay(1, path, two)).status, 200);
  assert.equal([...chain.chain.keys()], ['d2']);
});

test('a payment that takes long is answered with what to repeat, and goes on without its plan', async () => {
  const header = await sign('d1');
  chain.fates = Array.from({ length: 1000 }, () => 'pending');
  const asked = stall.pay(1, path, header);
  await until('it is on its way', () => chain.opens > 0);
  await stall.w.clock.pass(16_000);
  const answer = await asked;
  assert.is(answer.status, 202);
  assert.equal([answer.headers['retry-after'], answer.body.repeat.url], ['3', `${stall.origin}${path}`]);
  chain.fates = [];
  const { engine } = stall.w;
  engine.configure({ ...engine.settings, offer: { ...engine.settings.offer, plans: new Map() } });
  assert.is((await stall.pay(1, path, header)).status, 200);
  assert.is(chain.chain.size, 1);
});

test('who shows another device’s payment gets neither access nor a word about its session', async () => {
  const header = await sign('d1');
  await stall.pay(1, path, header);
  const stolen = await stall.pay(2, path, header);
  assert.equal([stolen.status, codeOf(stolen)], [409, 'key_conflict']);
  assert.is(stolen.body.session, undefined);
  assert.equal([sessions(2).length, chain.chain.size], [0, 1]);
});

test('a payment that is refused says why, and asks anew', async () => {
  chain.refuses = 'insufficient_funds';
  const answer = await stall.pay(1, path, await sign('d1'));
  assert.equal([answer.status, codeOf(answer)], [402, 'payment_rejected']);
  assert.is(read(answer, 'payment-required').error, 'payment_rejected');
  assert.is(read(answer, 'payment-response').success, false);
  chain.refuses = undefined;
  assert.is((await stall.pay(1, path, await sign('d2'))).status, 200);
});

test('what is no payment for what is offered takes nothing', async () => {
  const other = await sign('d1', 1, { scheme: 'upto' });
  assert.equal(codeOf(await stall.pay(1, path, other)), 'unknown_method');
  for (const header of ['x', 'bm90IGpzb24=', 'e30=', 'bnVsbA==']) {
    const answer = await stall.pay(1, path, header);
    assert.equal([answer.status, codeOf(answer)], [402, 'bad_payment'], header);
  }
  assert.is(chain.opens, 0);
});

test('what is not for sale, or not so, is no offer', async () => {
  const asked = async (wanted: string) => {
    const answer = await stall.ask(1, wanted);
    return [answer.status, codeOf(answer)];
  };
  assert.equal(await asked('/x402/nothing'), [404, 'unknown_plan']);
  assert.equal(await asked('/x402/data?steps=1001'), [400, 'bad_steps']);
  for (const steps of ['0', '-1', '1.5', 'x', '', '9'.repeat(20)]) {
    assert.equal(await asked(`/x402/data?steps=${steps}`), [400, 'bad_steps'], steps);
  }
});

test('while no wallet can pay, nothing is offered, and cash is not asked for', async () => {
  const w = await world([new TestPortal('lan')]);
  const other = await Stall.open(w);
  const answer = await other.ask(1, path);
  const list = await other.ask(1, '/x402');
  await other.end();
  assert.equal([answer.status, codeOf(answer), answer.headers['retry-after']], [503, 'escrow_unready', '3']);
  assert.equal(list.body.items, []);
});

test('an address that is no customer’s device is sold nothing', async () => {
  const answer = await stall.pay(201, path, await sign('d1'));
  assert.equal([answer.status, codeOf(answer)], [403, 'unknown_device']);
  assert.is(chain.opens, 0);
});

test('who only looks (HEAD) buys nothing, even with a payment', async () => {
  const headers = { 'PAYMENT-SIGNATURE': await sign('d1') };
  assert.is((await stall.ask(1, path, { method: 'HEAD', headers })).status, 402);
  assert.is((await stall.ask(1, path, { method: 'POST', headers })).status, 405);
  assert.is(chain.opens, 0);
});

test('a full disk takes no money, and says when to come again', async () => {
  const header = await sign('d1');
  stall.w.journal.full = true;
  const answer = await stall.pay(1, path, header);
  assert.equal([answer.status, codeOf(answer)], [503, 'storage_full']);
  assert.is(chain.opens, 0);
  stall.w.journal.full = false;
  assert.is((await stall.pay(1, path, header)).status, 200);
});

test.run();

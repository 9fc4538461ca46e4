// Whoever hears that a payment is settled gives something for it: so one hears it, however often it is shown.
import { HTTPFacilitatorClient } from '@x402/core/http';
import { x402ResourceServer } from '@x402/core/server';
import type { SettleError } from '@x402/core/types';
import { ExactEvmScheme } from '@x402/evm/exact/server';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { purse, type Scene } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { until } from '../rig/until.js';
import { paymentFor, signedIn } from './payment.js';
import { network, post, type Shop, told, withShop } from './shop.js';

let scene: Scene;
let shop: Shop;
withShop((newScene, newShop) => {
  scene = newScene;
  shop = newShop;
});

const price = 500_000n;
const payment = () => paymentFor(scene, price);
const settle = (body: unknown) => shop.post('/settle', body);
const purses = async () => (await scene.balances()).slice(0, 2);

onChain(
  'a payment shown a hundred times at once is one transaction, and one of those who ask hears yes',
  async () => {
    await shop.stop();
    await shop.start({ replyTimeoutMs: 100_000 });
    const before = await shop.sent();
    const body = await payment();
    const replies = await Promise.all(Array.from({ length: 100 }, () => settle(body)));
    const [first, ...others] = replies.sort((a, b) => a.status - b.status);
    assert.is(told(first!), '200 ok', JSON.stringify(first));
    await shop.stop();
    await shop.start();
    others.push(await settle(body));
    for (const { status, success, errorReason, transaction } of others)
      assert.equal(
        [status, success, errorReason, transaction],
        [409, false, 'duplicate_settlement', first!.transaction],
      );
    signedIn(body).signature = `0x${'11'.repeat(65)}`;
    assert.is(told(await settle(body)), '422 bad_signature', 'whoever did not sign it is told nothing');
    assert.is((await shop.sent()) - before, 1);
    assert.equal(await purses(), [purse - price, price]);
  },
);

onChain('a seller who names their purchase hears the same answer as often as they ask', async () => {
  await shop.stop();
  await shop.start({ replyTimeoutMs: 100_000 });
  const before = await shop.sent();
  const body = await payment();
  const named = (key: string) => post(`${shop.url}/settle`, body, { 'idempotency-key': key });
  const replies = await Promise.all(Array.from({ length: 10 }, () => named('order-1')));
  await shop.stop();
  await shop.start();
  replies.push(await named('order-1'));
  for (const reply of replies) assert.equal(reply, replies[0]);
  assert.is(told(replies[0]!), '200 ok', JSON.stringify(replies[0]));
  assert.is(told(await named('order-2')), '409 duplicate_settlement');
  assert.is(told(await settle(body)), '409 duplicate_settlement');
  assert.is(told(await named('x'.repeat(129))), '400 bad_request');
  assert.is((await shop.sent()) - before, 1);
});

onChain('an answer that nobody was there to hear is for who asks next', async () => {
  await shop.stop();
  await shop.start({ replyTimeoutMs: 100_000, network: { confirmations: 2 } });
  const before = await shop.sent();
  const body = await payment();
  const given = new AbortController();
  const lost = post(`${shop.url}/settle`, body, {}, given.signal).catch((cause: Error) => cause.name);
  await until('it is on the chain', async () => (await shop.sent()) > before);
  given.abort();
  assert.is(await lost, 'AbortError');
  const asked = settle(body);
  await scene.chain.mine();
  assert.is(told(await asked), '200 ok');
  assert.is(told(await settle(body)), '409 duplicate_settlement');
});

onChain('a stock seller who is shown one payment five times at once serves it once', async () => {
  await shop.stop();
  await shop.start({ replyTimeoutMs: 100_000 });
  const client = new HTTPFacilitatorClient({ url: shop.url, timeoutMs: 100_000 });
  const seller = new x402ResourceServer(client).register(network, new ExactEvmScheme());
  await seller.initialize();
  const { paymentPayload: payload, paymentRequirements: asked } = await payment();
  const shown = Array.from({ length: 5 }, () => seller.verifyPayment(payload, asked));
  const verified = await Promise.all(shown);
  assert.equal(verified.filter(({ isValid }) => isValid).length, 5);
  const settling = verified.map(() =>
    seller
      .settlePayment(payload, asked)
      .catch((cause: SettleError) => ({ success: false, errorReason: cause.errorReason })),
  );
  const settled = await Promise.all(settling);
  assert.is(settled.filter(({ success }) => success).length, 1, JSON.stringify(settled));
  assert.is(settled.filter(({ errorReason }) => errorReason === 'duplicate_settlement').length, 4);
  assert.equal(await purses(), [purse - price, price]);
});

test.run();

// The facilitator as one of x402: a client that others wrote pays through it, and nothing is paid or told twice.
import { HTTPFacilitatorClient } from '@x402/core/http';
import type { PaymentRequirements } from '@x402/core/types';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { higherFee } from '../../src/facilitator/fee.js';
import { purse, type Scene } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { until } from '../rig/until.js';
import { buyer, type Payment, paymentFor, signedIn } from './payment.js';
import { network, type Reply, type Shop, told, withShop } from './shop.js';

let scene: Scene;
let shop: Shop;
withShop((newScene, newShop) => {
  scene = newScene;
  shop = newShop;
});

const price = 500_000n;

const payment = (change?: Partial<PaymentRequirements>) => paymentFor(scene, price, change);
const settle = (body: unknown) => shop.post('/settle', body);
const verify = (body: unknown) => shop.post('/verify', body);
/** What buyer and seller have. */
const purses = async () => (await scene.balances()).slice(0, 2);
/** No word that a client could take for a failure of the payment. */
const isUnknown = (reply: Reply) => reply.status >= 400 && !('success' in reply) && !('isValid' in reply);

onChain('a seller with the stock client of @x402/core verifies and settles', async () => {
  await shop.stop();
  await shop.start({ replyTimeoutMs: 100_000 });
  const client = new HTTPFacilitatorClient({ url: shop.url, timeoutMs: 100_000 });
  const { kinds } = await client.getSupported();
  assert.equal(kinds, [{ x402Version: 2, scheme: 'exact', network }]);
  const { paymentPayload, paymentRequirements } = await payment();
  const verified = await client.verify(paymentPayload, paymentRequirements);
  assert.equal([verified.isValid, verified.payer], [true, buyer.address.toLowerCase()]);
  const settled = await client.settle(paymentPayload, paymentRequirements);
  assert.equal([settled.success, settled.network, settled.amount], [true, network, `${price}`]);
  assert.match(settled.transaction, /^0x[0-9a-f]{64}$/);
  assert.equal(await purses(), [purse - price, price]);
  const again = await client.verify(paymentPayload, paymentRequirements).catch((cause: unknown) => cause);
  assert.is((again as { invalidReason?: string }).invalidReason, 'invalid_exact_evm_nonce_already_used');
});

onChain(
  'a payment that does not fit, or that nobody here is paid for, is refused, and nothing is sent',
  async () => {
    const before = await shop.sent();
    const refused = async (body: Payment) => {
      const [verified, settled] = [await verify(body), await settle(body)];
      assert.equal([verified.isValid, settled.success, settled.transaction], [false, false, '']);
      assert.is(settled.network, body.paymentRequirements.network);
      assert.is(verified.invalidReason, settled.errorReason);
      assert.is(told(verified), told(settled));
      return told(settled);
    };
    const asking = async (change: Partial<PaymentRequirements>) => {
      const body = await payment();
      return refused({ ...body, paymentRequirements: { ...body.paymentRequirements, ...change } });
    };
    assert.is(await asking({ amount: '499999' }), '422 bad_terms');
    assert.is(await asking({ payTo: scene.stranger }), '422 wrong_payee');
    assert.is(await asking({ scheme: 'upto' }), '422 unsupported_type');
    assert.is(await asking({ network: 'eip155:1' }), '404 unknown_network');
    assert.is(await asking({ amount: '-1' }), '400 bad_request');
    assert.is(await refused(await payment({ payTo: scene.stranger })), '403 unknown_seller');
    assert.is(await refused(await payment({ asset: scene.escrow.address })), '422 unknown_token');
    assert.is(await refused(await payment({ amount: `${purse + 1n}` })), '422 insufficient_funds');
    assert.is(await refused(await payment({ maxTimeoutSeconds: 20 })), '422 expired_authorization');
    const other = await payment();
    signedIn(other).authorization.validBefore = `${2n ** 40n}`;
    assert.is(await refused(other), '422 bad_signature');
    const delegated = await payment();
    await scene.chain.rpc('anvil_setCode', [buyer.address, '0x00']);
    try {
      assert.is(await refused(delegated), '422 smart_wallet');
    } finally {
      await scene.chain.rpc('anvil_setCode', [buyer.address, '0x']);
    }
    assert.is(await shop.sent(), before);
    assert.equal(await purses(), [purse, 0n]);
  },
);

onChain(
  'a payment that others brought to the chain, where anybody can read it, buys nothing here',
  async () => {
    const body = await payment();
    const { authorization: a, signature } = signedIn(body);
    const [r, s, v] = [signature.slice(0, 66), `0x${signature.slice(66, 130)}`, `0x${signature.slice(130)}`];
    const call = [a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, Number(v), r, s];
    await scene.token.must(scene.stranger, 'transferWithAuthorization', ...call);
    assert.is(told(await verify(body)), '409 nonce_already_used');
    assert.is(told(await settle(body)), '409 nonce_already_used');
    assert.is((await settle(body)).success, false);
  },
);

onChain(
  'what is sent and not confirmed is never called a failure, and is paid once after a restart',
  async () => {
    const before = await shop.sent();
    await shop.stop();
    const slow = { replyTimeoutMs: 100, network: { confirmations: 3 } };
    await shop.start(slow);
    const body = await payment();
    const first = await settle(body);
    assert.ok(isUnknown(first), JSON.stringify(first));
    await shop.stop();
    await shop.start(slow);
    const replies: Reply[] = [];
    await until('it is settled', async () => {
      await scene.chain.mine();
      replies.push(await settle(body));
      return replies.at(-1)!.success === true;
    });
    const paid = replies.pop();
    for (const reply of replies) assert.ok(isUnknown(reply), JSON.stringify(reply));
    assert.equal([paid?.success, told(await settle(body))], [true, '409 duplicate_settlement']);
    assert.is((await shop.sent()) - before, 1);
    assert.equal(await purses(), [purse - price, price]);
  },
);

onChain(
  'a seller whose gas of the day is used up, or who buys little, is told so before anything is sent',
  async () => {
    const before = await shop.sent();
    await shop.stop();
    await shop.start({ network: { gasPerSellerAndDay: 100_000n } });
    const body = await payment();
    for (const reply of [await verify(body), await settle(body)]) {
      assert.is(told(reply), '429 budget_spent');
      assert.ok(isUnknown(reply));
    }
    await shop.stop();
    const token = { decimals: 6, minDeposit: 0n, minCharge: price + 1n };
    await shop.start({ network: { tokens: { [scene.token.address]: token } } });
    assert.is(told(await settle(body)), '422 below_minimum');
    await shop.stop();
    await shop.start({ enableSessions: false });
    assert.is(told(await settle(body)), '403 sessions_disabled');
    assert.equal((await shop.get('/supported')).kinds, []);
    assert.is(await shop.sent(), before);
  },
);

onChain(
  'a body that nobody can read is refused, and too many requests say nothing of a payment',
  async () => {
    const client = {
      url: '/settle',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    } as const;
    const broken = await shop.inject({ ...client, payload: '{' });
    assert.equal([broken.statusCode, broken.json().success, broken.json().transaction], [400, false, '']);
    await shop.stop();
    await shop.start({ rateLimit: { max: 1, windowMs: 600_000 } });
    await shop.inject({ ...client, payload: '{}' });
    const limited = await shop.inject({ ...client, payload: await payment() });
    assert.ok(isUnknown({ ...limited.json(), status: limited.statusCode }), limited.body);
    assert.is(limited.statusCode, 429);
  },
);

test('a transaction that is sent again with a higher fee calls the same contract', async () => {
  const call = { to: `0x${'ab'.repeat(20)}`, data: '0x1234', gas: 70_000n } as const;
  const fee = { maxFeePerGas: 100n, maxPriorityFeePerGas: 10n };
  const raw = await buyer.signTransaction({ type: 'eip1559', chainId: 1, nonce: 0, ...call, ...fee });
  assert.equal(higherFee(raw, { max: 1n, tip: 1n }, 1000n)?.call, call);
});

test.run();

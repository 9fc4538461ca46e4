// A seller who is paid a part of what is signed: each amount once, in order, and by nobody's word but his.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hex } from '../../src/payments/wallet/typed-data.js';
import type { ConsumeRequest } from '../../src/payments/wallet/wire.js';
import { purse, type Scene } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { Shop, told, withShop } from './shop.js';

let scene: Scene;
let shop: Shop;
withShop((newScene, newShop) => {
  scene = newScene;
  shop = newShop;
});

async function named(signed: ConsumeRequest, amount: bigint, by = scene.seller): Promise<ConsumeRequest> {
  const signature = await by.charge({ sessionId: signed.sessionId, consumedAmount: amount });
  return { ...signed, consumedAmount: `${amount}`, signature };
}

const charge = async (signed: ConsumeRequest, amount: bigint) =>
  shop.post('/session/consume', await named(signed, amount));

onChain('a total that is signed once is charged part by part, and the rest goes back', async () => {
  const id = await shop.session();
  const signed = await scene.consumeRequest(id, 1_000_000n, 0n);
  const first = await charge(signed, 100_000n);
  assert.equal(
    [first.status, first.unitsConsumed, first.totalConsumed, first.remaining],
    [200, '100000', '100000', '900000'],
  );
  const second = await charge(signed, 312_345n);
  assert.equal([second.unitsConsumed, second.totalConsumed], ['212345', '312345']);
  const closed = await shop.finish(id, 312_345n);
  assert.equal([closed.sellerAmount, closed.buyerRefund], ['312345', '687655']);
  assert.equal(await scene.balances(), [purse - 312_345n, 312_345n, 0n, 0n]);
  assert.is(told(await charge(signed, 400_000n)), '409 session_closed');
});

onChain('the same charge is one transaction and one answer, also after the next one', async () => {
  const id = await shop.session();
  const signed = await scene.consumeRequest(id, 1000n, 0n);
  const request = await named(signed, 10n);
  const before = await shop.sent();
  const replies = await Promise.all(Array.from({ length: 8 }, () => shop.post('/session/consume', request)));
  for (const reply of replies) assert.equal(reply, replies[0]);
  assert.is((await shop.sent()) - before, 1);
  assert.is(told(await charge(signed, 20n)), '200 ok');
  assert.equal(await shop.post('/session/consume', request), replies[0], 'of the first time');
  assert.is((await shop.sent()) - before, 2);
});

onChain('amounts that are not above what is charged are stale, whoever is asked', async () => {
  const id = await shop.session(scene.terms({ totalDeposit: 900n, pricePerUnit: 3n }));
  const signed = await scene.consumeRequest(id, 300n, 0n);
  await charge(signed, 60n);
  const before = await shop.sent();
  for (const amount of [0n, 1n, 57n, 59n])
    assert.is(told(await charge(signed, amount)), '409 stale_units', `${amount}`);
  assert.is(told(await charge(await scene.consumeRequest(id, 299n, 0n), 60n)), '409 stale_units');
  const other = await Shop.open(scene);
  try {
    const again = await other.post('/session/consume', await named(signed, 60n));
    assert.equal(
      [again.status, again.totalConsumed, again.unitsUsed],
      [200, '60', '20'],
      'it is there, whoever brought it in',
    );
    assert.is(told(await other.post('/session/consume', await named(signed, 30n))), '409 stale_units');
  } finally {
    await other.close();
  }
  assert.is(await shop.sent(), before);
});

onChain('what does not fit together is refused, and nothing is sent', async () => {
  const id = await shop.session(scene.terms({ totalDeposit: 900n, pricePerUnit: 3n }));
  const signed = await scene.consumeRequest(id, 200n, 0n);
  const before = await shop.sent();
  const request = await named(signed, 60n);
  const send = async (body: object) => told(await shop.post('/session/consume', body));
  const { signature, consumedAmount, ...plain } = request;
  assert.is(await send({ ...plain, signature }), '400 bad_request');
  assert.is(await send({ ...plain, consumedAmount }), '400 bad_request');
  assert.is(await send({ ...request, consumedAmount: '63' }), '422 bad_signature');
  assert.is(await send({ ...request, units: '201' }), '422 bad_signature');
  assert.is(await send(await named(signed, 60n, scene.buyer)), '422 bad_signature');
  const toClose = await scene.seller.close({ sessionId: id, consumedAmount: 60n });
  assert.is(await send({ ...request, signature: toClose }), '422 bad_signature');
  const close = { sessionId: id, network: plain.network, signature, consumedAmount };
  const { sessionId: _, network: __, ...consume } = plain;
  assert.is(told(await shop.post('/session/close', { ...close, consume })), '422 bad_signature');
  assert.is(told(await charge(signed, 61n)), '409 wrong_consumed_amount');
  assert.is(told(await charge(signed, 603n)), '422 exceeds_signed');
  assert.is(await shop.sent(), before);
});

onChain(
  'what a buyer has signed is charged by nobody without the seller, before the first charge or after it',
  async () => {
    const id = await shop.session();
    const { signature, consumedAmount, ...signed } = await scene.consumeRequest(id, 1000n, 0n);
    const byStranger = async () => {
      const bare = await shop.post('/session/consume', signed);
      assert.is(told(bare), '400 bad_request');
      assert.match(String(bare.error), /consumedAmount|signature/);
      const own = await scene.buyer.charge({ sessionId: id, consumedAmount: 1000n });
      const body = { ...signed, consumedAmount, signature: own };
      assert.is(told(await shop.post('/session/consume', body)), '422 bad_signature');
    };
    await byStranger();
    assert.is(told(await charge({ ...signed, consumedAmount, signature }, 10n)), '200 ok');
    await byStranger();
    assert.is((await shop.finish(id, 10n)).sellerAmount, '10');
  },
);

onChain(
  'a charge that was begun is gone on with after a restart, and one that was overtaken is stale',
  async () => {
    const id = await shop.session();
    const signed = await scene.consumeRequest(id, 1000n, 0n);
    await shop.stop();
    await shop.start({ network: { confirmations: 3 }, replyTimeoutMs: 300 });
    const [first, second] = [await named(signed, 10n), await named(signed, 30n)];
    assert.is(told(await shop.post('/session/consume', first)), '202 settlement_pending');
    await shop.stop();
    await scene.chain.mine(3);
    await shop.start({ network: { confirmations: 1 }, replyTimeoutMs: 10_000 });
    assert.is(told(await shop.post('/session/consume', second)), '200 ok');
    const before = await shop.sent();
    await scene.escrow.must(scene.seller.address, 'consumeUnitsAt', ...argsOf(id, 50n, signed));
    assert.is(told(await charge(signed, 40n)), '409 stale_units');
    assert.is(await shop.sent(), before);
  },
);

function argsOf(id: Hex, amount: bigint, { units, unitsUsedBefore, buyerSignature, nonce }: ConsumeRequest) {
  return [id, amount, '0x', BigInt(units), BigInt(unitsUsedBefore), buyerSignature, nonce];
}

test.run();

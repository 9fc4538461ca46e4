// A client of the x402r plan on a real chain: hex, names, ids without 0x, no salt.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hex } from '../../src/payments/wallet/typed-data.js';
import { always, type Scene } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { type Shop, told, withShop } from './shop.js';

let scene: Scene;
let shop: Shop;
withShop((newScene, newShop) => {
  scene = newScene;
  shop = newShop;
});

const hex = (decimal: string) => `0x${BigInt(decimal).toString(16).toUpperCase()}`;

onChain('a deposit and a charge that come again in hex are one transaction and one answer each', async () => {
  const before = await shop.sent();
  const request = await shop.request();
  const created = await shop.post('/session/create', request);
  assert.is(told(created), '200 ok');
  const other = structuredClone(request) as {
    paymentPayload: { authorization: { value: string; nonce: string } };
  };
  const { authorization } = other.paymentPayload;
  authorization.value = hex(authorization.value);
  authorization.nonce = authorization.nonce.slice(2);
  assert.equal(await shop.post('/session/create', other), created);

  const consume = await scene.consumeRequest(created.sessionId as Hex, 1000n, 0n);
  const charged = await shop.post('/session/consume', consume);
  const { sessionId, units, consumedAmount } = consume;
  const spelt = { sessionId: sessionId.slice(2), units: hex(units), consumedAmount: hex(consumedAmount) };
  assert.equal(await shop.post('/session/consume', { ...consume, ...spelt }), charged);
  assert.is((await shop.sent()) - before, 2);
});

onChain(
  'a deposit without a salt is taken when the buyer has signed the end of the authorization as one',
  async () => {
    const salt: Hex = `0x${always.validBefore.toString(16).padStart(64, '0')}`;
    const request = await shop.request(scene.terms({ salt }));
    const body = structuredClone(request) as {
      paymentPayload: { extensions: { session: { salt?: string } } };
    };
    delete body.paymentPayload.extensions.session.salt;
    const created = await shop.post('/session/create', body);
    assert.is(told(created), '200 ok');
    assert.equal(await shop.post('/session/create', request), created);

    const signedOther = structuredClone(await shop.request()) as typeof body;
    delete signedOther.paymentPayload.extensions.session.salt;
    assert.is(told(await shop.post('/session/create', signedOther)), '422 terms_not_signed');
  },
);

test.run();

// The facilitator on a real chain, over HTTP: the whole circle, and each fault that an earlier plan of it had.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomWord } from '../../packages/simulators/wallet.js';
import type { Hex } from '../../src/payments/wallet/typed-data.js';
import { purse, type Scene } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { network, type Shop, told, withShop } from './shop.js';

let scene: Scene;
let shop: Shop;
withShop((newScene, newShop) => {
  scene = newScene;
  shop = newShop;
});

onChain('the whole circle: 31.2345% used, and the balances are exact', async () => {
  const created = await shop.post('/session/create', await shop.request());
  assert.is(created.status, 200, JSON.stringify(created));
  const id = created.sessionId as Hex;
  const { status, remainingUnits, serveUntil, expiresAt } = created.session as Record<string, unknown>;
  assert.equal([status, remainingUnits, Number(expiresAt) - Number(serveUntil)], ['active', '1000000', 600]);
  const first = await shop.consume(id, 300_000n, 0n);
  assert.equal([first.unitsConsumed, first.totalConsumed, first.remaining], ['300000', '300000', '700000']);
  const second = await shop.consume(id, 12_345n, 300_000n);
  assert.equal([second.unitsConsumed, second.totalConsumed, second.remaining], ['12345', '312345', '687655']);
  const closed = await shop.finish(id, 312_345n);
  assert.equal([closed.sellerAmount, closed.buyerRefund], ['312345', '687655']);
  assert.equal(await scene.balances(), [purse - 312_345n, 312_345n, 0n, 0n]);
  const { session } = await shop.get(`/session/${network}/${id}`);
  assert.is((session as { status: string }).status, 'completed');
  const { status: _, ...stats } = await shop.get('/sessions/stats');
  assert.equal(stats, { total: 1, active: 0, completed: 1, expired: 0 });
});

onChain('signed ahead, and charged for what was used: closed in one transaction', async () => {
  const id = await shop.session();
  const { sessionId: _, network: __, ...consume } = await scene.consumeRequest(id, 1_000_000n, 0n);
  const close = await scene.seller.closeRequest(id, 312_345n);
  const before = await shop.sent();
  const { signature: ___, ...unsigned } = close;
  assert.is(told(await shop.post('/session/close', { ...unsigned, consume })), '400 bad_request');
  const forged = { ...consume, units: '999999' };
  assert.is(told(await shop.post('/session/close', { ...close, consume: forged })), '422 bad_signature');
  const more = await scene.consumeRequest(id, 312_344n, 0n);
  assert.is(told(await shop.post('/session/close', { ...close, consume: more })), '422 exceeds_signed');
  const body = { ...close, consume };
  const replies = await Promise.all(Array.from({ length: 5 }, () => shop.post('/session/close', body)));
  for (const reply of replies) assert.equal([reply.sellerAmount, reply.buyerRefund], ['312345', '687655']);
  assert.equal(await scene.balances(), [purse - 312_345n, 312_345n, 0n, 0n]);
  assert.is((await shop.sent()) - before, 1);
});

onChain('the same create twice, and ten times at once, is one transaction and one answer', async () => {
  const before = await shop.sent();
  const request = await shop.request();
  const replies = await Promise.all(Array.from({ length: 10 }, () => shop.post('/session/create', request)));
  const again = await shop.post('/session/create', request);
  for (const reply of replies) assert.equal(reply, again);
  assert.is(again.status, 200);
  const other = structuredClone(request) as { paymentPayload: { authorization: { value: unknown } } };
  other.paymentPayload.authorization.value = 1_000_000;
  assert.equal(await shop.post('/session/create', other), again, 'a number is the same as a string');
  assert.is((await shop.sent()) - before, 1);
  assert.is(await scene.balance(scene.escrow.address), 1_000_000n);
});

onChain('one signature is charged once, however often it is sent', async () => {
  const id = await shop.session();
  const request = await scene.consumeRequest(id, 10n, 0n);
  const before = await shop.sent();
  const replies = await Promise.all(Array.from({ length: 8 }, () => shop.post('/session/consume', request)));
  for (const reply of replies) assert.equal([reply.status, reply.totalConsumed], [200, '10']);
  const { transaction } = await shop.post('/session/consume', request);
  assert.is(transaction, replies[0]!.transaction);
  assert.is((await shop.sent()) - before, 1);
  assert.is((await scene.escrow.read<bigint[]>('getSession', id))[3], 10n);
});

onChain('several totals at once are charged in any order, never more than the greatest', async () => {
  const id = await shop.session();
  const requests = await Promise.all([1n, 2n, 3n, 4n, 5n].map((i) => scene.consumeRequest(id, i * 10n, 0n)));
  const replies = await Promise.all(requests.map((request) => shop.post('/session/consume', request)));
  for (const reply of replies) assert.ok(['200 ok', '409 stale_units'].includes(told(reply)), told(reply));
  assert.is((await scene.escrow.read<bigint[]>('getSession', id))[3], 50n);
  assert.is(told(await shop.consume(id, 10n, 40n)), '409 stale_units');
});

onChain('units are more than 32 bits', async () => {
  const id = await shop.session(scene.terms({ totalDeposit: 10n ** 10n / 1000n, pricePerUnit: 1n }));
  assert.is(told(await shop.consume(id, 2n ** 32n, 0n)), '422 exceeds_deposit');
  const huge = await shop.post('/session/consume', {
    ...(await scene.consumeRequest(id, 1n, 0n)),
    units: `${2n ** 256n}`,
  });
  assert.is(told(huge), '400 bad_request');
  const terms = scene.terms({ totalDeposit: 6_000_000_000n, pricePerUnit: 1n });
  await scene.token.must(scene.stranger, 'mint', scene.buyer.address, 6_000_000_000n);
  const large = await shop.session(terms);
  const reply = await shop.consume(large, 5_000_000_000n, 0n);
  assert.equal([reply.totalConsumed, reply.remaining], ['5000000000', '1000000000']);
});

onChain('a create that does not fit together is refused, and nothing is sent', async () => {
  const before = await shop.sent();
  const good = await shop.request();
  const change = async (path: string, value: unknown) => {
    const bad = structuredClone(good) as unknown as Record<string, unknown>;
    const names = path.split('.');
    const parent = names.slice(0, -1).reduce((o, name) => o[name] as Record<string, unknown>, bad);
    parent[names.at(-1)!] = value;
    return told(await shop.post('/session/create', bad));
  };
  const session = 'paymentPayload.extensions.session';
  assert.is(await change(`${session}.maxUnits`, '1000001'), '422 bad_terms');
  assert.is(await change(`${session}.pricePerUnit`, '0'), '422 bad_terms');
  assert.is(await change(`${session}.duration`, '600'), '422 bad_terms');
  assert.is(await change(`${session}.duration`, '7200'), '422 terms_not_signed');
  assert.is(await change(`${session}.seller`, scene.stranger), '422 terms_not_signed');
  assert.is(await change(`${session}.salt`, randomWord()), '422 terms_not_signed');
  assert.is(await change(`${session}.type`, 'postpaid'), '422 unsupported_type');
  assert.is(await change('paymentPayload.authorization.to', scene.stranger), '422 wrong_payee');
  assert.is(await change('paymentPayload.authorization.value', '2'), '422 bad_terms');
  assert.is(await change('paymentPayload.authorization.from', scene.stranger), '422 bad_signature');
  assert.is(await change('paymentPayload.signature', `0x${'11'.repeat(65)}`), '422 bad_signature');
  assert.is(await change('paymentPayload.network', 'eip155:1'), '404 unknown_network');
  assert.is(await change('paymentRequirements.network', 'eip155:1'), '422 wrong_network');
  assert.is(await change('paymentRequirements.asset', scene.stranger), '422 unknown_token');
  assert.is(await change('paymentPayload.authorization.value', -1), '400 bad_request');
  assert.is(await change('paymentPayload.authorization.value', 1.5), '400 bad_request');
  assert.is(await change('paymentPayload.authorization.value', 2 ** 53), '400 bad_request');
  assert.is(await shop.sent(), before);
});

onChain('an authorization that is too old, too young or not covered is refused', async () => {
  const now = await scene.chain.now();
  const wall = BigInt(Math.floor(Date.now() / 1000));
  const at = now > wall ? now : wall;
  const send = async (...args: Parameters<Shop['request']>) =>
    told(await shop.post('/session/create', await shop.request(...args)));
  const fine = scene.terms();
  assert.is(await send(fine, { validAfter: 0n, validBefore: at }), '422 expired_authorization');
  assert.is(await send(fine, { validAfter: 0n, validBefore: at + 20n }), '422 expired_authorization');
  assert.is(await send(fine, { validAfter: at + 60n, validBefore: at + 600n }), '422 not_yet_valid');
  assert.is(await send(scene.terms({ totalDeposit: purse + 1n })), '422 insufficient_funds');
});

onChain('a nonce that is used already: ours is the session, anybody else’s is none', async () => {
  const terms = scene.terms();
  const request = await shop.request(terms);
  const id = await scene.open(terms);
  const ours = await shop.post('/session/create', request);
  assert.equal([ours.status, ours.sessionId], [200, id]);
  const other = await shop.request();
  const { nonce } = other.paymentPayload.authorization;
  await scene.token.must(scene.buyer.address, 'cancelAuthorization', nonce);
  assert.is(told(await shop.post('/session/create', other)), '409 nonce_already_used');
});

onChain('a session of another network, and one that does not exist', async () => {
  const id = await shop.session();
  const request = await scene.consumeRequest(id, 1n, 0n);
  const wrong = { ...request, network: 'eip155:1' };
  assert.is(told(await shop.post('/session/consume', wrong)), '404 unknown_network');
  assert.is(told(await shop.get(`/session/eip155:1/${id}`)), '404 unknown_network');
  const unknown = randomWord();
  assert.is(told(await shop.get(`/session/${network}/${unknown}`)), '404 unknown_session');
  assert.is(told(await shop.consume(unknown, 1n, 0n)), '404 unknown_session');
  assert.is(told(await shop.finish(unknown, 0n)), '404 unknown_session');
});

onChain('nobody closes a session but its seller, until anybody may', async () => {
  const id = await shop.session();
  await shop.consume(id, 5n, 0n);
  const close = { sessionId: id, network };
  assert.is(told(await shop.post('/session/close', close)), '409 not_closable_yet');
  const byBuyer = await scene.buyer.close({ sessionId: id, consumedAmount: 5n });
  assert.is(told(await shop.post('/session/close', { ...close, signature: byBuyer })), '422 bad_signature');
  assert.is(told(await shop.finish(id, 4n)), '409 wrong_consumed_amount');
  await scene.chain.pass(3700);
  const closed = await shop.post('/session/close', close);
  assert.equal([closed.sellerAmount, closed.buyerRefund], ['5', '999995']);
  assert.equal(await shop.post('/session/close', close), closed);
  assert.is(told(await shop.consume(id, 1n, 5n)), '409 session_closed');
});

onChain('a buyer asks to close without gas, and has the rest after the hour', async () => {
  const id = await shop.session(scene.terms({ duration: 86_400n }));
  const request = { sessionId: id, network, role: 'buyer' };
  assert.is(told(await shop.post('/session/close', request)), '400 bad_request');
  const signature = await scene.buyer.requestClose(id);
  const asked = await shop.post('/session/close', { ...request, signature });
  assert.is(asked.status, 200, JSON.stringify(asked));
  assert.ok(Number(asked.closableAt) <= Number(await scene.chain.now()) + 3600);
  const { session } = await shop.get(`/session/${network}/${id}`);
  assert.is((session as { status: string }).status, 'disputed');
  await scene.chain.pass(3600);
  const closed = await shop.post('/session/close', { sessionId: id, network });
  assert.is(closed.buyerRefund, '1000000');
});

test.run();

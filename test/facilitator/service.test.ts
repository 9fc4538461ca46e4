// Whom the facilitator serves and how: wallets, tokens, networks, signers, limits, what it tells operators.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Contract } from '../../packages/simulators/contract.js';
import type { Hex } from '../../src/payments/wallet/typed-data.js';
import { always, type Scene, tokenDomain } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { until } from '../rig/until.js';
import { configOf, gasKeys, network, pendingIn, Shop, told, withShop } from './shop.js';

let scene: Scene;
let shop: Shop;
withShop((newScene, newShop) => {
  scene = newScene;
  shop = newShop;
});

onChain('smart wallets are served where the configuration says so', async () => {
  const { buyer, seller, stranger, token } = scene;
  const wallet = await Contract.deploy(scene.chain, 'SmartWallet', buyer.address);
  await token.must(stranger, 'mint', wallet.address, 1_000_000n);
  const terms = scene.terms();
  const request = await buyer.createRequest(terms, tokenDomain, always, wallet.address);
  const marked = structuredClone(request) as { paymentPayload: { signature: string } };
  marked.paymentPayload.signature += '01';
  assert.is(told(await shop.post('/session/create', marked)), '422 bad_signature');
  await shop.stop();
  await shop.start({ network: { smartWallets: true } });
  const created = await shop.post('/session/create', marked);
  assert.is(told(created), '200 ok', JSON.stringify(created));
  const use = await scene.consumeRequest(created.sessionId as Hex, 7n, 0n);
  assert.is(told(await shop.post('/session/consume', use)), '422 bad_signature');
  const signed = { ...use, buyerSignature: `${use.buyerSignature}01` };
  assert.is(told(await shop.post('/session/consume', signed)), '200 ok');
  assert.is(told(await shop.finish(created.sessionId as Hex, 7n)), '200 ok');
  assert.equal([await scene.balance(wallet.address), await scene.balance(seller.address)], [999_993n, 7n]);
});

onChain('a session in a token that is not configured is not served', async () => {
  const other = await Contract.deploy(scene.chain, 'SilentToken');
  await other.must(scene.stranger, 'mint', scene.buyer.address, 1000n);
  const call = [scene.seller.address, other.address, 1000n, 1n, 3600n];
  const { events } = await scene.escrow.must(scene.buyer.address, 'createSession', ...call);
  const { sessionId } = events.SessionCreated![0] as { sessionId: Hex };
  assert.is(told(await shop.consume(sessionId, 1n, 0n)), '422 unknown_token');
  assert.is(told(await shop.finish(sessionId, 0n)), '422 unknown_token');
});

onChain('a session of one network is not looked for on another', async () => {
  const id = await shop.session();
  await shop.stop();
  const { networks } = configOf(scene, shop.directory);
  await shop.start({ networks: { ...networks, 'eip155:1': networks[network]! } });
  const request = { ...(await scene.consumeRequest(id, 1n, 0n)), network: 'eip155:1' };
  assert.is(told(await shop.post('/session/consume', request)), '422 wrong_network');
  const close = { ...(await scene.seller.closeRequest(id, 0n)), network: 'eip155:1' };
  assert.is(told(await shop.post('/session/close', close)), '422 wrong_network');
  assert.is(told(await shop.get(`/session/eip155:1/${id}`)), '503 misconfigured');
});

onChain('a server that opens no sessions still serves those that exist', async () => {
  const id = await shop.session();
  await shop.stop();
  await shop.start({ enableSessions: false });
  assert.is(told(await shop.post('/session/create', await shop.request())), '403 sessions_disabled');
  assert.is(told(await shop.consume(id, 7n, 0n)), '200 ok');
  assert.is(told(await shop.finish(id, 7n)), '200 ok');
});

onChain('another facilitator takes a session over', async () => {
  const id = await shop.session();
  const request = await scene.consumeRequest(id, 9n, 0n);
  const first = await shop.post('/session/consume', request);
  const second = await Shop.open(scene);
  try {
    const again = await second.post('/session/consume', request);
    assert.is(again.transaction, first.transaction);
    assert.is(told(await second.finish(id, 9n)), '200 ok');
    assert.is((await shop.finish(id, 9n)).sellerAmount, '9');
  } finally {
    await second.close();
  }
});

onChain('several signers share the work, and every nonce is used once', async () => {
  await shop.stop();
  await shop.start({ network: { keys: gasKeys, maxPending: 4 } });
  const before = await Promise.all(gasKeys.map((key) => shop.sent(key)));
  const requests = await Promise.all(Array.from({ length: 8 }, () => shop.request()));
  await scene.chain.rpc('evm_setAutomine', [false]);
  const replies = requests.map((request) => shop.post('/session/create', request));
  await until('all of them are with the node', async () => (await pendingIn(scene)) === 8);
  assert.is(told(await shop.post('/session/create', await shop.request())), '503 overloaded');
  await scene.chain.rpc('evm_setAutomine', [true]);
  await scene.chain.mine();
  for (const reply of await Promise.all(replies)) assert.is(told(reply), '200 ok', JSON.stringify(reply));
  const after = await Promise.all(gasKeys.map((key) => shop.sent(key)));
  assert.equal(
    after.map((count, i) => count - before[i]!),
    [4, 4],
  );
  assert.is(await scene.balance(scene.escrow.address), 8_000_000n);
});

onChain('a client that asks too often is told to wait', async () => {
  await shop.stop();
  await shop.start({ rateLimit: { max: 3, windowMs: 60_000 } });
  const replies = [];
  for (let i = 0; i < 5; i += 1) replies.push(told(await shop.post('/session/consume', {})));
  assert.equal(replies, [...Array(3).fill('400 bad_request'), ...Array(2).fill('429 rate_limited')]);
  assert.is((await shop.get('/healthz')).ok, true);
});

onChain('what a client writes into X-Forwarded-For itself passes no limit', async () => {
  await shop.stop();
  await shop.start({ rateLimit: { max: 2, windowMs: 60_000 }, trustProxy: 1 });
  const ask = async (forwarded: string) =>
    (await shop.inject({ url: '/sessions/stats', headers: { 'x-forwarded-for': forwarded } })).statusCode;
  const made = ['1.1.1.1, 9.9.9.9', '2.2.2.2, 9.9.9.9', '3.3.3.3, 9.9.9.9'];
  assert.equal([await ask(made[0]!), await ask(made[1]!), await ask(made[2]!)], [200, 200, 429]);
  assert.is(await ask('8.8.8.8'), 200, 'another client of the proxy');
});

onChain('a buyer whose key has delegated to code is refused where smart wallets are', async () => {
  await scene.chain.rpc('anvil_setCode', [scene.buyer.address, `0xef0100${'11'.repeat(20)}`]);
  const before = await shop.sent();
  const reply = await shop.post('/session/create', await shop.request());
  await scene.chain.rpc('anvil_setCode', [scene.buyer.address, '0x']);
  assert.is(told(reply), '422 smart_wallet');
  assert.is(await shop.sent(), before);
});

onChain('dust is refused, and so are sellers that are not served', async () => {
  await shop.stop();
  const tokens = { [scene.token.address]: { decimals: 6, minDeposit: 500n, minCharge: 10n } };
  await shop.start({ network: { tokens } });
  const small = await shop.request(scene.terms({ totalDeposit: 499n }));
  assert.is(told(await shop.post('/session/create', small)), '422 below_minimum');
  const strange = await shop.request(scene.terms({ seller: scene.stranger }));
  assert.is(told(await shop.post('/session/create', strange)), '403 unknown_seller');
  const id = await shop.session();
  assert.is(told(await shop.consume(id, 9n, 0n)), '422 below_minimum');
  assert.is(told(await shop.consume(id, 10n, 0n)), '200 ok');
});

onChain('a buyer’s request to close in the last hour ends, and holds nobody up', async () => {
  await shop.stop();
  await shop.start({ network: { confirmations: 3 }, replyTimeoutMs: 400, expiryMarginSeconds: 0 });
  const terms = scene.terms({ duration: 1800n });
  const id = await scene.open(terms);
  await scene.chain.mine(3);
  const signature = await scene.buyer.requestClose(id);
  const asked = { sessionId: id, network, role: 'buyer', signature };
  assert.is(told(await shop.post('/session/close', asked)), '200 ok');
  assert.is(told(await shop.consume(id, 7n, 0n)), '202 settlement_pending', 'it has its turn');
});

onChain('strangers’ looks and closes leave nothing behind', async () => {
  const id = await scene.open();
  await shop.get(`/session/${network}/${id}`);
  const close = { sessionId: id, network };
  for (let i = 0; i < 12; i += 1)
    assert.is(told(await shop.post('/session/close', close)), '409 not_closable_yet');
  assert.is((await shop.get('/sessions/stats')).total, 0);
});

onChain('metrics tell of replies and operations', async () => {
  const id = await shop.session();
  await shop.consume(id, 1n, 5n);
  await shop.consume(id, 1n, 5n);
  const text = await (await fetch(`${shop.url}/metrics`)).text();
  assert.match(text, /requests_total\{route="\/session\/consume",status="200",code="ok"\} 1/);
  assert.match(text, /requests_total\{route="\/session\/consume",status="409",code="stale_units"\} 1/);
  assert.match(text, /operation_seconds_count\{kind="create",outcome="done"\} 1/);
  assert.match(text, /sessions\{state="active"\} 1/);
});

onChain('no secret is told or logged', async () => {
  const id = await shop.session();
  await shop.consume(id, 1n, 0n);
  const text = await (await fetch(`${shop.url}/metrics`)).text();
  const everything = `${text}${shop.lines.join()}${JSON.stringify(await shop.get('/healthz'))}`;
  for (const secret of [...gasKeys, scene.chain.url]) {
    assert.not(everything.includes(secret.slice(2)), secret.slice(0, 6));
  }
});

test.run();

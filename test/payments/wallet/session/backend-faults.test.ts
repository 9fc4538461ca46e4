// What can go wrong between router, facilitator and chain, and is found or refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Contract } from '../../../../packages/simulators/contract.js';
import type { PaymentOrder } from '../../../../src/domain/deposit-scheme.js';
import { SessionScheme } from '../../../../src/payments/wallet/session/scheme.js';
import type { Address, Hex } from '../../../../src/payments/wallet/typed-data.js';
import type { CreateRequest } from '../../../../src/payments/wallet/wire.js';
import { purse, Scene } from '../../../contracts/scene.js';
import { Shop } from '../../../facilitator/shop.js';
import { onChain } from '../../../rig/on-chain.js';
import { NodeProxy } from '../../../rig/proxy.js';
import {
  backendOf,
  type Change,
  closed,
  counterFor,
  kind,
  pay,
  Stub,
  scene,
  setScene,
  shop,
  stub,
  value,
  wares,
} from './counter.js';

counterFor(test);

onChain('a refusal is final when each facilitator refuses for good and the chain has nothing', async () => {
  const refusal = { success: false, code: 'insufficient_funds', error: 'the buyer has less' };
  stub.says(422, refusal);
  const { order } = await pay(backendOf([stub.url]));
  assert.is(kind(await backendOf([stub.url]).open(order)), 'rejected insufficient_funds');
  const other = new Stub();
  await other.start();
  assert.is(kind(await backendOf([stub.url, other.url]).open(order)), 'unknown', 'the other may have it');
  const gone = other.url;
  await other.stop();
  assert.is(kind(await backendOf([stub.url, gone]).open(order)), 'unknown', 'refused connection');
});

onChain('nonce_already_used: ours is active, another use is rejected', async () => {
  stub.says(409, { success: false, code: 'nonce_already_used', error: 'used' });
  const backend = backendOf([stub.url]);
  const { order } = await pay(backend);
  value(await backendOf([shop.url]).open(order));
  assert.is(kind(await backend.open(order)), 'confirmed');
  const second = await pay(backend);
  const { paymentPayload } = second.order.payload as CreateRequest;
  await scene.token.must(scene.buyer.address, 'cancelAuthorization', paymentPayload.authorization.nonce);
  stub.says(503, '');
  assert.is(kind(await backend.open(second.order)), 'rejected nonce_already_used');
});

onChain('an authorization that has expired unused is rejected, whatever facilitators say', async () => {
  const backend = backendOf([stub.url]);
  const { order } = await pay(backend);
  assert.is(kind(await backend.open(order)), 'unknown');
  const undo = await scene.chain.snapshot();
  await scene.chain.pass(3601 + 120);
  assert.is(kind(await backend.open(order)), 'rejected expired_authorization');
  await undo();
});

onChain('reorg: what the chain has lost is gone, and is settled again with the same payload', async () => {
  const backend = backendOf([shop.url]);
  const { order, signed } = await pay(backend);
  const undo = await scene.chain.snapshot();
  const opened = value(await backend.open(order));
  await undo();
  await scene.chain.mine();
  assert.equal(value(await backend.look(order)), { is: 'gone' });
  value(await backend.open(order));
  await scene.chain.mine(2);
  const state = value(await backend.look(order));
  assert.is(state.is === 'open' && state.confirmations, 2);
  assert.equal((await closed(backend, order, opened, signed, '1')).sellerAmount, '2');
});

onChain('a lie is not believed: no session, one of other terms, one of another chain or escrow', async () => {
  const backend = backendOf([stub.url]);
  const { order } = await pay(backend);
  stub.says(200, { success: true, sessionId: order.id, transaction: `0x${'1'.repeat(64)}` });
  assert.is(kind(await backend.open(order)), 'pending');
  value(await backendOf([shop.url]).open(order));
  const dearer = { ...order, unitPrice: '3' };
  assert.is(kind(await backend.open(dearer)), 'unknown', 'another price than on the chain');
  const wrongs: [Change, RegExp][] = [
    [{ chainId: 1n }, /of chain 31337/],
    [{ escrow: scene.token.address }, /no session escrow/],
    [{ decimals: 18 }, /has 6 decimals/],
    [{ token: { name: 'USD Coin' } }, /EIP-712 domain/],
  ];
  for (const [change, wanted] of wrongs) {
    const wrong = backendOf([shop.url], change);
    assert.match(await wrong.verify(), wanted);
    const read = await wrong.read({}, wares);
    assert.is(read.ok ? '' : read.code, 'escrow_unready');
  }
});

onChain('an escrow of the first version is refused by a code of its own', async () => {
  const { address: escrow } = await Contract.deploy(scene.chain, 'OldEscrow');
  const old = backendOf([shop.url], { escrow });
  assert.match(await old.verify(), /version 1: deploy version 2/);
  const read = await old.read({}, wares);
  assert.is(read.ok ? '' : read.code, 'old_contract');
});

onChain('a token that takes a fee: the escrow refuses it, nothing is lost', async () => {
  const fee = await Scene.on(scene.chain, 'FeeToken');
  const plain = scene;
  setScene(fee);
  const feeShop = await Shop.open(fee);
  try {
    const backend = backendOf([feeShop.url]);
    const { order } = await pay(backend);
    assert.match(kind(await backend.open(order)), /^rejected/);
    assert.is((await fee.balances())[0], purse);
  } finally {
    await feeShop.close();
    setScene(plain);
  }
});

onChain('another contract is configured: what is in the old one is charged and closed there', async () => {
  const { order, signed } = await pay(backendOf([shop.url]));
  const opened = value(await backendOf([shop.url]).open(order));
  const other = await Scene.on(scene.chain);
  const at = (escrow: Address) => backendOf([shop.url], { escrow });
  const scheme = new SessionScheme(at(other.escrow.address), at);
  assert.is(await scheme.verify(), '');
  assert.is(value(await scheme.look(order)).is, 'open');
  assert.is(value(await scheme.consume(order, opened, signed, '5')), '5');
  const more = await scene.buyer.total(order.id as Hex, 1000n);
  assert.ok((await scheme.readSignature(order, opened, { consume: more }, { units: '9', proof: {} })).ok);
  assert.is((await closed(scheme, order, opened, signed, '7')).sellerAmount, '14');
});

onChain('another network or seller is configured: nobody knows what became of a deposit', async () => {
  const { order, signed } = await pay(backendOf([shop.url]));
  const opened = value(await backendOf([shop.url]).open(order));
  const at = (escrow: Address) => backendOf([shop.url], { escrow });
  const scheme = new SessionScheme(at(scene.escrow.address), at);
  for (const [path, given] of [
    ['network', 'eip155:1'],
    ['seller', scene.stranger],
  ] as const) {
    const moved = structuredClone(order) as PaymentOrder & { readonly payload: CreateRequest };
    const { paymentPayload } = moved.payload;
    Object.assign(path === 'network' ? paymentPayload : paymentPayload.extensions.session, { [path]: given });
    assert.is(kind(await scheme.open(moved)), 'unknown', path);
    assert.is(kind(await scheme.look(moved)), 'unknown', path);
    assert.is(kind(await scheme.consume(moved, opened, signed, '5')), 'unknown', path);
    assert.is(kind(await scheme.close(moved, opened, signed, '5')), 'unknown', path);
    const read = await scheme.readSignature(moved, opened, {}, signed);
    assert.is(read.ok ? '' : read.code, 'escrow_unready');
  }
});

onChain('somebody brought in all that was signed: the seller closes at what is charged already', async () => {
  const backend = backendOf([shop.url]);
  const { order, signed } = await pay(backend, 10n);
  const opened = value(await backend.open(order));
  await backend.consume(order, opened, signed, '10');
  assert.is((await closed(backend, order, opened, signed, '3')).sellerAmount, '20');
});

onChain('a close is never given up while the session is on the chain', async () => {
  const { order, signed } = await pay(backendOf([shop.url]));
  const opened = value(await backendOf([shop.url]).open(order));
  const backend = backendOf([stub.url]);
  for (const [status, code] of [
    [404, 'unknown_network'],
    [422, 'refused_by_chain'],
    [409, 'session_closed'],
  ] as const) {
    stub.says(status, { success: false, code, error: '' });
    assert.is(kind(await backend.close(order, opened, signed, '7')), 'unknown', code);
  }
  assert.is((await closed(backendOf([shop.url]), order, opened, signed, '7')).sellerAmount, '14');
});

onChain('a node that is away or talks nonsense: unknown, and nothing is opened or rejected', async () => {
  const proxy = await NodeProxy.start(scene.chain.url);
  const backend = backendOf([shop.url], { rpcUrl: proxy.url });
  const { order } = await pay(backend);
  proxy.lose = () => 'there';
  assert.is(kind(await backend.open(order)), 'unknown');
  assert.is(kind(await backend.look(order)), 'unknown');
  assert.is(backend.trouble, 'eth_getBlockByNumber: the node does not answer');
  proxy.lose = () => undefined;
  proxy.target = stub.url;
  for (const body of ['', 'null', '{"result":null}', '{"result":"0x"}', '{"result":[]}', '{"error":{}}']) {
    stub.says(200, body);
    assert.is(kind(await backend.open(order)), 'unknown', body);
  }
  proxy.target = scene.chain.url;
  assert.is(kind(await backend.open(order)), 'confirmed');
  assert.is(backend.trouble, '');
  await proxy.stop();
});

test.run();

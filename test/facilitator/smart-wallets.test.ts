// Buyers that are contracts (ERC-1271, ERC-6492), and what such a contract can do to the one who pays gas.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serializeErc6492Signature } from 'viem/utils';
import { Contract } from '../../packages/simulators/contract.js';
import type { Hex } from '../../src/payments/wallet/typed-data.js';
import type { CreateRequest } from '../../src/payments/wallet/wire.js';
import { always, type Scene, tokenDomain } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { until } from '../rig/until.js';
import { pendingIn, type Shop, told, withShop } from './shop.js';

/** As the contract has them. */
const moods = { honest: 0, notWhenPaid: 1, burns: 2, never: 3 };
let scene: Scene;
let shop: Shop;
withShop((nextScene, nextShop) => {
  [scene, shop] = [nextScene, nextShop];
});

/** A wallet with a million, of the buyer's key, at a facilitator that serves such ones. */
async function fickle(): Promise<Contract> {
  await shop.stop();
  await shop.start({ network: { smartWallets: true } });
  const wallet = await Contract.deploy(scene.chain, 'FickleWallet', scene.buyer.address);
  await scene.token.must(scene.stranger, 'mint', wallet.address, 1_000_000n);
  return wallet;
}

function feel(wallet: Contract, mood: keyof typeof moods) {
  return wallet.must(scene.stranger, 'setMood', moods[mood]);
}

/** A deposit that the wallet's owner has signed for it. */
async function depositOf(wallet: Hex): Promise<CreateRequest> {
  const request = await scene.buyer.createRequest(scene.terms(), tokenDomain, always, wallet);
  return signedSo(request, `${request.paymentPayload.signature}01`);
}

function signedSo(request: CreateRequest, signature: Hex): CreateRequest {
  return { ...request, paymentPayload: { ...request.paymentPayload, signature } };
}

/** The signature of a wallet that a call of this factory is said to make. */
function wrapped(signature: Hex, factory: Hex): Hex {
  return serializeErc6492Signature({ address: factory, data: '0xdeadbeef', signature });
}

onChain('a wallet that is there buys by ERC-1271 and by ERC-6492; one that is not is not made', async () => {
  const wallet = await fickle();
  const request = await depositOf(wallet.address);
  const before = await shop.sent();
  const notThere = await depositOf(`0x${'77'.repeat(20)}`);
  const making = wrapped(notThere.paymentPayload.signature, wallet.address);
  assert.is(told(await shop.post('/session/create', signedSo(notThere, making))), '422 bad_signature');
  assert.is(await shop.sent(), before);
  const bought = signedSo(request, wrapped(request.paymentPayload.signature, scene.stranger));
  const first = await shop.post('/session/create', bought);
  assert.is(told(first), '200 ok', JSON.stringify(first));
  assert.equal(await shop.post('/session/create', request), first, 'the same deposit, as ERC-1271 has it');
  const use = await scene.consumeRequest(first.sessionId as Hex, 7n, 0n);
  const signed = { ...use, buyerSignature: wrapped(`${use.buyerSignature}01`, scene.stranger) };
  assert.is(told(await shop.post('/session/consume', signed)), '200 ok');
  assert.is((await shop.finish(first.sessionId as Hex, 7n)).sellerAmount, '7');
});

onChain('a wallet that says yes for nothing and no for a price, or burns gas, costs nobody any', async () => {
  const wallet = await fickle();
  const id = (await shop.post('/session/create', await depositOf(wallet.address))).sessionId as Hex;
  await scene.token.must(scene.stranger, 'mint', wallet.address, 1_000_000n);
  const before = await shop.sent();
  const use = await scene.consumeRequest(id, 7n, 0n);
  const charge = { ...use, buyerSignature: `${use.buyerSignature}01` as Hex };
  for (const mood of ['notWhenPaid', 'burns', 'never'] as const) {
    await feel(wallet, mood);
    const replies = [
      told(await shop.post('/session/create', await depositOf(wallet.address))),
      told(await shop.post('/session/consume', charge)),
    ];
    assert.ok(
      replies.every((code) => /^422 (bad_signature|refused_by_chain)$/.test(code)),
      `${mood}: ${replies}`,
    );
  }
  assert.is(await shop.sent(), before);
  await feel(wallet, 'honest');
  assert.is(told(await shop.post('/session/consume', charge)), '200 ok');
});

onChain(
  'a wallet that changes its mind once it is sent is paid for once, and not served for a while',
  async () => {
    const wallet = await fickle();
    const before = await shop.sent();
    await scene.chain.rpc('evm_setAutomine', [false]);
    const reply = shop.post('/session/create', await depositOf(wallet.address));
    await until('it is with the node', async () => (await pendingIn(scene)) === 1);
    const change = wallet.encode('setMood', moods.never);
    const sooner = { from: scene.stranger, to: wallet.address, data: change, gas: '0x20000' };
    await scene.chain.rpc('eth_sendTransaction', [{ ...sooner, gasPrice: '0x2540be40000' }]);
    await scene.chain.rpc('evm_setAutomine', [true]);
    await scene.chain.mine();
    assert.is(told(await reply), '422 refused_by_chain');
    await feel(wallet, 'honest');
    assert.is(told(await shop.post('/session/create', await depositOf(wallet.address))), '429 failed_before');
    assert.is((await shop.sent()) - before, 1);
  },
);

test.run();

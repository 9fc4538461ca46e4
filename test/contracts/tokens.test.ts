// The escrow with tokens that do not behave, and buyers that are contracts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Anvil, anvilFile } from '../../packages/simulators/anvil.js';
import { Contract } from '../../packages/simulators/contract.js';
import { randomWord } from '../../packages/simulators/wallet.js';
import type { Hex } from '../../src/payments/wallet/typed-data.js';
import { onChain } from '../rig/on-chain.js';

import { always, purse, Scene, tokenDomain } from './scene.js';

let chain: Anvil;

test.before(async () => {
  if (anvilFile) chain = await Anvil.start();
});
test.after(() => chain?.stop());

/** Opens a session with a deposit that the buyer has approved. */
async function openDirectly(scene: Scene): Promise<Hex> {
  const { escrow, token, buyer, seller } = scene;
  await token.must(buyer.address, 'approve', escrow.address, 1000n);
  const call = [seller.address, token.address, 1000n, 1n, 3600n];
  const { events } = await escrow.must(buyer.address, 'createSession', ...call);
  return (events.SessionCreated![0] as { sessionId: Hex }).sessionId;
}

onChain('a token that keeps a part of each transfer is refused', async () => {
  const scene = await Scene.on(chain, 'FeeToken');
  const { escrow, token, buyer, seller, stranger } = scene;
  await token.must(buyer.address, 'approve', escrow.address, 1000n);
  const call = [seller.address, token.address, 1000n, 1n, 3600n];
  const direct = await escrow.send(buyer.address, 'createSession', ...call);
  assert.equal(direct, { ok: false, reason: 'WrongAmountReceived' });
  const terms = scene.terms();
  const { signature } = await buyer.authorize(terms, tokenDomain, always);
  const signed = { from: buyer.address, ...always, signature };
  const outcome = await escrow.send(stranger, 'createSessionWithAuthorization', terms, signed);
  assert.equal(outcome, { ok: false, reason: 'WrongAmountReceived' });
});

onChain('a token that returns false has not paid', async () => {
  const scene = await Scene.on(chain, 'FalseToken');
  const { escrow, token, buyer, seller, stranger } = scene;
  const call = [seller.address, token.address, 1000n, 1n, 3600n];
  const unpaid = await escrow.send(buyer.address, 'createSession', ...call);
  assert.equal(unpaid, { ok: false, reason: 'TransferFailed' });
  const id = await openDirectly(scene);
  await token.must(stranger, 'setBlocked', buyer.address, true);
  const { events } = await escrow.must(seller.address, 'closeSession', id);
  assert.is(events.PaymentDeferred?.length, 1);
  assert.is(await escrow.read('owed', token.address, buyer.address), 1000n);
});

onChain('a token that returns nothing works; what is no token does not', async () => {
  const scene = await Scene.on(chain, 'SilentToken');
  const { escrow, buyer, seller, stranger } = scene;
  const id = await openDirectly(scene);
  await escrow.must(stranger, 'consumeUnitsAt', ...(await scene.charge(id, 400n, 0n)));
  await escrow.must(seller.address, 'closeSession', id);
  assert.equal(await scene.balances(), [purse - 400n, 400n, 0n, 0n]);
  const call = [seller.address, stranger, 1000n, 1n, 3600n];
  assert.not((await escrow.send(buyer.address, 'createSession', ...call)).ok);
});

onChain('a token that calls back is let in nowhere', async () => {
  const scene = await Scene.on(chain, 'ReentrantToken');
  const { escrow, token, seller, stranger } = scene;
  const [victim, id] = [await openDirectly(scene), await openDirectly(scene)];
  const consume = await scene.charge(victim, 5n, 0n);
  const calls = [
    escrow.encode('createSession', seller.address, token.address, 1n, 1n, 1n),
    escrow.encode('consumeUnitsAt', ...consume),
    escrow.encode('closeSession', victim),
    escrow.encode('withdraw', token.address, stranger),
  ];
  for (const data of calls) {
    const undo = await chain.snapshot();
    await token.must(stranger, 'aim', escrow.address, data);
    await escrow.must(seller.address, 'closeSession', id);
    assert.is(await token.read('wasLetIn'), false);
    assert.is(await token.read('refusal'), '0xb5dfd9e5', 'Reentered()');
    assert.is(await scene.balance(escrow.address), 1000n);
    await undo();
  }
});

onChain('a smart wallet buys by ERC-1271', async () => {
  const scene = await Scene.on(chain);
  const { escrow, token, buyer, seller, stranger } = scene;
  const wallet = await Contract.deploy(chain, 'SmartWallet', buyer.address);
  await token.must(stranger, 'mint', wallet.address, 1_000_000n);
  const mark = (signature: Hex): Hex => `${signature}01`;
  const terms = scene.terms();
  const deposit = await buyer.authorize(terms, tokenDomain, always, wallet.address);
  const signed = { from: wallet.address, ...always, signature: mark(deposit.signature) };
  const { events } = await escrow.must(stranger, 'createSessionWithAuthorization', terms, signed);
  const { sessionId } = events.SessionCreated![0] as { sessionId: Hex };
  const use = { sessionId, units: 7n, unitsUsedBefore: 0n, nonce: randomWord() };
  const signature = await buyer.consume(use);
  const bare = await escrow.send(seller.address, 'consumeUnits', sessionId, 7n, signature, use.nonce);
  assert.equal(bare, { ok: false, reason: 'BadSignature' });
  await escrow.must(seller.address, 'consumeUnits', sessionId, 7n, mark(signature), use.nonce);
  await escrow.must(seller.address, 'closeSession', sessionId);
  assert.is(await scene.balance(wallet.address), 999_993n);
  assert.is(await scene.balance(seller.address), 7n);
});

test.run();

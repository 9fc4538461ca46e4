// What is read of the escrow's chain: events however old they are, and no more calls than it takes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anvilFile } from '../../../packages/simulators/anvil.js';
import { Contract } from '../../../packages/simulators/contract.js';
import { randomWord } from '../../../packages/simulators/wallet.js';
import { MismatchError } from '../../../src/payments/wallet/place.js';
import { Chain } from '../../../src/payments/wallet/session-chain.js';
import type { Address } from '../../../src/payments/wallet/typed-data.js';
import { Scene } from '../../contracts/scene.js';
import { Shop, told } from '../../facilitator/shop.js';
import { onChain } from '../../rig/on-chain.js';
import { NodeProxy } from '../../rig/proxy.js';

let scene: Scene;
let node: NodeProxy;
test.before(async () => {
  if (!anvilFile) return;
  scene = await Scene.start();
  node = await NodeProxy.start(scene.chain.url);
});
test.after(async () => {
  await node?.stop();
  await scene?.chain.stop();
});

function chainOf(escrow: Address = scene.escrow.address): Chain {
  const tokens = { [scene.token.address]: { decimals: 6 } };
  return new Chain({ chainId: 31_337n, rpcUrl: node.url, rpcTimeoutMs: 2000, escrow, tokens, logBlocks: 10 });
}

/** Calls of the node that something takes. */
async function callsOf(act: () => Promise<unknown>): Promise<string[]> {
  node.calls.length = 0;
  await act();
  return [...node.calls];
}

onChain('an event is found however old it is, and no older one in its place', async () => {
  const chain = chainOf();
  const id = await scene.open();
  const first = await scene.charge(id, 5n, 0n);
  const nonce = first[6];
  await scene.escrow.must(scene.stranger, 'consumeUnitsAt', ...first);
  await scene.chain.mine(25);
  await scene.escrow.must(scene.stranger, 'consumeUnitsAt', ...(await scene.charge(id, 7n, 0n)));
  await scene.chain.mine(35);
  const latest = await chain.latest();
  assert.is((await chain.event('SessionCreated', id, latest))?.args.sessionId, id);
  assert.is((await chain.event('UnitsConsumed', id, latest))?.args.unitsUsed, 7n, 'the newest');
  assert.is((await chain.event('UnitsConsumed', id, latest, { nonce }))?.args.unitsUsed, 5n);
  assert.is(await chain.event('UnitsConsumed', id, latest, { nonce, windows: 2 }), undefined);
});

onChain('what is not there is searched for back to the beginning of the session and no further', async () => {
  const chain = chainOf();
  await chain.check();
  await scene.chain.mine(300);
  const id = await scene.open();
  await scene.chain.mine(25);
  const latest = await chain.latest();
  for (const search of [
    () => chain.event('SessionClosed', id, latest),
    () => chain.event('UnitsConsumed', id, latest, { nonce: randomWord() }),
  ]) {
    assert.equal(await callsOf(search), ['eth_getLogs', 'eth_getLogs', 'eth_getLogs']);
  }
  assert.equal(await callsOf(() => chain.event('SessionCreated', id, latest, { windows: 1 })), [
    'eth_getLogs',
  ]);
});

onChain('a facilitator knows what was done long ago', async () => {
  const shop = await Shop.open(scene, { network: { logBlocks: 10 } });
  const other = new Shop(scene, { network: { logBlocks: 10 } });
  try {
    const id = await shop.session();
    const signed = await scene.consumeRequest(id, 9n, 0n);
    const consumed = await shop.post('/session/consume', signed);
    await scene.chain.mine(40);
    await other.start();
    assert.equal(await other.post('/session/consume', signed), consumed);
    const closed = await other.finish(id, 9n);
    await scene.chain.mine(40);
    assert.equal(await shop.finish(id, 9n), closed);
  } finally {
    await shop.close();
    await other.close();
  }
});

onChain('an account without code is no escrow', async () => {
  const error = await chainOf(scene.stranger)
    .check()
    .catch((cause: unknown) => cause);
  assert.instance(error, MismatchError);
  assert.match((error as Error).message, /no session escrow/);
});

onChain('an escrow of the first version is told from one of this version, and refused', async () => {
  const old = await Contract.deploy(scene.chain, 'OldEscrow');
  const error = await chainOf(old.address)
    .check()
    .catch((cause: unknown) => cause);
  assert.instance(error, MismatchError);
  assert.is((error as MismatchError).word, 'old_contract');
  assert.match((error as Error).message, /version 1: deploy version 2/);
  assert.is(await scene.escrow.read('version'), '2');
  const shop = await Shop.open(scene, { network: { escrow: old.address } });
  try {
    const request = await shop.request();
    (request.paymentPayload.authorization as { to: string }).to = old.address;
    assert.is(told(await shop.post('/session/create', request)), '503 old_contract');
    assert.is(told(await shop.finish(randomWord(), 0n)), '503 old_contract');
  } finally {
    await shop.close();
  }
});

test.run();

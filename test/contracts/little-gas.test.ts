// Closes for which there is too little gas: nobody's money is put aside by who chose so.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { numberToHex } from 'viem/utils';
import { Anvil, anvilFile } from '../../packages/simulators/anvil.js';
import type { Hex } from '../../src/payments/wallet/typed-data.js';
import { onChain } from '../rig/on-chain.js';
import { until } from '../rig/until.js';
import { purse, Scene } from './scene.js';

let chain: Anvil;
test.before(async () => {
  if (anvilFile) chain = await Anvil.start();
});
test.after(() => chain?.stop());

/** A session of 1,000 units with 400 charged, and its seller's call that closes it. */
async function charged(kind?: string) {
  const scene = await Scene.on(chain, kind);
  const { escrow, token, buyer, seller } = scene;
  await token.must(buyer.address, 'approve', escrow.address, 1000n);
  const call = [seller.address, token.address, 1000n, 1n, 3600n];
  const { events } = await escrow.must(buyer.address, 'createSession', ...call);
  const { sessionId } = events.SessionCreated![0] as { sessionId: Hex };
  await escrow.must(seller.address, 'consumeUnitsAt', ...(await scene.charge(sessionId, 400n, 0n)));
  const data = escrow.encode('closeSession', sessionId);
  return { scene, close: { from: seller.address, to: escrow.address, data } };
}

async function send(call: object): Promise<boolean> {
  const hash = await chain.rpc('eth_sendTransaction', [call]);
  const receipt = () => chain.rpc<{ status: Hex } | null>('eth_getTransactionReceipt', [hash]);
  return (await until('the transaction is mined', receipt)).status === '0x1';
}

onChain(
  'a token that takes 1.8 million gas a transfer is paid out with what the node estimates',
  async () => {
    const { scene, close } = await charged('HeavyToken');
    const gas = await chain.rpc<Hex>('eth_estimateGas', [close]);
    assert.ok(Number(gas) > 3_600_000);
    assert.ok(await send({ ...close, gas }));
    assert.equal(await scene.balances(), [purse - 400n, 400n, 0n, 0n]);
  },
);

onChain('a close with too little gas for its transfers is refused, and puts nothing aside', async () => {
  const { scene, close } = await charged('HeavyToken');
  // Two transfers take 3,600,000. What is left when the second one fails would be enough to put it aside.
  for (const gas of [2_000_000, 3_450_000, 3_500_000, 3_550_000, 3_590_000])
    assert.not(await send({ ...close, gas: numberToHex(gas) }), `${gas}`);
  const { buyer, seller, token, escrow } = scene;
  const owed = [buyer, seller].map(({ address }) => escrow.read('owed', token.address, address));
  assert.equal(await Promise.all(owed), [0n, 0n]);
  assert.equal(await scene.balances(), [purse - 1000n, 0n, 1000n, 0n]);
});

test.run();

// Charges and closes of one seller that wait at the same time: one transaction, and each its own answer.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { purse, type Scene } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { until } from '../rig/until.js';
import { type Shop, told, withShop } from './shop.js';

let scene: Scene;
let shop: Shop;
withShop((nextScene, nextShop) => {
  [scene, shop] = [nextScene, nextShop];
});

/** Waits so long that most of what is asked at once goes together. */
async function restart(replyTimeoutMs = 60_000): Promise<void> {
  await shop.stop();
  await shop.start({ replyTimeoutMs, network: { batchMs: 100 } });
}

onChain(
  'sessions that are charged and closed at the same time: exact, and each repeat the same',
  async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => shop.session()));
    await restart();
    const requests = await Promise.all(ids.map((id, i) => scene.consumeRequest(id, BigInt(i + 1), 0n)));
    const charge = () => Promise.all(requests.map((request) => shop.post('/session/consume', request)));
    const charged = await charge();
    assert.equal(new Set(charged.map(told)), new Set(['200 ok']));
    assert.equal(
      charged.map(({ unitsConsumed }) => unitsConsumed),
      ids.map((_, i) => `${i + 1}`),
    );
    assert.equal(await charge(), charged);
    const closes = await Promise.all(ids.map((id, i) => scene.seller.closeRequest(id, BigInt(i + 1))));
    const close = () => Promise.all(closes.map((request) => shop.post('/session/close', request)));
    const closed = await close();
    assert.equal(new Set(closed.map(told)), new Set(['200 ok']));
    await restart();
    assert.equal(await charge(), charged, 'also after a restart');
    assert.equal(await close(), closed);
    assert.equal(await scene.balances(), [purse - 15n, 15n, 0n, 0n]);
  },
);

onChain('a charge in a batch that is too late when it is mined takes nobody down', async () => {
  const [one, two] = await Promise.all([shop.session(), shop.session()]);
  await restart(300);
  await scene.chain.rpc('evm_setAutomine', [false]);
  const requests = await Promise.all([one, two].map((id) => scene.consumeRequest(id, 5n, 0n)));
  const charge = () =>
    Promise.all(requests.map(async (body) => told(await shop.post('/session/consume', body))));
  await until('both are sent', async () =>
    (await charge()).every((code) => code === '202 settlement_pending'),
  );
  const close = scene.escrow.encode('closeSession', one);
  const sooner = { from: scene.seller.address, to: scene.escrow.address, data: close, gas: '0x60000' };
  await scene.chain.rpc('eth_sendTransaction', [{ ...sooner, gasPrice: '0x2540be40000' }]);
  await scene.chain.rpc('evm_setAutomine', [true]);
  await scene.chain.mine();
  const ends = ['409 session_closed', '200 ok'];
  await until('both have ended', async () => `${await charge()}` === `${ends}`);
  assert.equal(await scene.balances(), [purse - 1_000_000n, 0n, 1_000_000n, 0n]);
});

test.run();

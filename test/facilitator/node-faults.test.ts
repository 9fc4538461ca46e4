// Faults between the facilitator and its node, and on the chain itself: after recovery the sums are exact.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { privateKeyToAccount } from 'viem/accounts';
import { Anvil, anvilFile } from '../../packages/simulators/anvil.js';
import { always, purse, Scene, tokenDomain } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { NodeProxy } from '../rig/proxy.js';
import { until } from '../rig/until.js';
import { gasKeys, network, pendingIn, type Reply, Shop, told } from './shop.js';

const gasAccount = privateKeyToAccount(gasKeys[0]!).address;
const stateDirectory = mkdtempSync(join(tmpdir(), 'turnpike-'));
let scene: Scene;
let chain: Anvil;
let proxy: NodeProxy;
let shop: Shop;

/** Starts the facilitator anew, behind the proxy. */
async function restart(change: object = {}, replyTimeoutMs = 10_000): Promise<void> {
  await shop.stop();
  await shop.start({ replyTimeoutMs, network: { rpcUrl: proxy.url, ...change } });
}

test.before(async () => {
  if (!anvilFile) return;
  chain = await Anvil.start('--state', join(stateDirectory, 'state.json'));
  proxy = await NodeProxy.start(chain.url);
});
test.before.each(async () => {
  if (!anvilFile) return;
  scene = await Scene.on(chain);
  proxy.calls.length = 0;
  proxy.lose = () => undefined;
  shop = new Shop(scene, { network: { rpcUrl: proxy.url } });
  await shop.start();
});
test.after.each(() => shop?.close());
test.after(async () => {
  await proxy?.stop();
  await chain?.stop();
  rmSync(stateDirectory, { recursive: true });
});

onChain('a call to the node is lost, there or back, at any step: one transaction all the same', async () => {
  const methods = [
    'eth_getBlockByNumber',
    'eth_call',
    'eth_estimateGas',
    'eth_maxPriorityFeePerGas',
    'eth_getBalance',
    'eth_getTransactionCount',
    'eth_sendRawTransaction',
    'eth_getTransactionReceipt',
    'eth_getLogs',
  ];
  const before = await shop.sent();
  for (const method of methods) {
    for (const loss of ['there', 'back'] as const) {
      const request = await shop.request();
      const lost = proxy.loseNext(method, loss);
      const first = await shop.post('/session/create', request);
      await lost;
      assert.ok(['200 ok', '502 chain_unreachable'].includes(told(first)), `${method}: ${told(first)}`);
      assert.is(told(await shop.post('/session/create', request)), '200 ok', `${method} ${loss}`);
    }
  }
  assert.is((await shop.sent()) - before, 2 * methods.length);
  assert.is(await scene.balance(scene.escrow.address), 18_000_000n);
});

onChain('a node that hangs: pending, and confirmed when it is back', async () => {
  await restart({ rpcTimeoutMs: 1000 }, 400);
  const [request, other] = [await shop.request(), await shop.request()];
  await chain.rpc('evm_setAutomine', [false]);
  const post = () => shop.post('/session/create', request);
  await until('the reply says pending', async () => told(await post()) === '202 settlement_pending');
  const pending = await post();
  assert.equal([pending.retryable, typeof pending.transaction], [true, 'string']);
  const { session } = await shop.get(`/session/${network}/${pending.sessionId}`);
  assert.is((session as { status: string }).status, 'pending');
  chain.freeze();
  assert.is(told(await shop.post('/session/create', request)), '202 settlement_pending');
  assert.is((await shop.post('/session/create', other)).retryable, true);
  chain.thaw();
  await chain.rpc('evm_setAutomine', [true]);
  await chain.mine();
  let reply = pending;
  await until('the transaction is mined', async () => {
    reply = await post();
    return told(reply) === '200 ok';
  });
  assert.is(reply.transaction, pending.transaction);
});

onChain('a node that goes and comes back', async () => {
  const id = await shop.session();
  const request = await scene.consumeRequest(id, 5n, 0n);
  await chain.stop();
  assert.is(told(await shop.post('/session/consume', request)), '502 chain_unreachable');
  await chain.startAgain();
  assert.is(told(await shop.post('/session/consume', request)), '200 ok');
  assert.is(told(await shop.finish(id, 5n)), '200 ok');
  assert.equal(await scene.balances(), [purse - 5n, 5n, 0n, 0n]);
});

onChain('a reorganisation before the last confirmation: not believed, and sent again', async () => {
  await restart({ confirmations: 3 }, 300);
  await chain.mine(3);
  const undo = await chain.snapshot();
  const request = await shop.request();
  const reply = async () => told(await shop.post('/session/create', request));
  const isPaid = async () => (await scene.balance(scene.escrow.address)) === 1_000_000n;
  await until('the reply says pending', async () => (await reply()) === '202 settlement_pending');
  await until('the deposit is in a block', isPaid);
  await undo();
  await until('the deposit is in a block again', isPaid);
  await chain.mine(3);
  await until('the deposit is confirmed', async () => (await reply()) === '200 ok');
  assert.is(await scene.balance(scene.escrow.address), 1_000_000n);
});

onChain('a reorganisation after the last confirmation: the same request settles it again', async () => {
  await chain.mine();
  const undo = await chain.snapshot();
  const request = await shop.request();
  const first = await shop.post('/session/create', request);
  const id = first.sessionId as `0x${string}`;
  const use = await scene.consumeRequest(id, 5n, 0n);
  assert.is(told(await shop.post('/session/consume', use)), '200 ok');
  await undo();
  assert.is(told(await shop.get(`/session/${network}/${id}`)), '404 unknown_session');
  assert.is((await shop.post('/session/create', request)).sessionId, id);
  assert.is(told(await shop.post('/session/consume', use)), '200 ok');
  assert.is(told(await shop.finish(id, 5n)), '200 ok');
  assert.equal(await scene.balances(), [purse - 5n, 5n, 0n, 0n]);
});

onChain('a call that passes in advance and fails when it is mined is paid for once', async () => {
  const request = await shop.request();
  const before = await shop.sent();
  await chain.rpc('evm_setAutomine', [false]);
  const reply = shop.post('/session/create', request);
  await until('it is with the node', async () => (await pendingIn(scene)) === 1);
  const take = scene.token.encode('transfer', scene.stranger, purse);
  const first = { from: scene.buyer.address, to: scene.token.address, data: take, gas: '0x60000' };
  await chain.rpc('eth_sendTransaction', [{ ...first, gasPrice: '0x2540be40000' }]);
  await chain.rpc('evm_setAutomine', [true]);
  await chain.mine();
  assert.is(told(await reply), '422 refused_by_chain');
  await scene.token.must(scene.stranger, 'mint', scene.buyer.address, purse);
  assert.is(told(await shop.post('/session/create', request)), '422 refused_by_chain');
  assert.is((await shop.sent()) - before, 1);
});

onChain(
  'a transaction that is stuck while others are mined is replaced by one with a higher fee',
  async () => {
    await restart({ stuckMs: 150 });
    const before = await shop.sent();
    proxy.lose = (method) => (method === 'eth_sendRawTransaction' ? 'there' : undefined);
    const reply = shop.post('/session/create', await shop.request());
    await until('it is sent', () => proxy.calls.includes('eth_sendRawTransaction'));
    await until('it is replaced', async () => {
      await scene.token.must(scene.stranger, 'mint', scene.stranger, 1n);
      return shop.lines.some((line) => line.includes('higher fee'));
    });
    proxy.lose = () => undefined;
    assert.is(told(await reply), '200 ok');
    assert.is((await shop.sent()) - before, 1);
  },
);

onChain('a nonce that somebody else used: another is taken', async () => {
  await chain.rpc('evm_setAutomine', [false]);
  proxy.lose = (method) => (method === 'eth_sendRawTransaction' ? 'there' : undefined);
  const reply = shop.post('/session/create', await shop.request());
  await until('it is sent', () => proxy.calls.includes('eth_sendRawTransaction'));
  await chain.rpc('eth_sendTransaction', [{ from: gasAccount, to: gasAccount }]);
  await chain.rpc('evm_setAutomine', [true]);
  await chain.mine();
  proxy.lose = () => undefined;
  assert.is(told(await reply), '200 ok');
  assert.ok(shop.lines.some((line) => line.includes('used by others')));
});

onChain('a create that somebody else brings in first is ours all the same', async () => {
  const terms = scene.terms();
  const request = await shop.request(terms);
  const { signature } = await scene.buyer.authorize(terms, tokenDomain, always);
  await chain.rpc('evm_setAutomine', [false]);
  const reply = shop.post('/session/create', request);
  await until('it is with the node', async () => (await pendingIn(scene)) === 1);
  const call = [terms, { from: scene.buyer.address, ...always, signature }];
  const data = scene.escrow.encode('createSessionWithAuthorization', ...call);
  const first = { from: scene.stranger, to: scene.escrow.address, data, gas: '0x60000' };
  const hash = await chain.rpc('eth_sendTransaction', [{ ...first, gasPrice: '0x2540be40000' }]);
  await chain.rpc('evm_setAutomine', [true]);
  await chain.mine();
  const { transaction, ...rest } = await reply;
  assert.is(told(rest as Reply), '200 ok', JSON.stringify(rest));
  assert.is(transaction, hash);
  assert.is(await scene.balance(scene.escrow.address), 1_000_000n);
});

onChain('signers without gas, and a network that is not the configured one', async () => {
  const request = await shop.request();
  await restart({ keys: [`0x${'99'.repeat(32)}`] });
  assert.is(told(await shop.post('/session/create', request)), '503 overloaded');
  await restart({ tokens: { [scene.token.address]: { decimals: 18, minDeposit: 0n, minCharge: 0n } } });
  assert.is(told(await shop.post('/session/create', request)), '503 misconfigured');
  await restart({ escrow: scene.token.address });
  const elsewhere = structuredClone(request) as { paymentPayload: { authorization: { to: string } } };
  elsewhere.paymentPayload.authorization.to = scene.token.address;
  assert.is(told(await shop.post('/session/create', elsewhere)), '503 misconfigured');
});

onChain('a directory belongs to one process', async () => {
  const second = new Shop(scene);
  try {
    await second.start({ directory: shop.directory });
    assert.unreachable();
  } catch (cause) {
    assert.is((cause as { code: string }).code, 'locked');
  } finally {
    await second.close();
  }
});

onChain('a session that nobody closes is closed after its time', async () => {
  await shop.stop();
  await shop.start({ expiryMarginSeconds: 0 });
  const id = await shop.session(scene.terms({ duration: 1n }));
  assert.is(told(await shop.consume(id, 3n, 0n)), '200 ok');
  await shop.stop();
  await shop.start({ expiryMarginSeconds: 0, closeExpiredMs: 20 });
  await until('the deposit is paid out', async () => (await scene.balance(scene.escrow.address)) === 0n);
  assert.equal(await scene.balances(), [purse - 3n, 3n, 0n, 0n]);
});

onChain('a stop replies to those who wait, and the next start goes on', async () => {
  await chain.rpc('evm_setAutomine', [false]);
  const request = await shop.request();
  const reply = shop.post('/session/create', request);
  await until('it is with the node', async () => (await pendingIn(scene)) === 1);
  await shop.stop();
  assert.is(told(await reply), '202 settlement_pending');
  await chain.rpc('evm_setAutomine', [true]);
  await chain.mine();
  await shop.start();
  assert.is(told(await shop.post('/session/create', request)), '200 ok');
});

test.run();

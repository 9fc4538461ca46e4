// The daemon with every way to pay from a wallet: what a quote says of them, and what the state is while the node is away.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Scene } from '../../contracts/scene.js';
import { onChain } from '../../rig/on-chain.js';
import { NodeProxy } from '../../rig/proxy.js';
import { until } from '../../rig/until.js';
import { Router } from './session/router.js';

interface Way {
  readonly method: string;
  readonly requirements?: { readonly scheme: string; readonly amount: string; readonly network: string };
}

const options = ['x402r-session', 'x402-exact', 'x402-batch'].map((name) => `list method '${name}'`);

onChain('each way is offered when the node has answered, with what a wallet needs', async () => {
  const scene = await Scene.start();
  const node = await NodeProxy.start(scene.chain.url);
  const router = await Router.start(scene, { facilitators: ['http://127.0.0.1:9'], rpc: node.url }, options);
  try {
    const ways = await until('three ways to pay', async () => {
      const found = (await router.call('quote', { plan: 'data', steps: 1000 })).payment as unknown as Way[];
      assert.ok(found.length >= 3, JSON.stringify(found));
      return found;
    });
    const schemes = ways.map((way) => [way.method, way.requirements?.scheme, way.requirements?.amount]);
    assert.equal(schemes.slice(1), [
      ['x402-exact', 'exact', '1000'],
      ['x402-batch', 'batch-settlement', '1000'],
    ]);
    assert.is(schemes[0]?.[0], 'x402r-session');
    for (const way of ways) assert.is(way.requirements?.network, 'eip155:31337');
    const odd = { method: 'x402-exact', payload: { x402Version: 2 } };
    const order = { mac: '02:00:00:00:00:01', plan: 'data', steps: 1000, payment: odd, idempotency_key: 'k' };
    const refused = await router.call('purchase', { ...order, gateway: 'lan' });
    assert.is(refused.error?.code, 'bad_payment', JSON.stringify(refused));
  } finally {
    await router.close();
    await node.stop();
    await scene.chain.stop();
  }
});

test.run();

// Wallet, router, facilitator and chain, each a process of its own: what was used is what was paid, whatever dies.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import { purse, Scene } from '../chain/scene.js';
import { onChain } from '../chain/suite.js';
import { FacilitatorProcess } from '../facilitator/process.js';
import { Router } from './router.js';

const step = 1024;
const used = 312_345;
const mac = '02:00:00:00:00:01' as Mac;

onChain('1.00 is paid, 31.2345% is used: the seller has 0.312345 more, the buyer 0.312345 less', async () => {
  const scene = await Scene.start();
  const facilitator = new FacilitatorProcess(scene, scene.chain.url);
  let router: Router | undefined;
  try {
    await facilitator.start();
    router = await Router.start(scene, { facilitators: [facilitator.url], rpc: scene.chain.url });
    const { order, sessionId } = await router.order(scene.buyer, mac, 1_000_000);
    const session = await router.buy(order);
    assert.is(session.error, undefined, JSON.stringify(session));
    assert.equal(await scene.balances(), [purse - 1_000_000n, 0n, 1_000_000n, 0n]);
    await router.use(mac, session.id!, used * step);
    await router.call('close', { id: session.id });
    await router.deposit(sessionId, 'closed');
    assert.equal(await scene.balances(), [purse - 312_345n, 312_345n, 0n, 0n]);
  } finally {
    if (router) console.log(router.daemon.log());
    await router?.close();
    await facilitator.close();
    await scene.chain.stop();
  }
});

test.run();

// The process is killed at each step of each operation; after the next start the sums are exact.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hex } from '../../src/payments/wallet/typed-data.js';
import { always, purse, Scene, tokenDomain } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { type Loss, NodeProxy } from '../rig/proxy.js';
import { FacilitatorProcess } from './process.js';
import { Shop } from './shop.js';

/** Calls to the node in the order in which an operation makes them, and whether the call had its effect. */
const steps: [string, Loss][] = [
  ['eth_getBlockByNumber', 'there'],
  ['eth_estimateGas', 'back'],
  ['eth_getTransactionCount', 'back'],
  ['eth_sendRawTransaction', 'there'],
  ['eth_sendRawTransaction', 'back'],
  ['eth_getTransactionReceipt', 'back'],
  ['eth_getLogs', 'back'],
];
/** Nothing was written before these. */
const afterSigning = steps.slice(3);

onChain('killed at every step, each purchase is paid and settled once', async () => {
  const scene = await Scene.start();
  const proxy = await NodeProxy.start(scene.chain.url);
  const facilitator = new FacilitatorProcess(scene, proxy.url);
  let kills = 0;
  /** Sends a request, kills the process when it makes a call, starts it again and sends the same request. */
  const survive = async (path: string, body: unknown, [method, loss]: [string, Loss]) => {
    const held = proxy.hold(method, loss);
    const first = facilitator.post(path, body);
    const early = (reply: unknown) => assert.unreachable(`before ${method}: ${JSON.stringify(reply)}`);
    await Promise.race([held, first.then(early)]);
    await facilitator.end('SIGKILL');
    proxy.cut();
    kills += 1;
    assert.is(await first, undefined, 'no reply before it was killed');
    await facilitator.start();
    const reply = await facilitator.post(path, body);
    assert.is(
      reply?.success,
      true,
      `${path} ${method} ${loss}: ${JSON.stringify(reply)} ${facilitator.log()}`,
    );
    assert.equal(await facilitator.post(path, body), reply, 'the same answer ever after');
    return reply!;
  };
  try {
    await facilitator.start();
    const shop = new Shop(scene);
    const ids: Hex[] = [];
    for (const step of steps) {
      const body = await scene.buyer.createRequest(scene.terms(), tokenDomain, always);
      ids.push((await survive('/session/create', body, step)).sessionId as Hex);
    }
    for (const [i, step] of afterSigning.entries()) {
      await survive('/session/consume', await scene.consumeRequest(ids[i]!, 312_345n, 0n), step);
      await survive('/session/close', await scene.seller.closeRequest(ids[i]!, 312_345n), step);
    }
    const [open, used] = [BigInt(steps.length - afterSigning.length), BigInt(afterSigning.length) * 312_345n];
    const held = open * 1_000_000n;
    assert.equal(await scene.balances(), [purse - used - held, used, held, 0n]);
    assert.is(await shop.sent(), kills, 'one transaction for each operation');
    await shop.close();
    console.log(`  ${kills} kills`);
  } finally {
    await facilitator.close();
    await proxy.stop();
    await scene.chain.stop();
  }
});

test.run();

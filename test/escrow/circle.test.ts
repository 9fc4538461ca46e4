// Wallet, router, facilitator and chain, each a process of its own: what was used is what was paid, whatever dies.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import { type Loss, NodeProxy } from '../chain/proxy.js';
import { purse, Scene } from '../chain/scene.js';
import { onChain } from '../chain/suite.js';
import { FacilitatorProcess } from '../facilitator/process.js';
import { type Answer, Router } from './router.js';

const step = 1024;
const used = 312_345;
const macOf = (n: number) => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac;

/** All four, with a proxy on each way between them. */
class Street {
  readonly scene: Scene;
  readonly facilitator: FacilitatorProcess;
  /** From the router to the facilitator, from the router to the node, from the facilitator to the node. */
  readonly ways: { readonly api: NodeProxy; readonly node: NodeProxy; readonly gas: NodeProxy };
  router!: Router;

  private constructor(scene: Scene, facilitator: FacilitatorProcess, ways: Street['ways']) {
    this.scene = scene;
    this.facilitator = facilitator;
    this.ways = ways;
  }

  static async open(): Promise<Street> {
    const scene = await Scene.start();
    const gas = await NodeProxy.start(scene.chain.url);
    const node = await NodeProxy.start(scene.chain.url);
    const facilitator = new FacilitatorProcess(scene, gas.url);
    await facilitator.start();
    const api = await NodeProxy.start(facilitator.url);
    const street = new Street(scene, facilitator, { api, node, gas });
    street.router = await Router.start(scene, { facilitators: [api.url], rpc: node.url });
    return street;
  }

  /** Both die with no time to say anything, and come back. */
  async killBoth(): Promise<void> {
    await Promise.all([this.router.daemon.end('SIGKILL'), this.facilitator.end('SIGKILL')]);
    await this.facilitator.start();
    this.ways.api.target = this.facilitator.url;
    await this.router.daemon.start();
  }

  async close(): Promise<void> {
    await this.router?.close();
    await this.facilitator.close();
    await Promise.all(Object.values(this.ways).map((way) => way.stop()));
    await this.scene.chain.stop();
  }
}

/** Where something is lost: on which way, which call, and whether it was carried out. */
type Fault = readonly [way: keyof Street['ways'], call: string, loss: Loss];

onChain('1.00 is paid, 31.2345% is used: the seller has 0.312345 more, the buyer 0.312345 less', async () => {
  const street = await Street.open();
  const { scene, router } = street;
  try {
    const { order, sessionId } = await router.order(scene.buyer, macOf(1), 1_000_000);
    const session = await router.buy(order);
    assert.is(session.error, undefined, JSON.stringify(session));
    assert.equal(await scene.balances(), [purse - 1_000_000n, 0n, 1_000_000n, 0n]);
    await router.use(macOf(1), session.id!, used * step);
    await router.call('close', { id: session.id });
    await router.deposit(sessionId, 'closed');
    assert.equal(await scene.balances(), [purse - 312_345n, 312_345n, 0n, 0n]);
  } finally {
    await street.close();
  }
});

onChain('the same when router and facilitator are both killed at every step of it', async () => {
  const opening: Fault[] = [
    ['api', '/session/create', 'there'],
    ['api', '/session/create', 'back'],
    ['gas', 'eth_sendRawTransaction', 'there'],
    ['gas', 'eth_sendRawTransaction', 'back'],
    ['node', 'eth_getLogs', 'back'],
  ];
  const closing: Fault[] = [
    ['api', '/session/close', 'there'],
    ['api', '/session/close', 'back'],
    ['gas', 'eth_sendRawTransaction', 'there'],
    ['gas', 'eth_sendRawTransaction', 'back'],
    ['node', 'eth_call', 'there'],
  ];
  const street = await Street.open();
  const { scene, router, ways } = street;
  /** Loses a call, and both die of it. */
  const dieAt = async ([way, call, loss]: Fault, act: () => Promise<unknown>) => {
    const lost = ways[way].loseNext(call, loss);
    // Who is killed answers nobody.
    void act().catch(() => undefined);
    await lost;
    await street.killBoth();
  };
  try {
    for (const [i, fault] of opening.entries()) {
      const { order, sessionId } = await router.order(scene.buyer, macOf(i), 1_000_000);
      await dieAt(fault, () => router.call('purchase', order));
      const session = await router.buy(order);
      assert.is(session.error, undefined, `${fault}: ${JSON.stringify(session)} ${router.daemon.log()}`);
      await router.use(macOf(i), session.id!, 200_000 * step);
      await street.killBoth();
      await router.use(macOf(i), session.id!, (used - 200_000) * step);
      await dieAt(closing[i]!, () => router.call('close', { id: session.id }));
      const closed = await router.deposit(sessionId, 'closed');
      assert.equal([closed.seller_amount, closed.buyer_refund], ['312345', '687655'], `${closing[i]}`);
      const sold = BigInt(i + 1) * 312_345n;
      assert.equal(await scene.balances(), [purse - sold, sold, 0n, 0n], `${fault}, ${closing[i]}`);
    }
  } finally {
    await street.close();
  }
});

onChain('the same when calls are lost on every way, for several devices at once', async () => {
  const street = await Street.open();
  const { scene, router, ways } = street;
  const devices = [1, 2, 3, 4, 5, 6];
  let lost = 0;
  const calls = ['/session/create', '/session/close', 'eth_sendRawTransaction', 'eth_getLogs'];
  /** The first of each never arrives, the third is carried out and nobody hears of it. */
  const loseSome = () => {
    for (const way of Object.values(ways)) {
      const counts = new Map<string, number>();
      way.lose = (call) => {
        const count = (counts.get(call) ?? 0) + 1;
        counts.set(call, count);
        const loss = count === 1 ? 'there' : count === 3 ? 'back' : undefined;
        if (!calls.includes(call) || !loss) return undefined;
        lost += 1;
        return loss;
      };
    }
  };
  try {
    const orders = await Promise.all(devices.map((n) => router.order(scene.buyer, macOf(n), 1_000_000)));
    loseSome();
    const sessions = await Promise.all(orders.map(({ order }) => router.buy(order)));
    await Promise.all(sessions.map(({ id }, i) => router.use(macOf(devices[i]!), id!, (i + 1) * step)));
    loseSome();
    await Promise.all(sessions.map(({ id }) => router.call('close', { id })));
    const closed: Answer[] = await Promise.all(orders.map((o) => router.deposit(o.sessionId, 'closed')));
    assert.equal(
      closed.map((one) => one.seller_amount),
      devices.map((_, i) => `${i + 1}`),
      'each his own, and no more',
    );
    assert.equal(await scene.balances(), [purse - 21n, 21n, 0n, 0n]);
    assert.ok(lost >= 10, `${lost} calls were lost`);
  } finally {
    await street.close();
  }
});

test.run();

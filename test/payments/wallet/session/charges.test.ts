// A router that is switched off and never comes back: its seller has what was charged while it ran.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf } from '../../../../packages/simulators/anvil.js';
import { parsePrice } from '../../../../src/domain/money.js';
import { Facilitators } from '../../../../src/payments/wallet/facilitators.js';
import { SessionBackend } from '../../../../src/payments/wallet/session/backend.js';
import type { SessionRequirements } from '../../../../src/payments/wallet/session/requirements.js';
import { Chain } from '../../../../src/payments/wallet/session-chain.js';
import type { Address } from '../../../../src/payments/wallet/typed-data.js';
import { purse, Scene } from '../../../contracts/scene.js';
import { TestPortal } from '../../../engine/portal.js';
import { mac, plan, type World, world } from '../../../engine/world.js';
import { network, Shop } from '../../../facilitator/shop.js';
import { onChain } from '../../../rig/on-chain.js';
import { NodeProxy } from '../../../rig/proxy.js';
import { until } from '../../../rig/until.js';

const one = mac(1);
const minute = 60_000;
/** A step is 10 bytes and costs the smallest unit there is: 1.00 buys 10 MB. */
const fine = plan('fine', { stepSize: 10, prices: [parsePrice('0.000001 USD')!], maxSteps: 1_000_000 });
const day = 86_400;

function backendOf(scene: Scene, url: string, wall: () => number): SessionBackend {
  const [chainId, escrow, token] = [31_337n, scene.escrow.address, scene.token.address];
  const place = { chainId, escrow, rpcUrl: scene.chain.url, rpcTimeoutMs: 2000, logBlocks: 1000 };
  const chain = new Chain({ ...place, tokens: { [token]: { decimals: 6 } } });
  const seller = scene.seller.address.toLowerCase() as Address;
  return new SessionBackend({
    offer: { network, chainId, escrow, token, seller, duration: BigInt(day) },
    ...{ currency: 'USD', decimals: 6, key: keyOf(2), token: {} },
    facilitators: new Facilitators([url], 2000),
    watch: { chain, marginMs: 10 * minute, finality: 1, wall },
  });
}

/** A router whose customer has paid in 1.00 and signed for all of it. */
class Sale {
  readonly scene: Scene;
  readonly shop: Shop;
  readonly api: NodeProxy;
  readonly w: World;

  private constructor(scene: Scene, shop: Shop, api: NodeProxy, w: World) {
    this.scene = scene;
    this.shop = shop;
    this.api = api;
    this.w = w;
  }

  static async open(): Promise<Sale> {
    const scene = await Scene.start();
    const shop = await Shop.open(scene);
    const api = await NodeProxy.start(shop.url);
    const offer = { plans: new Map([[fine.id, fine]]), methods: new Map() };
    const w = await world([new TestPortal('lan')], { offer });
    w.clock.setBy = Number(await scene.chain.now()) * 1000 - w.clock.wall();
    const backend = backendOf(scene, api.url, () => w.clock.wall());
    assert.is(await backend.verify(), '');
    w.backends = [backend];
    await w.crash();
    w.portal.join(one);
    await w.clock.pass(1001);
    return new Sale(scene, shop, api, w);
  }

  /** The router's clock goes on, half a second at a time, until it is so. */
  async passUntil(is: () => boolean): Promise<void> {
    const look = async () => {
      await this.w.clock.pass(500);
      // Blocks come while the end of a deposit is waited for.
      if (this.deposit?.state === 'close-unknown') await this.scene.chain.mine();
      return is();
    };
    await until(`${is}`, look, () => [this.deposit, this.w.log]);
  }

  async buy(): Promise<void> {
    const { w, scene } = this;
    const [backend] = w.backends as [SessionBackend];
    const asked = backend.requirements({ units: 1_000_000n, unitPrice: 1n, description: '' });
    const now = BigInt(Math.floor(w.clock.wall() / 1000));
    const { payment } = await scene.buyer.pay(asked as SessionRequirements, 1_000_000n, now);
    const full = { ...payment, method: backend.name };
    void w.commands.purchase({ mac: one, plan: fine.id, steps: 1_000_000, payment: full, key: 'k' });
    await this.passUntil(() => w.portal.clients.get(one)?.open === true);
    await scene.chain.mine();
    await this.passUntil(() => this.deposit.final);
  }

  get deposit() {
    return [...this.w.engine.accounts.book.deposits.all()][0]!;
  }

  /** Nothing runs any more. */
  async off(): Promise<void> {
    this.w.rounds.stop();
    await this.w.engine.stop();
  }

  async close(): Promise<void> {
    await this.off();
    await this.shop.close();
    await this.api.stop();
    await this.scene.chain.stop();
  }
}

onChain('used for a part, charged at the interval, then off for good: the rest alone goes back', async () => {
  const sale = await Sale.open();
  const { scene, w } = sale;
  try {
    await sale.buy();
    w.portal.carry(one, 123_450, 3_000_000);
    await w.clock.pass(10 * minute);
    await sale.passUntil(() => sale.deposit.consumed === '312345');
    assert.is(w.portal.clients.get(one)?.open, true, 'it goes on');
    w.portal.carry(one, 0, 500_000);
    await w.clock.pass(minute);
    await sale.off();
    await scene.chain.pass(day);
    await scene.escrow.must(scene.stranger, 'closeSession', sale.deposit.id);
    assert.equal(await scene.balances(), [purse - 312_345n, 312_345n, 0n, 0n]);
    w.clock.now += day * 1000;
    await w.crash();
    await sale.passUntil(() => sale.deposit.state === 'closed');
    assert.is(sale.deposit.closed?.sellerAmount, '312345', 'and the router says so when it is back');
  } finally {
    await sale.close();
  }
});

onChain('charges whose replies or requests are lost, over restarts: charged once, and exactly', async () => {
  const sale = await Sale.open();
  const { scene, w, api } = sale;
  let used = 0;
  try {
    await sale.buy();
    for (const loss of ['there', 'back', 'there', 'back', undefined] as const) {
      used += 10_000;
      w.portal.carry(one, 0, 100_000);
      w.rounds.chargeMs = minute;
      w.rounds.start();
      let isLost = loss === undefined;
      if (loss) void api.loseNext('/session/consume', loss).then(() => (isLost = true));
      await sale.passUntil(() => isLost);
      if (loss === 'back') await w.crash();
    }
    await sale.passUntil(() => sale.deposit.consumed === `${used}`);
    assert.equal(
      w.log.filter((line) => line.startsWith('error')),
      [],
    );
    const consumed = (await scene.escrow.read<bigint[]>('getSession', sale.deposit.id))[3];
    assert.is(consumed, 50_000n);
    await w.commands.close(sale.deposit.session!, 'user');
    await sale.passUntil(() => sale.deposit.state === 'closed');
    assert.equal(await scene.balances(), [purse - 50_000n, 50_000n, 0n, 0n]);
  } finally {
    await sale.close();
  }
});

test.run();

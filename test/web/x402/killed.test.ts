// A wallet that shows its payment again until it is answered, as @x402/fetch does when it is told to, at a router that is
// killed at every step: one session, one charge, and the rest goes back.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewPlan, viewSession } from '../../../src/api/view.js';
import type { Wares } from '../../../src/domain/deposit-scheme.js';
import type { DepositScheme } from '../../../src/ports/deposit-scheme.js';
import type { Reply, WebRequest } from '../../../src/ports/web.js';
import { x402Site } from '../../../src/web/x402/site.js';
import { serviceOf } from '../../../src/wiring/service.js';
import { TestBackend } from '../../engine/chain.js';
import { Mortal } from '../../engine/mortal.js';
import { mac } from '../../engine/world.js';
import { methodOf } from './stage.js';

/** Kills that come later than the last step kill nothing. */
const moreStepsThanAny = 60;
const requirements = ({ units, unitPrice }: Wares) => {
  return { scheme: 'session', network: 'eip155:31337', asset: '0xAA', amount: `${units * unitPrice}` };
};

class Stall {
  readonly router: Mortal;
  readonly chain = new TestBackend();

  constructor(router: Mortal) {
    this.router = router;
  }

  static async open(keeps: boolean): Promise<Stall> {
    const stall = new Stall(await Mortal.open(keeps));
    stall.router.portal.join(mac(1));
    stall.router.born = () => {
      stall.router.world.backends = [stall.#backend()];
    };
    await stall.crash();
    return stall;
  }

  async crash(): Promise<void> {
    const { router } = this;
    await router.crash();
    const { engine, backends } = router.world;
    const ways = new Map(backends.map((backend) => [backend.name, methodOf(backend)]));
    engine.configure({ ...engine.settings, offer: { ...engine.settings.offer, methods: ways } });
    await router.world.clock.pass(2000);
  }

  /** The chain as one life of the router reaches it. */
  #backend(): DepositScheme {
    const { chain } = this;
    const call = this.router.caller();
    const { name, currency, decimals, finality } = chain;
    return {
      ...{ name, currency, decimals, finality, requirements },
      read: (...given) => chain.read(...given),
      readSignature: (...given) => chain.readSignature(...given),
      open: (...given) => call(() => chain.open(...given)),
      consume: (...given) => call(() => chain.consume(...given)),
      close: (...given) => call(() => chain.close(...given)),
      look: (...given) => chain.look(...given),
    };
  }

  async ask(payment?: string): Promise<Reply> {
    const { engine, commands, desk } = this.router.world;
    const site = x402Site(serviceOf(engine, commands, desk, {} as never), {
      plan: viewPlan,
      session: viewSession,
    });
    const request = {
      ...{
        method: 'GET',
        path: '/x402/data',
        params: { plan: 'data' },
        query: new URLSearchParams('steps=4'),
      },
      ...{ headers: payment === undefined ? {} : { 'payment-signature': payment }, origin: 'http://router' },
      device: async () => ({ mac: mac(1), gateway: 'lan' }),
    };
    return site.routes[1]!.handle(request as unknown as WebRequest);
  }

  async sign(): Promise<string> {
    const { accepts } = JSON.parse(String((await this.ask()).body)) as { accepts: object[] };
    const payment = { x402Version: 2, accepted: accepts[0], payload: { id: 'd1' } };
    return Buffer.from(JSON.stringify(payment)).toString('base64');
  }
}

for (const keeps of [true, false]) {
  const words = keeps ? 'with' : 'without';

  test(`killed at any step, ${words} what was not synced: a payment that is shown again buys once`, async () => {
    let kills = 0;
    for (let step = 0; step < moreStepsThanAny; step++) {
      const stall = await Stall.open(keeps);
      const { router, chain } = stall;
      const payment = await stall.sign();
      router.killIn = step;
      await router.until(stall.ask(payment));
      router.killIn = undefined;
      if (!router.isDead) break;
      kills += 1;
      await stall.crash();
      assert.is((await stall.ask(payment)).status, 200, `step ${step}`);
      const running = router.world.engine.accounts.book.runningOfMac(mac(1));
      assert.equal(
        running.map(({ lots, granted }) => [lots.length, granted.bytes]),
        [[1, 4000]],
        `step ${step}`,
      );
      router.portal.carry(mac(1), 500, 1000);
      await router.world.clock.pass(2000);
      await router.world.commands.close(running[0]!.id, 'user');
      await router.world.clock.pass(2_000_000);
      const deposits = [...chain.chain.values()].map(
        ({ closed }) => closed && [closed.sellerAmount, closed.buyerRefund],
      );
      assert.equal(deposits, [['100', '100']], `step ${step}: two of four steps were used`);
    }
    assert.ok(kills > 8 && kills < moreStepsThanAny, `${kills} kills`);
  });
}

test.run();

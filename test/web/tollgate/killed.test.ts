// TollGate's page with a Cashu token, at a router that is killed at every step: what it sends again buys once, and the
// change is in the answer.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reply, WebRequest } from '../../../src/ports/web.js';
import { Identity } from '../../../src/web/tollgate/event.js';
import { tollgateSite } from '../../../src/web/tollgate/site.js';
import { serviceOf } from '../../../src/wiring/service.js';
import { CashuShop, customer } from '../../payments/cashu/shop.js';
import { checkSums } from '../../payments/cashu/sums.js';

/** Kills that come later than the last step kill nothing. */
const moreStepsThanAny = 30;

/** `POST /` with the bare token, as `curl -d` and TollGate's page send it. */
async function post(shop: CashuShop, token: string): Promise<Reply> {
  const { engine, commands, desk } = shop.world;
  const { returned } = shop.method;
  const service = {
    ...serviceOf(engine, commands, desk, {} as never),
    returned: returned!.bind(shop.method),
  };
  const identity = new Identity(Buffer.alloc(32, 7));
  const site = tollgateSite({ plan: 'sats', mints: shop.places, identity, port: 2121 }, service);
  const device = async () => ({ mac: customer, gateway: 'lan' });
  const request = {
    method: 'POST',
    headers: { host: 'router:2121' },
    origin: 'http://router:2121',
    body: Buffer.from(token),
    device,
  };
  return site.routes[0]!.handle(request as unknown as WebRequest);
}

test('killed at any step: the token that is sent again buys once, and what is too much comes back', async () => {
  let kills = 0;
  for (let step = 0; step < moreStepsThanAny; step++) {
    const shop = await CashuShop.open();
    const token = shop.mint.token(23);
    const customers = shop.proofs(token);
    shop.killIn = step;
    await shop.until(post(shop, token));
    const { isDead } = shop;
    await shop.crash();
    if (!isDead) break;
    kills += 1;
    const again = await post(shop, token);
    assert.is(again.status, 200, `step ${step}: ${again.body}`);
    const { tags } = JSON.parse(String(again.body)) as { tags: string[][] };
    assert.equal(
      tags.find(([name]) => name === 'allotment'),
      ['allotment', '2000'],
      `step ${step}`,
    );
    assert.equal(tags.find(([name]) => name === 'change')?.slice(2), ['3', 'SAT'], `step ${step}`);
    assert.is([...shop.world.engine.accounts.book.all()].length, 1, `step ${step}`);
    checkSums(shop, { customers, owner: [] });
  }
  assert.ok(kills > 10 && kills < moreStepsThanAny, `${kills} kills`);
});

test.run();

// The facilitator on a real chain, over HTTP: the whole circle, and each fault that an earlier plan of it had.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomWord } from '../src/demo/wallet.js';
import type { Hex } from '../src/upstream/escrow/typed-data.js';
import { anvilFile } from './chain/anvil.js';
import { always, purse, Scene, tokenDomain } from './chain/scene.js';
import { network, type Reply, Shop } from './facilitator/shop.js';

if (!anvilFile) console.log('  skipped: anvil does not run here');

let scene: Scene;
let shop: Shop;

function check(name: string, run: () => Promise<void>): void {
  (anvilFile ? test : test.skip)(name, run);
}

test.before(async () => {
  if (!anvilFile) return;
  scene = await Scene.start();
});
test.before.each(async () => {
  if (anvilFile) shop = await Shop.open((scene = await Scene.on(scene.chain)));
});
test.after.each(() => shop?.close());
test.after(() => scene?.chain.stop());

/** Status and code of a reply. */
const told = (reply: Reply) => `${reply.status} ${reply.code ?? 'ok'}`;

check('the whole circle: 31.2345% used, and the balances are exact', async () => {
  const created = await shop.post('/session/create', await shop.request());
  assert.is(created.status, 200, JSON.stringify(created));
  const id = created.sessionId as Hex;
  const { status, remainingUnits, serveUntil, expiresAt } = created.session as Record<string, unknown>;
  assert.equal([status, remainingUnits, Number(expiresAt) - Number(serveUntil)], ['active', '1000000', 600]);
  const first = await shop.consume(id, 300_000n, 0n);
  assert.equal([first.unitsConsumed, first.totalConsumed, first.remaining], ['300000', '300000', '700000']);
  const second = await shop.consume(id, 12_345n, 300_000n);
  assert.equal([second.unitsConsumed, second.totalConsumed, second.remaining], ['12345', '312345', '687655']);
  const closed = await shop.finish(id, 312_345n);
  assert.equal([closed.sellerAmount, closed.buyerRefund], ['312345', '687655']);
  assert.equal(await scene.balances(), [purse - 312_345n, 312_345n, 0n, 0n]);
  const { session } = await shop.get(`/session/${network}/${id}`);
  assert.is((session as { status: string }).status, 'completed');
  const { status: _, ...stats } = await shop.get('/sessions/stats');
  assert.equal(stats, { total: 1, active: 0, completed: 1, expired: 0 });
});

test.run();

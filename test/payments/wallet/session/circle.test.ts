// Wallet, router, facilitator and chain, each a process of its own: what was used is what was paid, whatever dies.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anvilFile } from '../../../../packages/simulators/anvil.js';
import type { Answer } from '../../../../packages/simulators/wallet-customer.js';
import { onChain } from '../../../rig/on-chain.js';
import { type Ordered, refundOf } from './router.js';
import { type Step, Street, type Victim } from './street.js';

const unit = 1024;
const [bought, used, signedAtFirst] = [1_000_000, 312_345, 200_000];
let street: Street;

test.before(async () => {
  if (anvilFile) street = await Street.open();
});
test.after(() => street?.close());

/** Every deposit has come once, has been closed once, and what was used of it was paid once. */
async function settled(orders: readonly Ordered[], before: readonly bigint[], each: readonly number[]) {
  const { scene, router } = street;
  const ids = orders.map((one) => one.sessionId);
  const closed: Answer[] = await Promise.all(ids.map((id) => router.deposit(id, 'closed')));
  assert.equal(
    closed.map((one) => [one.seller_amount, one.buyer_refund]),
    each.map((units) => [`${units}`, `${bought - units}`]),
  );
  const sum = BigInt(each.reduce((a, b) => a + b, 0));
  const [buyer, seller, ...rest] = before;
  assert.equal(await scene.balances(), [buyer! - sum, seller! + sum, ...rest]);
  const { created, closed: ended, paid } = await street.marks(ids);
  assert.equal([created, ended], [ids.length, ids.length]);
  assert.equal(paid.slice(-ids.length).sort(), each.map(BigInt).sort());
}

/** A purchase, and one device for each: all die at once, each circle at another step; and so in the middle and at the end. */
async function killedAt(victims: readonly Victim[], opening: readonly Step[], closing: readonly Step[]) {
  const { scene, router } = street;
  const [before, sent] = [await scene.balances(), await street.sent()];
  const orders: Ordered[] = [];
  for (const _ of opening)
    orders.push(await router.order(scene.buyer, street.newDevice(), bought, signedAtFirst));
  await street.stand(opening, orders, (i) => router.call('purchase', orders[i]!.order));
  await street.kill(victims);
  await street.revive(victims);
  // Every other customer asks again; the deposits of the rest are taken all the same.
  const ids = await Promise.all(
    orders.map(async ({ order, sessionId }, i) =>
      i % 2 === 0 ? (await sold(order)).id! : router.sessionOf(sessionId),
    ),
  );

  const each = (act: (order: Ordered, id: string) => Promise<unknown> | unknown) =>
    Promise.all(orders.map((order, i) => act(order, ids[i]!)));
  await each(({ mac }, id) => router.use(mac, id, 150_000 * unit));
  const totals = await each(({ sessionId }) => scene.buyer.total(sessionId, BigInt(bought)));
  const sign = (i: number) =>
    router.call('deposit_sign', {
      id: ids[i],
      payment: { consume: totals[i] },
      idempotency_key: `${ids[i]}-2`,
    });
  const first = router.written((record) => record.t === 'sold' && record.key === `${ids[0]}-2`);
  for (const i of orders.keys()) void sign(i).catch(() => undefined);
  await each(({ mac }) => router.carry(mac, 20_000 * unit));
  await first;
  await street.kill(victims);
  await each(({ mac }) => router.carry(mac, 10_000 * unit));
  if (!victims.includes('router')) await each((_, id) => router.heard(id));
  await street.revive(victims);
  for (const i of orders.keys()) assert.is((await sign(i)).error, undefined);
  await each(({ mac }, id) => router.use(mac, id, (used - 180_000) * unit));

  await street.stand(closing, orders, (i) => router.call('close', { id: ids[i] }));
  await street.kill(victims);
  await street.revive(victims);
  await settled(
    orders,
    before,
    orders.map(() => used),
  );
  // Closes that wait at the same time go together.
  const transactions = (await street.sent()) - sent;
  const isOnce = transactions > orders.length && transactions <= 2 * orders.length;
  assert.ok(isOnce, `one to open each, and one to close each or several, not ${transactions}`);
  const { sessions } = (await router.call('sessions', { limit: 100 })) as unknown as { sessions: Answer[] };
  for (const { mac } of orders) {
    const [session, ...others] = sessions.filter((one) => one.mac === mac);
    assert.is(others.length, 0, mac);
    assert.is(refundOf(session!), bought - used, mac);
  }
}

async function sold(order: Record<string, unknown>): Promise<Answer> {
  const session = await street.router.buy(order);
  assert.is(session.error, undefined, `${JSON.stringify(session)} ${street.router.daemon.log()}`);
  return session;
}

onChain('1.00 is paid, 31.2345% is used: the seller has 0.312345 more, the buyer 0.312345 less', async () => {
  const { scene, router } = street;
  const before = await scene.balances();
  const ordered = await router.order(scene.buyer, street.newDevice(), bought);
  const { id } = await sold(ordered.order);
  const [buyer, seller, escrow, other] = before;
  assert.equal(await scene.balances(), [buyer! - 1_000_000n, seller, escrow! + 1_000_000n, other]);
  await router.use(ordered.mac, id!, used * unit);
  await router.call('close', { id });
  await settled([ordered], before, [used]);
});

/** What the facilitator does for a request, in the order in which a scene can be brought to stand at each. */
const carriedOut: Step[] = [
  ['gas', 'eth_estimateGas', 'back'],
  ['gas', 'eth_sendRawTransaction', 'back'],
  'unmined',
  ['gas', 'eth_sendRawTransaction', 'there'],
];
const opening: Step[] = [
  ['api', '/session/create', 'there'],
  ['api', '/session/create', 'back'],
];
const closing: Step[] = [
  ['api', '/session/close', 'there'],
  ['api', '/session/close', 'back'],
];

onChain('the same when the router alone is killed, at every step', () =>
  killedAt(
    ['router'],
    [...opening, ['node', 'eth_getLogs', 'back'], 'unmined'],
    [...closing, ['node', 'eth_call', 'there'], 'unmined'],
  ),
);

onChain('the same when the facilitator alone is killed, at every step', () =>
  killedAt(['facilitator'], [...opening, ...carriedOut], [...closing, ...carriedOut]),
);

onChain('the same when both are killed, at every step', () =>
  killedAt(
    ['router', 'facilitator'],
    [...opening, ['node', 'eth_getLogs', 'back'], ...carriedOut],
    [...closing, ['node', 'eth_call', 'there'], ...carriedOut],
  ),
);

onChain('the same when calls are lost on every way, for several devices at once', async () => {
  const { scene, router, ways } = street;
  const devices = Array.from({ length: 6 }, () => street.newDevice());
  let lost = 0;
  const calls = ['/session/create', '/session/close', 'eth_sendRawTransaction', 'eth_getLogs'];
  /** The first of each never arrives, the third is carried out and nobody hears of it. */
  const loseSome = () => {
    for (const way of Object.values(ways)) {
      const counts = new Map<string, number>();
      way.lose = (call: string) => {
        const count = (counts.get(call) ?? 0) + 1;
        counts.set(call, count);
        const loss = count === 1 ? 'there' : count === 3 ? 'back' : undefined;
        if (!calls.includes(call) || !loss) return undefined;
        lost += 1;
        return loss;
      };
    }
  };
  const before = await scene.balances();
  const orders = await Promise.all(devices.map((mac) => router.order(scene.buyer, mac, bought)));
  loseSome();
  const sessions = await Promise.all(orders.map(({ order }) => sold(order)));
  await Promise.all(sessions.map(({ id }, i) => router.use(devices[i]!, id!, (i + 1) * unit)));
  loseSome();
  await Promise.all(sessions.map(({ id }) => router.call('close', { id })));
  await settled(
    orders,
    before,
    devices.map((_, i) => i + 1),
  );
  for (const way of Object.values(ways)) way.lose = () => undefined;
  assert.ok(lost >= 10, `${lost} calls were lost`);
});

test.run();

// What is earned goes to the owner's Lightning address: once, exactly, and after any crash.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../../src/payments/cashu/entry.js';
import type { Held } from '../../../src/ports/payment-method.js';
import { mac } from '../../engine/world.js';
import { mintAt } from './coins.js';
import { TestMint } from './mint.js';
import { CashuShop } from './shop.js';

const minutes = 60_000;

/** A shop that pays out from 100 sat on, and has earned so much. */
async function earned(sats: number): Promise<CashuShop> {
  const mint = new TestMint();
  const shop = await CashuShop.open(mint, false, 100);
  const bought = await shop.buy({ token: mint.token(sats), key: 'k' });
  assert.ok(bought.ok);
  shop.world.portal.carry(mac(1), (sats / 10) * 1000, 0);
  await shop.world.clock.pass(3000);
  assert.is(heldBy(shop).seller.amount, BigInt(sats));
  return shop;
}

/** The same where nothing depends on the sale, which costs much more: it finds so much of earlier days in its purse. */
async function found(sats: number): Promise<CashuShop> {
  const shop = await stocked(sats);
  await shop.crash();
  assert.is(heldBy(shop).seller.amount, BigInt(sats));
  return shop;
}

/** A shop that finds so much of earlier days in its purse when it starts again. */
async function stocked(sats: number): Promise<CashuShop> {
  const shop = await CashuShop.open(new TestMint(), false, 100);
  const proofs = shop.mint.issue(sats);
  const entry = {
    ...{
      id: 'e',
      state: 'over',
      key: 'k',
      mac: mac(1),
      at: 0,
      mint: mintAt,
      unit: 'sat',
      steps: 1,
      unitPrice: sats,
    },
    ...{ worth: sats, inputs: [], parts: [], tries: [], pieces: [{ steps: 1, proofs, whose: 'seller' }] },
  } satisfies Entry;
  shop.safe.kept.set('e', entry);
  return shop;
}

function heldBy(shop: CashuShop): Held {
  return shop.method.held!()[0]!;
}

/** Sums of what the mint has paid, and how often. */
function paidBy({ mint }: CashuShop): { sum: number; times: number } {
  const paid = [...mint.payments.values()].filter(({ state }) => state === 'PAID');
  return { sum: paid.reduce((all, { amount }) => all + amount, 0), times: paid.length };
}

/** What the seller had is paid out, spent for fees, or still here, and every coin is good. */
async function checkExact(shop: CashuShop, before: number, word = ''): Promise<void> {
  const { seller, paidOut, onItsWay } = heldBy(shop);
  const { sum, times } = paidBy(shop);
  assert.is(times, 1, `paid once ${word}`);
  assert.is(paidOut.amount, BigInt(sum), word);
  assert.is(onItsWay.amount, 0n, word);
  assert.is(Number(seller.amount), shop.mint.outstanding, word);
  assert.is(sum + shop.mint.routing.fee + Number(seller.amount), before, word);
  for (;;) {
    const out = await shop.method.takeOut!(undefined);
    if (typeof out !== 'object') break;
    assert.ok(shop.mint.areGood(shop.proofs(out.token)), word);
    await shop.method.takeOut!(out.id);
  }
  assert.is(heldBy(shop).seller.amount, 0n, word);
}

test('what is earned goes to the Lightning address at the threshold, and what fees did not need comes back', async () => {
  const shop = await earned(500);
  await shop.world.clock.pass(11 * minutes);
  assert.is(paidBy(shop).sum, 495);
  assert.is(heldBy(shop).seller.amount, 4n);
  await checkExact(shop, 500);
  await shop.world.clock.pass(60 * minutes);
  assert.is(paidBy(shop).times, 1);
});

test('below the threshold nothing is asked, and the money is taken out as before', async () => {
  const shop = await found(90);
  await shop.world.clock.pass(60 * minutes);
  assert.equal(shop.wallet.asked, []);
  const out = await shop.method.takeOut!(undefined);
  assert.ok(typeof out === 'object' && out.money.amount === 90n);
});

test('an invoice over another amount than asked for is not paid', async () => {
  const shop = await found(500);
  shop.wallet.over = (sats) => sats + 1;
  await shop.world.clock.pass(11 * minutes);
  assert.is(shop.mint.payments.size, 0);
  assert.match(shop.payments.standing!.error, 'no invoice over the 495 sat');
  assert.is(heldBy(shop).seller.amount, 500n);
});

test('the limits of the provider hold: no more than it takes, and nothing where that is too little', async () => {
  const shop = await found(500);
  shop.wallet.limits = { minSendable: 600_000, maxSendable: 900_000 };
  await shop.world.clock.pass(11 * minutes);
  assert.match(shop.payments.standing!.error, 'takes no less than 600 sat');
  shop.wallet.limits = { minSendable: 1000, maxSendable: 200_500 };
  await shop.world.clock.pass(60 * minutes);
  const [first] = shop.mint.payments.values();
  assert.is(first!.amount, 200);
});

test('fees that are too high are not paid, and the amount is made smaller for others', async () => {
  const shop = await found(500);
  shop.mint.routing = { fee: 1, reserve: 300 };
  await shop.world.clock.pass(11 * minutes);
  assert.is(paidBy(shop).times, 0);
  assert.match(shop.payments.standing!.error, '300 sat for fees');
  shop.mint.routing = { fee: 1, reserve: 20 };
  await shop.world.clock.pass(60 * minutes);
  assert.is(paidBy(shop).sum, 480);
  await checkExact(shop, 500);
});

test('a payment that fails leaves the money here, and the pauses get longer', async () => {
  const shop = await found(500);
  shop.mint.route = 'UNPAID';
  await shop.world.clock.pass(75 * minutes);
  const tries = shop.mint.payments.size;
  assert.ok(tries >= 2 && tries <= 4, `${tries} tries in 75 minutes`);
  assert.is(heldBy(shop).seller.amount, 500n);
  assert.match(shop.payments.standing!.error, 'payout: ');
  shop.mint.route = 'PAID';
  await shop.world.clock.pass(90 * minutes);
  await checkExact(shop, 500);
});

test('while a payment is under way nobody takes the same money out, and it is said so', async () => {
  const shop = await found(500);
  shop.mint.route = 'PENDING';
  await shop.world.clock.pass(11 * minutes);
  assert.is(await shop.method.takeOut!(undefined), undefined);
  assert.is(heldBy(shop).onItsWay.amount, 495n);
  assert.match(shop.payments.standing!.error, 'under way');
});

test('a token that the owner was shown is not paid out beside it', async () => {
  const shop = await found(500);
  const out = await shop.method.takeOut!(undefined);
  await shop.world.clock.pass(60 * minutes);
  assert.is(shop.mint.payments.size, 0);
  assert.ok(typeof out === 'object');
  assert.is(await shop.method.takeOut!(out.id), undefined);
  assert.is(heldBy(shop).seller.amount, 0n);
});

test('killed at any step, with and without answers that are lost, it is paid once', async () => {
  // A kill before a step finds what a kill after the one before it finds, so every second one is enough.
  for (const [fault, from] of [
    [undefined, 1],
    ['unanswered', 7],
    ['unheard', 7],
  ] as const) {
    let kills = 0;
    for (let step = from; step < 60; step += fault ? 6 : 2) {
      const shop = await stocked(160);
      shop.mint.routing = { fee: 1, reserve: 2 };
      let lost = 0;
      shop.mint.fault = (path) => (path === '/v1/melt/bolt11' && lost++ === 0 ? fault : undefined);
      await shop.until(shop.crash(step).then(() => shop.world.clock.pass(minutes)));
      const { isDead } = shop;
      await shop.crash();
      await shop.world.clock.pass(minutes);
      await checkExact(shop, 160, `${fault} at step ${step}`);
      if (!isDead) break;
      kills += 1;
    }
    assert.ok(kills > 0 && kills < 60, `${kills} kills`);
  }
});

test.run();

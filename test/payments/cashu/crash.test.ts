// The process is killed, and answers are lost, at every step of a purchase with a token: the sums stay exact.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Proof } from '../../../src/payments/cashu/ecash.js';
import fc from '../../rig/properties.js';
import { TestMint } from './mint.js';
import { CashuShop, customer } from './shop.js';
import { checkSums } from './sums.js';

/** Kills that come later than the last step of a purchase kill nothing. */
const moreStepsThanAny = 30;

/** Buys with a kill at a step. @returns whether it was killed */
async function killedAt(step: number, shop: CashuShop, token: string): Promise<boolean> {
  shop.killIn = step;
  await shop.until(shop.buy({ token, key: 'k' }));
  const { isDead } = shop;
  await shop.crash();
  return isDead;
}

test('killed at any step, a purchase that is asked for again sells once', async () => {
  let kills = 0;
  for (let step = 0; step < moreStepsThanAny; step++) {
    const shop = await CashuShop.open();
    const token = shop.mint.token(23);
    const customers = shop.proofs(token);
    const isKilled = await killedAt(step, shop, token);
    if (!isKilled) break;
    kills += 1;
    const again = await shop.buy({ token, key: 'k' });
    assert.ok(again.ok, `step ${step}`);
    assert.is([...shop.world.engine.accounts.book.all()].length, 1);
    assert.equal(
      (await shop.returnedLater()).map(({ money }) => money.amount),
      [3n],
    );
    checkSums(shop, { customers, owner: [] });
  }
  assert.ok(kills > 10 && kills < moreStepsThanAny, `${kills} kills`);
});

test('killed at any step, a customer who goes away has the token, what it was changed for, or the session', async () => {
  for (let step = 0; step < moreStepsThanAny; step++) {
    const shop = await CashuShop.open();
    const token = shop.mint.token(23);
    const customers = shop.proofs(token);
    if (!(await killedAt(step, shop, token))) break;
    await shop.world.clock.pass(600_000);
    const back = (await shop.returnedLater()).reduce((sum, { money }) => sum + money.amount, 0n);
    const sold = [...shop.world.engine.accounts.book.all()].length;
    const isUntouched = shop.mint.areGood(customers);
    assert.is(back, sold === 1 ? 3n : isUntouched ? 0n : 23n, `step ${step}`);
    checkSums(shop, { customers, owner: [] });
  }
});

type Act =
  | { readonly act: 'buy'; readonly amount: number; readonly killIn: number }
  | { readonly act: 'again'; readonly of: number }
  | { readonly act: 'end' | 'rotate' | 'wait' | 'crash' | 'claim' | 'take out' };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    act: fc.constant('buy' as const),
    amount: fc.integer({ min: 1, max: 80 }),
    killIn: fc.integer({ min: -20, max: 20 }),
  }),
  fc.record({ act: fc.constant('again' as const), of: fc.nat(5) }),
  fc.record({ act: fc.constantFrom('end', 'rotate', 'wait', 'crash', 'claim', 'take out') }),
) as fc.Arbitrary<Act>;

/** Lets customers and owner do all this, on a mint of which every request may fail. */
async function play(acts: readonly Act[], faults: readonly number[], fee: number): Promise<void> {
  const shop = await CashuShop.open(new TestMint(fee));
  const kinds = ['unheard', 'unanswered', 'trouble'] as const;
  let asked = 0;
  shop.mint.fault = () => kinds[faults[asked++ % faults.length]!];
  const orders: { readonly token: string; readonly key: string }[] = [];
  const customers: Proof[] = [];
  const owner: Proof[] = [];
  const buy = async (order: (typeof orders)[number], killIn: number) => {
    shop.killIn = killIn >= 0 ? killIn : undefined;
    await shop.until(shop.buy(order));
    shop.killIn = undefined;
    if (shop.isDead) await shop.crash();
  };
  for (const one of acts) {
    if (one.act === 'buy') {
      const order = { token: shop.mint.token(one.amount), key: `key${orders.length}` };
      customers.push(...shop.proofs(order.token));
      orders.push(order);
      await buy(order, one.killIn);
    } else if (one.act === 'again' && orders.length > 0) await buy(orders[one.of % orders.length]!, -1);
    else if (one.act === 'end') {
      for (const { id } of [...shop.world.engine.accounts.book.running()]) {
        await shop.world.commands.close(id, 'admin');
      }
      await shop.world.clock.pass(1000);
    } else if (one.act === 'rotate') shop.mint.rotate(fee);
    else if (one.act === 'wait') await shop.world.clock.pass(700_000);
    else if (one.act === 'crash') await shop.crash();
    else if (one.act === 'claim') await shop.returnedLater(customer);
    else if (one.act === 'take out') {
      const first = await shop.method.takeOut!(undefined);
      if (typeof first === 'object') {
        owner.push(...shop.proofs(first.token));
        await shop.method.takeOut!(first.id);
      }
    }
  }
  // The mint is well again, and has an hour.
  shop.mint.fault = () => undefined;
  await shop.world.clock.pass(3_600_000);
  await shop.returnedLater();
  checkSums(shop, { customers, owner });
}

test('whatever fails and whenever it is killed, paid = kept + change + returned', async () => {
  const faults = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 8 }),
      faults,
      fc.constantFrom(0, 100, 1000),
      play,
    ),
    { numRuns: Number(process.env.RUNS ?? 15) },
  );
});

test.run();

// A phone with a voucher, at a router that is killed at every step: the voucher is worth what it was sold for, once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Mortal } from './mortal.js';
import { mac } from './world.js';

/** Kills that come later than the last step kill nothing. */
const moreStepsThanAny = 40;

/** A voucher of 4 steps of 1,000 bytes, for 2.00. */
async function withVoucher(keeps: boolean): Promise<{ router: Mortal; code: string }> {
  const router = await Mortal.open(keeps);
  for (const n of [1, 2]) router.portal.join(mac(n));
  const made = await router.world.desk.create({
    plan: 'data',
    steps: 4,
    count: 1,
    reuse: true,
    key: 'batch',
  });
  assert.ok(made.ok);
  return { router, code: made.value.codes[0]! };
}

async function redeem(router: Mortal, code: string, n: number): Promise<void> {
  const redeemed = await router.world.desk.redeem(code, { mac: mac(n) });
  assert.ok(redeemed.ok, redeemed.ok ? '' : redeemed.message);
  await router.world.clock.pass(2000);
}

/** What all sessions were granted and have not used, and what was used: all that the voucher is worth. */
function bytesOf({ world }: Mortal): { used: number; left: number } {
  const all = [...world.engine.accounts.book.all()];
  const used = all.reduce((sum, { usage }) => sum + usage.up + usage.down, 0);
  const running = world.engine.accounts.book.running();
  const left = [...running].reduce(
    (sum, { granted, usage }) => sum + granted.bytes! - usage.up - usage.down,
    0,
  );
  return { used, left };
}

for (const keeps of [true, false]) {
  const words = keeps ? 'with' : 'without';

  test(`killed at any step, ${words} what was not synced: the code that is typed again has all of it, once`, async () => {
    let kills = 0;
    for (let step = 0; step < moreStepsThanAny; step++) {
      const { router, code } = await withVoucher(keeps);
      router.killIn = step;
      await router.until(redeem(router, code, 1));
      if (!router.isDead) break;
      kills += 1;
      await router.crash();
      await redeem(router, code, 1);
      assert.equal(bytesOf(router), { used: 0, left: 4000 }, `step ${step}`);
      assert.ok(router.portal.clients.get(mac(1))!.open, `step ${step}`);
      const { revenue } = sums(router);
      assert.equal(revenue, ['2.00'], `step ${step}`);
    }
    assert.ok(kills >= 4 && kills < moreStepsThanAny, `${kills} kills`);
  });

  test(`killed at any step of a move, ${words} what was not synced: the other device has what is left`, async () => {
    let kills = 0;
    for (let step = 0; step < moreStepsThanAny; step++) {
      const { router, code } = await withVoucher(keeps);
      await redeem(router, code, 1);
      router.portal.carry(mac(1), 500, 1000);
      await router.world.clock.pass(61_000);
      router.killIn = step;
      await router.until(redeem(router, code, 2));
      if (!router.isDead) break;
      kills += 1;
      await router.crash();
      await redeem(router, code, 2);
      assert.equal(bytesOf(router), { used: 1500, left: 2500 }, `step ${step}`);
      const open = [1, 2].map((n) => router.portal.clients.get(mac(n))?.open);
      assert.equal(open, [false, true], `step ${step}`);
    }
    assert.ok(kills >= 4 && kills < moreStepsThanAny, `${kills} kills`);
  });
}

/** Money of all lots, for what they were sold. */
function sums({ world }: Mortal): { revenue: string[] } {
  const lots = [...world.engine.accounts.book.all()].flatMap((session) => session.lots);
  const paid = lots.flatMap(({ funding }) => (funding.paid ? [funding.paid] : []));
  return { revenue: paid.map(({ amount }) => `${Number(amount) / 100}.00`) };
}

test.run();

// A voucher is redeemed while the disk fails at just that moment, at each of its calls in turn. Whatever the answer was,
// the voucher lets through what it is worth: no byte less, no byte more, and its price is booked once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Session } from '../../src/domain/session.js';
import type { Result } from '../../src/ports/result.js';
import { mac, Router } from './stored.js';

const [one, two] = [mac(1), mac(2)];
const [worth, price] = [10_000, 50n * 10n];
/** More calls of the disk than one redemption makes. */
const mostCalls = 12;
type Fault = 'EIO' | 'ENOSPC';
/** What becomes of the process after the answer. */
const fates = ['goes on', 'is killed', 'loses its power'] as const;

async function withVoucher(): Promise<{ router: Router; code: string }> {
  const router = await Router.begin();
  await router.join(one, two);
  const made = await router.desk.create({ plan: 'data', steps: 10, count: 1, reuse: true, key: 'v' });
  assert.ok(made.ok);
  return { router, code: made.value.codes[0]! };
}

async function redeem(router: Router, code: string, who = one): Promise<Result<Session>> {
  const taking = router.desk.redeem(code, { mac: who });
  await router.pass(3001);
  return taking;
}

/** From its n-th call on the disk fails. @returns whether it came to that call */
function failFrom({ disk }: Router, nth: number, code: Fault): () => boolean {
  let calls = 0;
  disk.before = () => {
    calls += 1;
    if (calls >= nth) throw Object.assign(new Error(`${code}: simulated`), { code });
  };
  return () => calls >= nth;
}

async function meet(router: Router, fate: (typeof fates)[number]): Promise<void> {
  router.disk.before = () => {};
  if (fate === 'is killed') await router.kill();
  if (fate === 'loses its power') await router.cut(() => 0);
  await router.pass(61_000);
}

/** Uses up whatever the device has. */
async function useUp(router: Router, who = one): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const left = router.book.runningOfMac(who)[0];
    router.portal.carry(who, 0, (left?.granted.bytes ?? 0) - (left ? left.usage.up + left.usage.down : 0));
    await router.pass(2001);
  }
}

const used = (router: Router) =>
  [...router.book.all()].reduce((sum, s) => sum + s.usage.up + s.usage.down, 0);

for (const fault of ['EIO', 'ENOSPC'] as const) {
  for (const fate of fates) {
    test(`${fault}, and the daemon ${fate}`, async () => {
      for (let nth = 1; nth <= mostCalls; nth++) {
        const { router, code } = await withVoucher();
        const failed = failFrom(router, nth, fault);
        const first = await redeem(router, code);
        await meet(router, fate);
        const again = await redeem(router, code);
        assert.ok(again.ok, `call ${nth}: ${again.ok || again.code}`);
        if (first.ok) assert.is(again.value.id, first.value.id, `call ${nth}: the answer was kept to`);
        await useUp(router);
        assert.is(used(router), worth, `call ${nth}`);
        assert.is(router.revenue, price, `call ${nth}`);
        const more = await redeem(router, code, two);
        assert.not.ok(more.ok, `call ${nth}: it is spent`);
        if (!failed()) return;
      }
      assert.unreachable('a redemption makes more calls than were tried');
    });

    test(`${fault} while a second device takes over, and the daemon ${fate}`, async () => {
      for (let nth = 1; nth <= mostCalls * 2; nth++) {
        const { router, code } = await withVoucher();
        assert.ok((await redeem(router, code)).ok);
        router.portal.carry(one, 0, 4000);
        await router.pass(61_000);
        const failed = failFrom(router, nth, fault);
        await redeem(router, code, two);
        await meet(router, fate);
        const again = await redeem(router, code, two);
        assert.ok(again.ok, `call ${nth}: ${again.ok || again.code}`);
        await useUp(router, two);
        await useUp(router, one);
        assert.is(used(router), worth, `call ${nth}`);
        assert.is(router.revenue, price, `call ${nth}`);
        assert.not.ok((await redeem(router, code)).ok, `call ${nth}: it is spent`);
        if (!failed()) return;
      }
      assert.unreachable('a redemption makes more calls than were tried');
    });
  }
}

test.run();

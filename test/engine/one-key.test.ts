// One idempotency key sells one thing, also while a deposit under it is on its way.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { one, pay, ready } from './deposits.js';

test('a key whose deposit is on its way buys nothing else', async () => {
  const { w, chain } = await ready();
  chain.fates = Array.from({ length: 50 }, () => 'pending' as const);
  const first = pay(w, 'd1', {}, {});
  await w.clock.pass(16_000);
  assert.is((await first).ok, false, 'pending');
  const payment = { method: 'cash', reference: 'x' };
  const second = await w.commands.purchase({ mac: one, plan: 'data', steps: 3, key: 'key of d1', payment });
  assert.is(second.ok ? '' : second.code, 'key_conflict');
  chain.fates = [];
  await w.clock.pass(400_000);
  const [session] = w.engine.accounts.book.runningOfMac(one);
  assert.equal(
    session?.lots.map(({ key }) => key),
    ['key of d1'],
  );
});

test.run();

// One idempotency key sells one thing, also while a deposit under it is on its way.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { one, pay, ready } from './deposits.js';
import { opened } from './opened.js';

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

test('a repeat has its answer, although somebody uses its key for another order at the same time', async () => {
  const { w, id } = await opened({ key: 'mine' });
  const [theirs, mine] = await Promise.all([
    w.buy(one, { key: 'mine', steps: 7 }),
    w.buy(one, { key: 'mine' }),
  ]);
  assert.is(theirs.ok ? 'sold' : theirs.code, 'key_conflict');
  assert.is(mine.ok ? mine.value.id : mine.code, id);
});

test.run();

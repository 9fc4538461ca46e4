// What a customer gets back.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { one, opened } from './opened.js';

test('an unused session gives all its money back', async () => {
  const { w, id } = await opened({ steps: 3 });
  const closed = await w.commands.close(id, 'admin');
  assert.is(closed?.refunds[0]?.money.amount, 150n);
});

test('the refund counts whole steps, rounded up, lot by lot', async () => {
  const { w, id } = await opened({ steps: 3 });
  await w.buy(one, { steps: 2 });
  w.portal.carry(one, 0, 3001);
  const closed = await w.commands.close(id, 'admin');
  assert.is(closed?.usage.down, 3001, 'the last look before the close counts');
  assert.equal(
    closed?.refunds.map((r) => r.money.amount),
    [50n],
  );
});

test.run();

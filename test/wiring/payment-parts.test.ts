// What ways to pay hear of the books.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refuse } from '../../src/domain/refuse.js';
import { paymentPartsOf } from '../../src/wiring/payment-parts.js';
import { one, opened } from '../engine/opened.js';

test('the session that a key has paid for is found when so many others came that the key is forgotten', async () => {
  const { w, id } = await opened();
  const parts = paymentPartsOf(w.engine, { confirm: async () => refuse('unknown_order', '') }, '', {
    log: () => {},
    damaged: () => {},
  });
  const bought = await w.buy(one, { key: 'top-up' });
  assert.ok(bought.ok);
  w.engine.accounts.book.keys.remove('top-up');
  assert.is(parts.sessionOf('top-up')?.id, id);
  assert.is(parts.sessionOf('another'), undefined);
});

test.run();

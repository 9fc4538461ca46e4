// A router that is killed while it buys upstream.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Row } from './row.js';

test('a kill at any step of a purchase neither pays twice nor loses a coin', async () => {
  let wasKilled = true;
  for (let step = 0; wasKilled; step++) {
    const row = await Row.open([64], { atOnce: 60 });
    try {
      row.router.killIn = step;
      await row.router.until(row.buyer.look());
      wasKilled = row.router.isDead;
      await row.crash();
      for (let n = 0; n < 3; n++) await row.buyer.look();
      await row.mend();
      assert.equal([row.granted, row.purse()], [6_000, 4], `step ${step}`);
      // What came back may not have been taken off the sum when the process died.
      assert.ok([60, 64].includes(row.spentToday as number), `step ${step}`);
    } finally {
      await row.seller.end();
    }
  }
});

test.run();

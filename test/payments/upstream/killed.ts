// A router that is killed while it buys upstream.
import * as assert from 'uvu/assert';
import { Row } from './row.js';

/** Buys again and again with a kill at another step: the even ones are before a write or a request, the odd ones behind. */
export async function killedAtEach(first: 0 | 1): Promise<void> {
  let wasKilled = true;
  for (let step: number = first; wasKilled; step += 2) {
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
}

// Two dozen people at the real process, which is killed under their hands while its portal fails. See test/market.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Market } from '../market/market.js';

test('whoever buys, gives, redeems and leaves while the daemon is killed: money and bytes are all accounted for', async () => {
  const { wrongs, summary } = await Market.run({ operations: 120, each: 40, seed: 7 }, (line) => {
    console.log(`  ${line}`);
  });
  assert.equal(wrongs, [], summary);
});

test.run();

// A router with many sessions is killed while it sells, and its power cut. See test/many.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Many } from '../many/many.js';

test('with many sessions a kill and a power cut lose no sale that was answered, and cut nobody off', async () => {
  const { wrongs, figures } = await Many.run({ sessions: 200, kills: 2, sales: 6, cuts: 12, seed: 1 });
  console.log(`  ${JSON.stringify(figures)}`);
  assert.equal(wrongs, []);
  assert.ok(figures.cuts > 0, 'no power cut was tried');
});

test.run();

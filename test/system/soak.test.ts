// The soak at a size that fits here; `npm run soak` is the long one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { soak } from '../soak/soak.js';

test('half a minute of a crowd on a failing portal: the books are exact, no gate and no handle is left', async () => {
  const { figures, wrongs } = await soak({ minutes: 0.5, clients: 400, seed: 7 }, () => {});
  console.log(`  ${JSON.stringify(figures)}`);
  assert.equal(wrongs, []);
  assert.ok(figures.served_bytes > 100_000_000 && figures.sessions > 100);
});

test.run();

// Random scripts on the real daemon and on the reference beside it: sales, vouchers, logins, traffic, reloads, kills, power
// cuts, failing disks and failing portals. MODEL_SEED and MODEL_RUNS draw others than `npm test` does; MODEL_SHRINK=1 cuts
// a script that fails down to what is needed, which then belongs into examples.test.ts.
import { test } from 'uvu';
import { play, scriptOf, shrink } from './play.js';

const { MODEL_SEED, MODEL_RUNS, MODEL_SHRINK } = process.env;
const first = Number(MODEL_SEED ?? 1);
/** With the long one, 10,000 operations. */
const runs = Number(MODEL_RUNS ?? 32);

async function agree(seed: number, length: number): Promise<void> {
  const found = await play(seed, scriptOf(seed, length));
  if (!found) return;
  const { text, script, log } = MODEL_SHRINK ? await shrink(seed, found) : found;
  const operations = script.slice(-30).map((operation) => JSON.stringify(operation));
  throw new Error([text, ...operations, ...log].join('\n'));
}

for (let seed = first; seed < first + runs; seed++)
  test(`250 operations, and the books agree to the unit: seed ${seed}`, () => agree(seed, 250));

test(`2,000 operations, and the books agree to the unit: seed ${first}`, () => agree(first, 2_000));

test.run();

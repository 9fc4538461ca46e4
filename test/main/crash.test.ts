// The real process is killed at random moments, under customers who buy, move bytes and leave. See test/campaign.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { Campaign } from '../campaign/campaign.js';
import { deliverThroughKills } from '../campaign/outbox.js';
import { seeded } from '../campaign/random.js';
import { faultsOf, figuresOf } from '../campaign/report.js';

const crashes = Number(process.env.CRASHES ?? 8);
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 32);

test(`${crashes} crashes: nothing sold is lost or sold twice, and every byte is in the books`, async () => {
  console.log(`  SEED=${seed}`);
  const campaign = await Campaign.begin({ dialect: opennds, crashes, seed });
  try {
    while (campaign.killed < crashes) await campaign.crash();
    const sessions = await campaign.close();
    assert.equal(await faultsOf(campaign, sessions), []);
    console.log(`  ${JSON.stringify(figuresOf(campaign, sessions))}`);
  } catch (cause) {
    console.log(campaign.log());
    throw cause;
  } finally {
    await campaign.end();
  }
});

test(`${crashes} kills of a sender: every sink gets every record, in order`, async () => {
  const deliveries = await deliverThroughKills(crashes, seeded(seed));
  console.log(`  ${JSON.stringify(deliveries)}`);
  assert.is(deliveries.undelivered, 0);
  assert.is(deliveries.outOfOrder, 0);
  assert.ok(deliveries.records > crashes);
});

test.run();

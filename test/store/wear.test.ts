// What the journal costs the flash, and what it keeps: the figures are those of `npm run campaign`, over fewer hours.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { measureKept } from '../campaign/backlog.js';
import { flash, measureWear } from '../campaign/wear.js';

test(`at 250 clients the journal leaves a router's flash alive for ${flash.years} years`, async () => {
  const wear = await measureWear(3);
  console.log(`  ${JSON.stringify(wear)}`);
  assert.ok(wear.bytesPerHour < 2_000_000, 'bytes written per hour');
  assert.ok(wear.lifeUsed < 1, 'share of the erase cycles');
});

test('for a server that never answers a day of 1,000 sessions is kept in some megabytes', async () => {
  const kept = await measureKept(0.75, 360, true);
  console.log(`  ${JSON.stringify(kept)}`);
  assert.ok(kept.bytesPerDay < 6_000_000, 'bytes kept');
  assert.ok(kept.bytesWrittenPerHour < 2_000_000, 'bytes written per hour');
});

test.run();

// What the journal costs the flash: the figures are those of `npm run campaign`, over fewer hours.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flash, measureWear } from './campaign/wear.js';

test(`at 250 clients the journal leaves a router's flash alive for ${flash.years} years`, async () => {
  const wear = await measureWear(3);
  console.log(`  ${JSON.stringify(wear)}`);
  assert.ok(wear.bytesPerHour < 2_000_000, 'bytes written per hour');
  assert.ok(wear.lifeUsed < 1, 'share of the erase cycles');
});

test.run();

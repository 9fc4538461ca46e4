// Numbers of messages are not kept for ever.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/collector/database.js';
import { forgetDaily } from '../../src/collector/forget.js';
import { TestClock } from '../rig/clock.js';
import { until } from '../rig/until.js';

test('numbers are forgotten every day, also after a day on which the database was away', async () => {
  const clock = new TestClock();
  const days: number[] = [];
  const database: Database = {
    ...{ name: 'counted', read: () => Promise.reject(new Error('nobody reads')), close: async () => {} },
    async transaction(_routers, work) {
      days.push(clock.now);
      if (days.length === 2) throw new Error('away');
      return work(async () => []);
    },
  };
  const stop = forgetDaily(database, () => {}, clock);
  for (let day = 1; day <= 3; day += 1) {
    await until('the next day is set', () => clock.pending === 1);
    await clock.pass(86_400_000);
  }
  await until('the day after is set', () => clock.pending === 1);
  assert.is(days.length, 4);
  stop();
  assert.is(clock.pending, 0);
});

test.run();

// A portal that a reload takes up again.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { opened } from './opened.js';

const cadence = { moved() {}, forget() {}, rates: () => ({ up: 0, down: 0 }), next: () => 1000 };

test('a reload takes nobody for let in by a restart of the portal that was before this run', async () => {
  const { w } = await opened();
  await w.clock.pass(10_000);
  const lookedAt = w.clock.wall();
  const sinces: number[] = [];
  w.portal.restore = (_baselines: unknown, since = 0) => void sinces.push(since);
  await w.engine.unwatch('lan');
  const later = w.engine.watch([{ portal: w.portal, cadence, exclusive: true }]);
  await w.clock.pass(1);
  await later;
  // A portal that was started after this time was started anew; this one was not.
  assert.is(sinces.length, 1);
  assert.ok(sinces[0]! > lookedAt - 1_001 && sinces[0]! <= lookedAt, `${lookedAt - sinces[0]!} ms before`);
});

test.run();

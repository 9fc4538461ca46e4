// What the cadence of polls is told of a session's rate.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Racing } from '../../src/domain/review.js';
import { ready, sold } from './backstop.js';
import { TestPortal } from './portal.js';
import { mac } from './world.js';

test('a plan’s rate spares polls only where the kernel keeps to it', async () => {
  const { w, kernel } = await ready();
  const portal = new TestPortal('guest');
  let last: Racing[] = [];
  const cadence = {
    moved: () => {},
    forget: () => {},
    rates: () => ({ up: 0, down: 0 }),
    next: (_now: number, _tookMs: number, sessions: Iterable<Racing>) => {
      last = [...sessions];
      return 1000;
    },
  };
  w.engine.configure({ ...w.engine.settings, gateways: new Set(['lan', 'guest']) });
  await w.engine.watch([{ portal, cadence, exclusive: true }]);
  portal.join(mac(2));
  await w.clock.pass(1000);
  await sold(w, { mac: mac(2), plan: 'fast', gateway: 'guest' });
  await w.clock.pass(1000);
  assert.equal(
    last.map(({ maxRate }) => maxRate),
    [6_000 * 125],
  );
  for (const state of ['missing', 'failed', 'bypassed'] as const) {
    kernel.status.state = state;
    await w.clock.pass(1000);
    assert.is(last.length, 1);
    assert.not('maxRate' in last[0]!, state);
  }
});

test.run();

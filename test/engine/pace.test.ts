// What the cadences of looks are told of a session's rate.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Racing } from '../../src/domain/review.js';
import { Cadence as RealCadence } from '../../src/portals/metering/cadence.js';
import type { Cadence } from '../../src/ports/portal.js';
import { ready, sold } from './kernel.js';
import { TestPortal } from './portal.js';
import { mac } from './world.js';

/** A cadence that keeps what it was told last. */
function listening(): { cadence: Cadence; last: () => readonly Racing[] } {
  let last: Racing[] = [];
  const cadence: Cadence = {
    moved: () => {},
    forget: () => {},
    rates: () => ({ up: 0, down: 0 }),
    next: (_now, _tookMs, sessions) => {
      last = [...sessions];
      return 1000;
    },
  };
  return { cadence, last: () => last };
}

test('a customer who uses all that they bought at once is through within a second', async () => {
  const { w, kernel } = await ready(new RealCadence({ minMs: 250, maxMs: 10_000, share: 0.25 }));
  const id = await sold(w);
  await w.clock.pass(50);
  kernel.carry(id, 0, 99_990);
  kernel.spent.set(id, { total: 100_000 });
  await w.clock.pass(1000);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'data');
});

test('a plan’s rate spares looks only where the kernel keeps to it', async () => {
  const { cadence, last } = listening();
  const { w, kernel } = await ready(cadence);
  await sold(w, { plan: 'fast' });
  await w.clock.pass(1000);
  assert.equal(
    last().map(({ maxRate }) => maxRate),
    [6_000 * 125],
  );
  kernel.state = 'bypassed';
  await w.clock.pass(1000);
  assert.is(last().length, 1);
  assert.not('maxRate' in last()[0]!);
});

test('a portal is asked as often as a cap needs it only while the kernel does not count', async () => {
  const { w, kernel } = await ready();
  const portal = new TestPortal('guest');
  const { cadence, last } = listening();
  w.engine.configure({ ...w.engine.settings, gateways: new Set(['lan', 'guest']) });
  await w.engine.watch([{ portal, cadence, exclusive: true }]);
  portal.join(mac(2));
  await w.clock.pass(1000);
  await sold(w, { mac: mac(2), plan: 'fast', gateway: 'guest' });
  await w.clock.pass(1000);
  assert.equal(last(), []);
  kernel.isDeaf = true;
  await w.clock.pass(3000);
  assert.is(last().length, 1);
  assert.not('maxRate' in last()[0]!);
});

test.run();

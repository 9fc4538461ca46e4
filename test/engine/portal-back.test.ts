// A portal goes out of the configuration and comes back with the counters that it had.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flow, ready, sold } from './kernel.js';
import { mac } from './world.js';

test('what passed while a portal was out of the configuration is billed once', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  await w.clock.pass(2000);
  flow({ w, kernel }, id, 1000, 2000);
  await w.clock.pass(2000);
  w.portal.carry(mac(1), 10_000, 20_000);
  w.portal.fault = 'absent';
  kernel.carry(id, 10_000, 20_000);
  await w.clock.pass(10_000);
  const { settings } = w.engine;
  await w.engine.unwatch('lan');
  w.engine.configure({ ...settings, gateways: new Set() });
  await w.engine.watch([]);
  w.portal.fault = undefined;
  w.engine.configure(settings);
  const cadence = {
    moved: () => {},
    forget: () => {},
    rates: () => ({ up: 0, down: 0 }),
    next: () => 1000,
  };
  await w.engine.watch([{ portal: w.portal, cadence, exclusive: true }]);
  await w.clock.pass(3000);
  const { up, down } = w.engine.accounts.book.get(id)!.usage;
  assert.is(up + down, w.portal.served.get(mac(1)));
});

test.run();

// A portal that lists more devices than can be counted.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TestPortal } from './portal.js';
import { mac, world } from './world.js';

test('status says that a portal is full, and nothing is sold there until it is not', async () => {
  const [lan, guest] = [new TestPortal('lan'), new TestPortal('guest')];
  const w = await world([lan, guest]);
  lan.join(mac(1));
  guest.join(mac(2));
  await w.clock.pass(1000);
  const first = w.buy(mac(1));
  await w.clock.pass(1);
  assert.ok((await first).ok);
  lan.unmetered = 3;
  await w.clock.pass(1000);
  const [status] = w.engine.gateways;
  assert.is(status?.state, 'full');
  assert.match(status?.error ?? '', '3 devices');
  for (const who of [mac(1), mac(3)]) {
    const refused = await w.buy(who, { gateway: 'lan' });
    assert.is(refused.ok ? 'sold' : refused.code, 'portal_full');
  }
  const elsewhere = w.buy(mac(2));
  await w.clock.pass(1);
  assert.ok((await elsewhere).ok, 'another portal goes on selling');
  lan.unmetered = 0;
  await w.clock.pass(1000);
  const again = w.buy(mac(1));
  await w.clock.pass(1);
  assert.ok((await again).ok);
  assert.is(w.log.filter((line) => line.includes('lan: portal is full')).length, 1);
});

test.run();

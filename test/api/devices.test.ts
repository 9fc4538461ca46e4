// What devices call themselves, for those who list them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, methods } from '../../src/api/control.js';
import type { View } from '../../src/api/view.js';
import { serviceOf } from '../../src/wiring/service.js';
import { mac, world } from '../engine/world.js';

/** Two devices, of which one has a name. */
async function ready() {
  const w = await world();
  for (const n of [1, 2]) w.portal.join(mac(n));
  await w.clock.pass(1001);
  const extras = { deviceName: (of: string) => (of === mac(1) ? 'Adas-phone' : undefined) };
  const service = serviceOf(w.engine, w.commands, w.desk, extras as never);
  const call = (method: string, args: View = {}) => answer(methods[method]!, args, service);
  for (const n of [1, 2]) {
    const payment = { method: 'cash', reference: 'till 1' };
    await call('purchase', { mac: mac(n), plan: 'data', payment, idempotency_key: `k${n}` });
  }
  return { w, call };
}

test('an owner sees the names that devices gave themselves, where sessions are listed and devices are found', async () => {
  const { call } = await ready();
  const { sessions } = await call('sessions');
  assert.equal(
    (sessions as View[]).map(({ mac: of, name }) => [of, name]),
    [
      [mac(1), 'Adas-phone'],
      [mac(2), undefined],
    ],
  );
  for (const [n, name] of [
    [1, 'Adas-phone'],
    [2, undefined],
  ] as const) {
    const { devices } = await call('find', { what: mac(n) });
    assert.equal(
      (devices as View[]).map((device) => device.name),
      [name],
    );
  }
});

test('one session, which others may ask for, has no name of a device, and one that has ended has none in lists', async () => {
  const { call } = await ready();
  const session = await call('session', { mac: mac(1) });
  assert.not('name' in session);
  await call('close', { id: session.id });
  const { sessions } = await call('sessions', { state: 'terminated' });
  assert.equal(
    (sessions as View[]).map((one) => [one.mac, 'name' in one]),
    [[mac(1), false]],
  );
});

test.run();

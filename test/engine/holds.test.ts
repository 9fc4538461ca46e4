// When the engine asks the kernel for what, on a portal and a kernel in memory.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { settled } from '../rig/clock.js';
import { ready, sold } from './backstop.js';
import { mac } from './world.js';

test('the cap is in the kernel before the gate opens, and rises with a top-up', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  const before = kernel.seen.find(({ holds }) => holds.length > 0);
  assert.is(before?.commands, 0, 'no gate was touched yet');
  assert.equal(before?.holds[0], {
    id,
    addresses: ['10.0.0.1'],
    cut: false,
    caps: { total: 100_000 },
    used: { total: 0, up: 0, down: 0 },
    rates: {},
  });
  await sold(w);
  assert.is(kernel.now[0]?.caps.total, 200_000);
});

test('rates are those of what was bought last, and in the kernel with the sale', async () => {
  const { w, kernel } = await ready();
  await sold(w);
  const buying = w.buy(mac(1), { plan: 'fast', steps: 100 });
  await w.clock.pass(1);
  await buying;
  assert.equal(kernel.seen.at(-1)?.holds[0]?.rates, { up: 1000, down: 5000 });
  assert.is(w.portal.commands.length, 1, 'the gate stays as it is');
});

test('an end cuts at once, also while the portal is deaf, and goes from the kernel with the session', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  w.portal.fault = 'timeout';
  await w.engine.end(id, 'admin');
  assert.is(kernel.seen.at(-1)?.holds[0]?.cut, true);
  w.portal.fault = undefined;
  await w.clock.pass(60_000);
  assert.is(w.engine.accounts.book.get(id)?.state, 'terminated');
  assert.equal(kernel.now, []);
});

test('a session that the kernel has cut off at its cap ends; one that was topped up meanwhile does not', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  w.portal.carry(mac(1), 0, 99_000);
  await w.clock.pass(1000);
  kernel.held = [{ id, bytes: 99_900, spent: { total: 100_000 } }];
  await sold(w);
  await w.clock.pass(10_000);
  assert.is(w.engine.accounts.book.get(id)?.state, 'active', 'what the kernel said was of the old cap');
  kernel.held = [{ id, bytes: 199_000, spent: { total: 200_000 } }];
  await w.clock.pass(10_000);
  await settled();
  assert.is(w.engine.accounts.book.get(id)?.cause, 'data');
});

test('the difference between the two counts is reported, and said once when it is large', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  kernel.held = [{ id, bytes: 5_000_000, spent: {} }];
  await w.clock.pass(60_000);
  assert.equal(w.engine.backstop?.difference, { bytes: 5_000_000, share: 1 });
  assert.is(w.log.filter((line) => line.includes('apart')).length, 1);
});

test('a portal whose counters stand still while traffic flows: the kernel is believed, and it is said once', async () => {
  const { w, kernel } = await ready();
  const buying = w.buy(mac(1), { plan: 'pausing', steps: 10 });
  await w.clock.pass(1);
  const result = await buying;
  const id = result.ok ? result.value.id : '';
  w.portal.carry(mac(1), 0, 1_000_000);
  await w.clock.pass(1000);
  for (let bytes = 1_000_000; bytes <= 3_500_000; bytes += 500_000) {
    kernel.held = [{ id, bytes, spent: {} }];
    await w.clock.pass(10_000);
  }
  assert.is(w.engine.accounts.book.get(id)?.usage.down, 3_500_000);
  assert.is(w.engine.backstop?.stalled, 1);
  assert.is(w.log.filter((line) => line.includes('stand still')).length, 1);
  w.portal.carry(mac(1), 0, 250_000);
  kernel.held = [{ id, bytes: 3_750_000, spent: {} }];
  await w.clock.pass(20_000);
  assert.is(
    w.engine.accounts.book.get(id)?.usage.down,
    3_750_000,
    'the portal counts again, and nothing twice',
  );
  assert.is(w.engine.backstop?.stalled, 0);
});

test.run();

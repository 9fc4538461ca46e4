// Counters at the portal that stand still, and portals that do not answer.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { settled } from '../rig/clock.js';
import { ready, sold } from './backstop.js';
import { mac } from './world.js';

test('a portal that does not answer for a while bills what passed once', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w, { plan: 'pausing', steps: 10 });
  let passed = 0;
  const pass = async (bytes: number) => {
    w.portal.carry(mac(1), 0, bytes);
    passed += bytes;
    kernel.held = [{ id, bytes: passed, spent: {} }];
    await w.clock.pass(10_000);
  };
  await pass(1_000_000);
  w.portal.fault = 'timeout';
  for (let i = 0; i < 6; i++) await pass(1_500_000);
  assert.is(w.engine.backstop?.stalled, 0, 'silence is no counter that stands still');
  w.portal.fault = undefined;
  await pass(400_000);
  await w.clock.pass(20_000);
  assert.is(w.engine.accounts.book.get(id)?.usage.down, 10_400_000);
});

test('a portal whose replies are cut short bills what passed once', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w, { plan: 'pausing', steps: 10 });
  w.portal.isCut = true;
  for (let passed = 1_000_000; passed <= 4_000_000; passed += 1_000_000) {
    w.portal.carry(mac(1), 0, 1_000_000);
    kernel.held = [{ id, bytes: passed, spent: {} }];
    await w.clock.pass(10_000);
  }
  w.portal.isCut = false;
  await w.clock.pass(20_000);
  assert.is(w.engine.accounts.book.get(id)?.usage.down, 4_000_000);
});

test('a counter that stands still when the kernel reaches the cap gives no money back', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w, { steps: 1000 });
  w.portal.carry(mac(1), 10_000, 290_000);
  kernel.held = [{ id, bytes: 300_000, spent: {} }];
  await w.clock.pass(10_000);
  kernel.held = [{ id, bytes: 999_400, spent: { total: 1_000_000 } }];
  await w.clock.pass(10_000);
  await settled();
  const done = w.engine.accounts.book.get(id)!;
  assert.is(done.state, 'expired');
  assert.is(done.usage.up + done.usage.down, 999_400, 'what the kernel let pass');
  assert.equal(done.refunds, []);
});

test('a session that ends otherwise is billed at least what the kernel had counted by then', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w, { steps: 1000 });
  kernel.held = [{ id, bytes: 250_000, spent: {} }];
  await w.clock.pass(10_000);
  // Somebody made the table anew.
  kernel.held = [{ id, bytes: 1000, spent: {} }];
  await w.clock.pass(10_000);
  w.portal.carry(mac(1), 0, 100_000);
  await w.engine.end(id, 'user');
  await w.clock.pass(1000);
  const { usage, refunds } = w.engine.accounts.book.get(id)!;
  assert.is(usage.up + usage.down, 250_000);
  assert.is(refunds[0]?.money.amount, 750n * 50n);
});

test.run();

// A portal that answers, lists a customer and never opens their gate, while the kernel lets pass what it does not see, as IPv6:
// what crosses is billed, in bytes and in time.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes } from '../../src/domain/units.js';
import { ready, sold, type TestKernel } from './kernel.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

const sessionOf = (w: World, id: string) => w.engine.accounts.book.get(id)!;

/** Moves something each second. */
async function move(w: World, kernel: TestKernel, id: string, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    kernel.carry(id, 100, 100_000);
    await w.clock.pass(1000);
  }
}

for (const plan of ['time', 'pausing']) {
  test(`the time of a plan “${plan}” runs for who sends though the gate was never opened`, async () => {
    const { w, kernel } = await ready();
    w.portal.failGates = true;
    const id = await sold(w, { plan, steps: 1 });
    await w.clock.pass(5000);
    assert.is(sessionOf(w, id).state, 'pending', 'it waits, and is not charged, while they send nothing');
    await move(w, kernel, id, 90);
    const { state, usage } = sessionOf(w, id);
    assert.is(state, 'closing', JSON.stringify(usage));
    assert.ok(usage.up + usage.down <= 62 * 100_100, `${usage.up + usage.down}`);
  });
}

test('a plan that pauses runs for who has come back and sends though their gate does not open again', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w, { plan: 'pausing', steps: 1 });
  w.portal.leave(mac(1));
  await w.clock.pass(65_000);
  const { millis } = sessionOf(w, id).usage;
  w.portal.failGates = true;
  w.portal.join(mac(1));
  await w.clock.pass(5000);
  assert.is(sessionOf(w, id).state, 'suspended');
  await move(w, kernel, id, 90);
  assert.is(sessionOf(w, id).state, 'closing', `${sessionOf(w, id).usage.millis - millis} ms`);
});

test('it pauses again when they are silent, though the portal lists them', async () => {
  const { w, kernel } = await ready();
  w.portal.failGates = true;
  const id = await sold(w, { plan: 'pausing', steps: 5 });
  await move(w, kernel, id, 3);
  assert.is(sessionOf(w, id).state, 'active');
  await w.clock.pass(65_000);
  assert.is(sessionOf(w, id).state, 'suspended');
  const { millis } = sessionOf(w, id).usage;
  await w.clock.pass(600_000);
  assert.is(sessionOf(w, id).usage.millis, millis);
  w.portal.failGates = false;
  await w.clock.pass(31_000);
  assert.is(sessionOf(w, id).state, 'active', 'the gate opens at last');
});

/** A portal that lists a second address of each device, on which it never opens a gate. */
class OfTwoAddresses extends TestPortal {
  isDouble = false;

  override async poll(): ReturnType<TestPortal['poll']> {
    const outcome = await super.poll();
    if (!outcome.ok || !this.isDouble) return outcome;
    const ip = '10.0.0.2';
    const others = outcome.readings.map((one) => {
      return { ...one, ip, up: bytes(0), down: bytes(0), open: false, baseline: { ...one.baseline, ip } };
    });
    return { ...outcome, readings: [...outcome.readings, ...others] };
  }
}

test('who is let through on one address is here, though another never opens and nothing tells of their packets', async () => {
  const portal = new OfTwoAddresses('lan');
  const w = await world([portal]);
  portal.join(mac(1));
  await w.clock.pass(1000);
  const id = await sold(w, { plan: 'pausing', steps: 10 });
  portal.isDouble = true;
  portal.failGates = true;
  await w.clock.pass(65_000);
  const { millis } = w.engine.accounts.upToDate(id)!.usage;
  for (let i = 0; i < 60; i++) {
    portal.carry(mac(1), 100, 100_000);
    await w.clock.pass(1000);
  }
  const { state, usage } = w.engine.accounts.upToDate(id)!;
  assert.equal([state, usage.millis - millis], ['active', 60_000]);
});

test.run();

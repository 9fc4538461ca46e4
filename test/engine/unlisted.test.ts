// A device that passes by the kernel while its portal lists nobody of that name, as with IPv6 alone: its time runs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ready, sold, TestKernel } from './kernel.js';
import { TestPortal } from './portal.js';
import { everySecond, mac, world } from './world.js';

test('a time plan runs for a device that the portal never lists and that sends all the same', async () => {
  const { w, kernel } = await ready();
  w.portal.leave(mac(1));
  await w.clock.pass(2000);
  const id = await sold(w, { plan: 'time', steps: 1 });
  for (let i = 0; i < 90; i++) {
    kernel.carry(id, 100, 1500);
    await w.clock.pass(1000);
  }
  const session = w.engine.accounts.book.get(id)!;
  assert.is(session.state, 'expired', JSON.stringify(session.usage));
});

test('a plan that pauses runs for a device that the portal has forgotten and that sends all the same', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w, { plan: 'pausing', steps: 1 });
  w.portal.leave(mac(1));
  for (let i = 0; i < 90; i++) {
    kernel.carry(id, 100, 1500);
    await w.clock.pass(1000);
  }
  const session = w.engine.accounts.book.get(id)!;
  assert.is(session.state, 'expired', JSON.stringify(session.usage));
});

test('it pauses again when such a device is silent', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w, { plan: 'pausing', steps: 5 });
  w.portal.leave(mac(1));
  await w.clock.pass(3000);
  kernel.carry(id, 100, 1500);
  await w.clock.pass(2000);
  const state = () => w.engine.accounts.book.get(id)!.state;
  assert.is(state(), 'active');
  await w.clock.pass(62_000);
  assert.is(state(), 'suspended');
});

test('who only listens while their time stands still hears no more until they send', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w, { plan: 'pausing', steps: 5 });
  w.portal.leave(mac(1));
  await w.clock.pass(3000);
  kernel.carry(id, 100, 1500);
  await w.clock.pass(65_000);
  const session = () => w.engine.accounts.book.get(id)!;
  const listen = async (seconds: number) => {
    const before = session().usage.down;
    for (let i = 0; i < seconds; i++) {
      kernel.carry(id, 0, 40_000);
      await w.clock.pass(1000);
    }
    return session().usage.down - before;
  };
  assert.is(session().state, 'suspended');
  assert.is(await listen(20), 120_000);
  kernel.carry(id, 100, 0);
  await w.clock.pass(1000);
  assert.is(session().state, 'active');
  assert.is(await listen(20), 800_000);
});

test('what comes in at once for a device that is away is held to the same, and begins anew with each time away', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w, { plan: 'pausing', steps: 10 });
  const heard = async () => {
    await w.clock.pass(65_000);
    const before = w.engine.accounts.book.get(id)!.usage.down;
    for (let i = 0; i < 1000; i++) kernel.carry(id, 0, 60_000);
    await w.clock.pass(1000);
    return w.engine.accounts.book.get(id)!.usage.down - before;
  };
  w.portal.leave(mac(1));
  assert.is(await heard(), 120_000);
  kernel.carry(id, 100, 0);
  await w.clock.pass(2000);
  assert.is(w.engine.accounts.book.get(id)!.state, 'active');
  assert.is(await heard(), 120_000);
});

test('who leaves before anybody saw that they were there has used the step that they began', async () => {
  const { w, kernel } = await ready();
  w.portal.leave(mac(1));
  await w.clock.pass(2000);
  const used = async (up: number, down: number) => {
    const id = await sold(w, { plan: 'time', steps: 10 });
    await w.clock.pass(10);
    kernel.carry(id, up, down);
    await w.engine.end(id, 'user');
    await w.clock.pass(50);
    const { usage, refunds } = w.engine.accounts.book.get(id)!;
    assert.equal([usage.up, usage.down], [up, down]);
    return refunds[0]!.money.amount;
  };
  const all = await used(0, 0);
  assert.is(await used(5_000, 5_000_000), (all * 9n) / 10n);
});

test('who listens while their time runs hears all of it', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w, { plan: 'time', steps: 600 });
  w.portal.leave(mac(1));
  await w.clock.pass(65_000);
  assert.is(w.engine.accounts.book.get(id)!.state, 'suspended');
  for (let i = 0; i < 20; i++) {
    kernel.carry(id, 0, 40_000);
    await w.clock.pass(1000);
  }
  assert.is(w.engine.accounts.book.get(id)!.usage.down, 800_000);
});

test('a customer who sends all the way from one portal to another is let in there', async () => {
  const kernel = new TestKernel();
  const [near, far] = [new TestPortal('near'), new TestPortal('far')];
  const w = await world([near, far], {}, true, { make: kernel.make, cadence: everySecond() });
  near.join(mac(1));
  await w.clock.pass(2000);
  const id = await sold(w, { plan: 'pausing', steps: 5 });
  near.leave(mac(1));
  for (let i = 0; i < 3; i++) {
    await w.clock.pass(1000);
    kernel.carry(id, 100, 1500);
  }
  assert.is(w.engine.accounts.book.get(id)!.state, 'active');
  far.join(mac(1));
  for (let i = 0; i < 3; i++) {
    kernel.carry(id, 100, 1500);
    await w.clock.pass(1000);
  }
  assert.is(w.engine.accounts.book.get(id)!.gateway, 'far');
  assert.ok(far.clients.get(mac(1))?.open);
});

test.run();

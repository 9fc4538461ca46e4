// Customers who walk from one portal to another, where the portals are not ours alone.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { one, opened } from './opened.js';
import { TestPortal } from './portal.js';
import { world } from './world.js';

for (const exclusive of [true, false]) {
  test(`the gate that they left is shut, exclusive ${exclusive ? 1 : 0}`, async () => {
    const [lan, guest] = [new TestPortal('lan'), new TestPortal('guest')];
    const { w, id } = await opened({ gateway: 'lan' }, world([lan, guest], {}, exclusive));
    // The first portal is deaf for a while, and keeps its client and the open gate.
    lan.fault = 'absent';
    await w.clock.pass(5000);
    guest.join(one);
    await w.clock.pass(2000);
    assert.is(w.engine.accounts.book.get(id)?.gateway, 'guest');
    assert.is(guest.clients.get(one)?.open, true);
    lan.fault = undefined;
    await w.clock.pass(60_000);
    assert.is(lan.clients.get(one)?.open ?? false, false, 'nobody meters what passes there');
    assert.is(w.engine.accounts.book.get(id)?.gateway, 'guest');
    assert.is(guest.clients.get(one)?.open, true);
  });
}

/** A customer whose old portal is deaf, with their gate open there, while they are at the other one. */
async function moved() {
  const [lan, guest] = [new TestPortal('lan'), new TestPortal('guest')];
  const { w, id } = await opened({ gateway: 'lan' }, world([lan, guest], {}, false));
  lan.fault = 'absent';
  await w.clock.pass(5000);
  guest.join(one);
  await w.clock.pass(2000);
  assert.is(w.engine.accounts.book.get(id)?.gateway, 'guest');
  return { w, id, lan, guest };
}

test('the gate that they left is shut after a restart, too', async () => {
  const { w, id, lan, guest } = await moved();
  await w.crash();
  lan.fault = undefined;
  await w.clock.pass(60_000);
  assert.is(lan.clients.get(one)?.open ?? false, false);
  assert.is(guest.clients.get(one)?.open, true);
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
});

test('it is shut although their session has ended and the journal was summed up meanwhile', async () => {
  const { w, id, lan } = await moved();
  await w.commands.close(id, 'admin');
  await w.engine.accounts.begin({ boot: 'b', machine: 'first', rebooted: false });
  await w.crash();
  lan.fault = undefined;
  await w.clock.pass(60_000);
  assert.is(lan.clients.get(one)?.open ?? false, false);
});

test('a gate that others open there afterwards is theirs, also after a restart', async () => {
  const { w, lan } = await moved();
  lan.fault = undefined;
  await w.clock.pass(60_000);
  lan.join(one);
  lan.clients.get(one)!.open = true;
  await w.crash();
  await w.clock.pass(60_000);
  assert.is(lan.clients.get(one)?.open, true);
});

test('a device that the old portal forgot while it was deaf was left nothing to shut', async () => {
  const { w, lan } = await moved();
  lan.leave(one);
  lan.fault = undefined;
  await w.clock.pass(2000);
  lan.join(one);
  lan.clients.get(one)!.open = true;
  await w.clock.pass(60_000);
  assert.is(lan.clients.get(one)?.open, true);
});

test.run();

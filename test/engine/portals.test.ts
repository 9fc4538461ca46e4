// Portals that come into the configuration and go out of it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { settled } from '../rig/clock.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

const one = mac(1);

/** Two portals, and a session with its gate open on the second. */
async function atGuest(): Promise<{ w: World; guest: TestPortal; portals: TestPortal[]; id: string }> {
  const guest = new TestPortal('guest');
  const portals = [new TestPortal('lan'), guest];
  const w = await world(portals);
  guest.join(one);
  await w.clock.pass(1001);
  const bought = await w.buy(one, { user: 'ada', steps: 10 });
  assert.ok(bought.ok && guest.clients.get(one)?.open);
  return { w, guest, portals, id: bought.ok ? bought.value.id : '' };
}

const stateOf = ({ engine }: World, id: string) => engine.accounts.book.get(id)?.state;

test('a portal that is let go of for good shuts the gates of its sessions, which wait with all they have', async () => {
  const { w, guest, id } = await atGuest();
  guest.carry(one, 100, 900);
  await w.engine.leave('guest');
  await w.engine.unwatch('guest');
  assert.is(guest.clients.get(one)?.open, false);
  assert.is(stateOf(w, id), 'suspended');
  const { usage } = w.engine.accounts.book.get(id)!;
  assert.equal([usage.up, usage.down], [100, 900], 'what passed before is billed');
});

test('it goes on when the portal is back', async () => {
  const { w, guest, id } = await atGuest();
  await w.engine.leave('guest');
  await w.engine.unwatch('guest');
  const cadence = { moved() {}, forget() {}, rates: () => ({ up: 0, down: 0 }), next: () => 1000 };
  await w.engine.watch([{ portal: guest, cadence, exclusive: true }]);
  await settled();
  assert.is(guest.clients.get(one)?.open, true);
  assert.is(stateOf(w, id), 'active');
});

test('gates of clients without a session stay as they are where others open them, too', async () => {
  const guest = new TestPortal('guest');
  const w = await world([guest], {}, false);
  for (const n of [1, 2]) guest.join(mac(n));
  await guest.open(mac(2));
  await w.clock.pass(1001);
  await w.buy(one);
  await w.engine.leave('guest');
  assert.equal(
    [1, 2].map((n) => guest.clients.get(mac(n))?.open),
    [false, true],
  );
});

test('a portal that does not answer is let go of all the same, and the log says whose gates are open', async () => {
  const { w, guest, id } = await atGuest();
  guest.failGates = true;
  await w.engine.leave('guest');
  await w.engine.unwatch('guest');
  assert.is(stateOf(w, id), 'suspended');
  assert.ok(w.log.some((line) => line.startsWith('error guest: is let go of') && line.includes(one)));
});

test('a portal of which only the settings change leaves its gates open', async () => {
  const { w, guest } = await atGuest();
  await w.engine.unwatch('guest');
  assert.is(guest.clients.get(one)?.open, true);
});

for (const how of ['by a reload', 'while turnpike was off']) {
  test(`an end under way at a portal that went ${how} is over, and nobody waits for it`, async () => {
    const { w, guest, portals, id } = await atGuest();
    guest.failGates = true;
    const closing = w.commands.close(id, 'admin');
    await w.clock.pass(3001);
    await closing;
    assert.is(stateOf(w, id), 'closing');
    if (how === 'by a reload') {
      w.engine.configure({ ...w.engine.settings, gateways: new Set(['lan']) });
      await w.engine.unwatch('guest');
      await w.engine.watch([]);
    } else {
      portals.pop();
      await w.crash();
    }
    assert.is(stateOf(w, id), 'terminated');
    w.portal.join(mac(2));
    await w.clock.pass(1001);
    assert.ok((await w.buy(mac(2), { user: 'ada' })).ok);
    assert.is(w.portal.clients.get(mac(2))?.open, true);
  });
}

test.run();

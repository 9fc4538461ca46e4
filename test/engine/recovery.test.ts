// Restarts, portals that are down, gates that fail and disks that are full.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { one, opened } from './opened.js';
import { TestPortal } from './portal.js';
import { mac, world } from './world.js';

test('a restart of turnpike forgets nothing', async () => {
  const { w, id } = await opened();
  w.portal.carry(one, 0, 400);
  await w.clock.pass(1001);
  w.portal.carry(one, 0, 300);
  await w.crash();
  await w.clock.pass(1001);
  const session = w.engine.accounts.upToDate(id)!;
  assert.is(session.state, 'active');
  assert.is(session.usage.down, 700, 'the portal still had what was not written yet');
});

test('a restart shuts a client that has no session, unless the portal is shared', async () => {
  for (const exclusive of [true, false]) {
    const portal = new TestPortal('lan');
    portal.join(one);
    portal.clients.get(one)!.open = true;
    const w = await world([portal], {}, exclusive);
    await w.clock.pass(1001);
    assert.is(portal.clients.get(one)?.open, !exclusive);
  }
});

test('a close that fails is tried for ever, with back-off, and the session is not over before', async () => {
  const { w, id } = await opened();
  w.portal.failGates = true;
  const closing = w.commands.close(id, 'admin');
  await w.clock.pass(600_000);
  assert.is((await closing)?.state, 'closing');
  const tries = w.portal.commands.filter((c) => c.startsWith('close')).length;
  assert.ok(tries > 20 && tries < 40, `${tries} tries in 10 minutes`);
  assert.is(w.engine.gateways[0]?.gatesFailing, 1);
  assert.is(w.log.filter((l) => l.includes('cannot close')).length, 1, 'said once');
  w.portal.failGates = false;
  await w.clock.pass(30_001);
  assert.is(w.engine.accounts.book.get(id)?.state, 'terminated');
  assert.is(w.engine.gateways[0]?.gatesFailing, 0);
});

test('an ended session that was being closed at a crash is closed after it', async () => {
  const { w, id } = await opened();
  w.portal.failGates = true;
  const closing = w.commands.close(id, 'user');
  await w.clock.pass(3001);
  await closing;
  await w.crash();
  w.portal.failGates = false;
  await w.clock.pass(31_000);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'user');
  assert.is(w.portal.clients.get(one)?.open, false);
});

test('a portal that is down suspends its sessions and resumes them', async () => {
  const { w, id } = await opened();
  w.portal.fault = 'refused';
  await w.clock.pass(3001);
  assert.is(w.engine.accounts.book.get(id)?.state, 'suspended');
  w.portal.fault = undefined;
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
  const told = w.notices.map((n) => n.type).filter((t) => t.startsWith('gateway'));
  assert.equal(told, ['gateway.up', 'gateway.down', 'gateway.up']);
});

test('settings that come again and again do not put off the writing of usage', async () => {
  const w = await world();
  w.portal.join(mac(1));
  await w.clock.pass(1001);
  const buying = w.buy(mac(1));
  await w.clock.pass(1);
  await buying;
  w.portal.carry(mac(1), 0, 500);
  for (let second = 0; second < 70; second++) {
    await w.clock.pass(1000);
    w.engine.configure({ ...w.engine.settings });
  }
  assert.ok(w.journal.records.some((r) => r.t === 'usage'));
});

test('on a full disk the end of a session is written in the room kept for it, and no sale takes that', async () => {
  const w = await world();
  w.portal.join(mac(1));
  w.portal.join(mac(2));
  await w.clock.pass(1001);
  const buying = w.buy(mac(1));
  await w.clock.pass(1);
  const sold = await buying;
  assert.ok(sold.ok);
  w.journal.full = true;
  w.journal.spare = 5;
  w.portal.carry(mac(1), 0, 1000);
  await w.clock.pass(3000);
  assert.is(w.engine.accounts.book.get(sold.value.id)?.state, 'expired');
  const other = w.buy(mac(2));
  await w.clock.pass(1);
  const refused = await other;
  assert.is(refused.ok ? 'ok' : refused.code, 'storage_full');
  assert.is(w.journal.replay().get(sold.value.id)?.state, 'expired', 'also after a crash');
});

test.run();

// From the purchase to the open gate.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { settled } from '../rig/clock.js';
import { one, opened } from './opened.js';
import { TestPortal } from './portal.js';
import { world } from './world.js';

test('a purchase opens the gate and its answer says so', async () => {
  const { w, id } = await opened();
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
  assert.is(w.portal.clients.get(one)?.open, true);
  assert.equal(
    w.notices.map((n) => n.type).filter((t) => t.startsWith('session')),
    ['session.opened'],
  );
});

test('the sale is in the journal before the gate is touched', async () => {
  const w = await world();
  w.portal.join(one);
  await w.clock.pass(1001);
  const open = w.portal.open.bind(w.portal);
  let recorded: string[] = [];
  w.portal.open = (device) => {
    recorded = w.journal.records.map((r) => r.t);
    return open(device);
  };
  await w.buy(one);
  assert.ok(recorded.includes('sold'));
});

test('what passes a gate that was opened without an answer is the session’s', async () => {
  const w = await world();
  w.portal.join(one);
  await w.clock.pass(1001);
  const open = w.portal.open.bind(w.portal);
  w.portal.open = async (device) => {
    await open(device);
    w.portal.open = open;
    return { ok: false, reason: 'timeout', detail: 'told to', before: [] };
  };
  const result = await w.buy(one);
  assert.is(result.ok && result.value.state, 'pending');
  w.portal.carry(one, 100, 300);
  await w.clock.pass(1001);
  const session = w.engine.accounts.book.get(result.ok ? result.value.id : '')!;
  assert.is(session.state, 'active');
  assert.is(session.usage.up + session.usage.down, 400);
});

test('what passes a gate that opened while its session was being ended is the session’s', async () => {
  const w = await world();
  w.portal.join(one);
  await w.clock.pass(1001);
  const open = w.portal.open.bind(w.portal);
  w.portal.open = async (device) => {
    const outcome = await open(device);
    const [session] = w.engine.accounts.book.runningOfMac(device);
    await w.engine.end(session!.id, 'user');
    w.portal.carry(device, 100, 300);
    return outcome;
  };
  const result = await w.buy(one);
  const id = result.ok ? result.value.id : '';
  await w.clock.pass(1001);
  const session = w.engine.accounts.book.get(id)!;
  assert.is(session.state, 'terminated');
  assert.is(session.usage.up + session.usage.down, 400);
  const told = w.notices.map((n) => n.type).filter((t) => t.startsWith('session'));
  assert.equal(told, ['session.opened', 'session.closed']);
});

test('a client that the portal does not know is let in when it shows up', async () => {
  const w = await world();
  const result = await w.buy(one);
  assert.ok(result.ok && result.value.state === 'pending');
  w.portal.join(one);
  await w.clock.pass(1001);
  assert.is(w.portal.clients.get(one)?.open, true);
});

test('a gate that the portal opened by itself is shut and opened anew, for it would not count', async () => {
  const { w, id } = await opened();
  w.portal.carry(one, 0, 400);
  await w.clock.pass(1001);
  const before = w.portal.commands.length;
  w.portal.restored.add(one);
  await w.clock.pass(1001);
  assert.equal(w.portal.commands.slice(before), [`close ${one}`, `open ${one}`]);
  w.portal.carry(one, 0, 300);
  await w.clock.pass(1001);
  const session = w.engine.accounts.upToDate(id)!;
  assert.is(session.state, 'active');
  assert.is(session.usage.down, 700);
  assert.is(w.portal.commands.length, before + 2, 'once');
});

test('a client that comes back is let in again with what remains', async () => {
  const { w, id } = await opened();
  w.portal.carry(one, 0, 400);
  await w.clock.pass(1001);
  w.portal.restart();
  await w.clock.pass(1001);
  assert.is(w.portal.clients.get(one)?.open, true);
  w.portal.carry(one, 0, 599);
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
  w.portal.carry(one, 0, 1);
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'data');
});

test('a session follows its device to another portal', async () => {
  const w = await world([new TestPortal('lan'), new TestPortal('guest')]);
  w.portals[0]!.join(one);
  await w.clock.pass(1001);
  const result = await w.buy(one);
  w.portals[0]!.leave(one);
  await w.clock.pass(1001);
  w.portals[1]!.join(one);
  await w.clock.pass(1001);
  await settled();
  assert.is(w.portals[1]!.clients.get(one)?.open, true);
  assert.is(result.ok && w.engine.accounts.book.get(result.value.id)?.gateway, 'guest');
});

test.run();

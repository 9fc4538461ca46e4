import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes, millis } from '../../src/domain/units.js';
import { mac, TestPortal, ticks, world } from './world.js';

const one = mac(1);

async function opened(over: Record<string, unknown> = {}, w = world()) {
  const made = await w;
  made.portal.join(one);
  await made.clock.pass(1001);
  const result = await made.buy(one, over);
  assert.ok(result.ok, result.ok ? '' : result.message);
  return { w: made, id: result.ok ? result.value.id : '' };
}

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
    const [session] = w.engine.accounts.book.liveOfMac(device);
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

for (const exclusive of [true, false]) {
  const whose = exclusive ? 'is the session’s' : 'may be another’s';
  test(`what passes a gate that a crash left open before the journal knew of it ${whose}`, async () => {
    const w = await world([new TestPortal('lan', true)], {}, exclusive);
    w.portal.join(one);
    await w.clock.pass(1001);
    const result = await w.buy(one);
    // The process is gone after the gate was opened, and before the record of it.
    w.journal.records = w.journal.records.filter((r) => r.t !== 'session');
    const crashed = w.crash();
    w.portal.carry(one, 100, 300);
    w.portal.chatter = true;
    await crashed;
    w.portal.chatter = false;
    await w.clock.pass(1001);
    const session = w.engine.accounts.book.get(result.ok ? result.value.id : '')!;
    assert.is(session.state, 'active');
    assert.is(session.usage.up + session.usage.down, exclusive ? 403 : 0);
    w.portal.carry(one, 10, 20);
    await w.clock.pass(1001);
    const { usage } = w.engine.accounts.book.get(session.id)!;
    assert.is(usage.up + usage.down, exclusive ? 433 : 30);
  });
}

test('a client that the portal does not know is let in when it shows up', async () => {
  const w = await world();
  const result = await w.buy(one);
  assert.ok(result.ok && result.value.state === 'pending');
  w.portal.join(one);
  await w.clock.pass(1001);
  assert.is(w.portal.clients.get(one)?.open, true);
});

test('the data cap closes the gate, expired, with no refund for begun steps', async () => {
  const { w, id } = await opened({ steps: 2 });
  w.portal.carry(one, 500, 1600);
  await w.clock.pass(1001);
  const done = w.engine.accounts.book.get(id)!;
  assert.is(done.state, 'expired');
  assert.is(done.cause, 'data');
  assert.equal(done.refunds, []);
  assert.is(w.portal.clients.get(one)?.open, false);
});

test('the time cap closes the gate to the millisecond, between polls', async () => {
  const { w, id } = await opened({ plan: 'time' });
  await w.clock.pass(59_999);
  assert.is(w.engine.accounts.settle(id)?.state, 'active');
  await w.clock.pass(1);
  assert.is(w.engine.accounts.settle(id)?.cause, 'time');
  assert.is(w.portal.clients.get(one)?.open, false);
});

test('of two caps the first one reached ends the session', async () => {
  const { w, id } = await opened({ plan: 'both', steps: 5 });
  w.portal.carry(one, 0, 4999);
  await w.clock.pass(60_000);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'time');
});

test('a top-up adds to what is left and keeps the gate as it is', async () => {
  const { w, id } = await opened();
  w.portal.carry(one, 0, 900);
  await w.clock.pass(1001);
  const commands = w.portal.commands.length;
  const more = await w.buy(one, { steps: 2 });
  assert.ok(more.ok && more.value.id === id);
  assert.is(w.portal.commands.length, commands);
  w.portal.carry(one, 0, 2099);
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
  w.portal.carry(one, 0, 1);
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(id)?.state, 'expired');
});

test('time stops while the client is away only if the plan pauses', async () => {
  for (const [plan, left] of [
    ['pausing', true],
    ['time', false],
  ] as const) {
    const { w, id } = await opened({ plan });
    w.portal.leave(one);
    await w.clock.pass(1001);
    assert.is(w.engine.accounts.book.get(id)?.state, 'suspended');
    await w.clock.pass(120_000);
    assert.is(w.engine.accounts.settle(id)?.state === 'suspended', left, plan);
  }
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

test('a restart of turnpike forgets nothing', async () => {
  const { w, id } = await opened();
  w.portal.carry(one, 0, 400);
  await w.clock.pass(1001);
  w.portal.carry(one, 0, 300);
  await w.crash();
  await w.clock.pass(1001);
  const session = w.engine.accounts.settle(id)!;
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

test('without a byte for the idle time-out the session ends', async () => {
  const { w, id } = await opened({ plan: 'idle' });
  for (let i = 0; i < 5; i++) {
    w.portal.carry(one, 1, 1);
    await w.clock.pass(20_000);
  }
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
  await w.clock.pass(31_001);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'idle');
});

test('a session that stays away is lost after the set time', async () => {
  const { w, id } = await opened({}, world(undefined, { lostAfter: millis(60_000) }));
  w.portal.leave(one);
  await w.clock.pass(50_000);
  assert.is(w.engine.accounts.book.get(id)?.state, 'suspended');
  await w.clock.pass(15_000);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'lost');
});

test('validity runs while the client is away', async () => {
  const { w, id } = await opened({ plan: 'valid' });
  w.portal.leave(one);
  await w.clock.pass(100_001);
  assert.is(w.engine.accounts.settle(id)?.cause, 'time');
});

test('80% is told once, and again after a top-up', async () => {
  const { w } = await opened();
  const low = () => w.notices.filter((n) => n.type === 'session.low').length;
  w.portal.carry(one, 0, 801);
  await w.clock.pass(3003);
  assert.is(low(), 1);
  await w.buy(one);
  w.portal.carry(one, 0, 800);
  await w.clock.pass(3003);
  assert.is(low(), 2);
});

test('an unused session gives all its money back', async () => {
  const { w, id } = await opened({ steps: 3 });
  const closed = await w.commands.close(id, 'admin');
  assert.is(closed?.refunds[0]?.money.amount, 150n);
});

test('the refund counts whole steps, rounded up, lot by lot', async () => {
  const { w, id } = await opened({ steps: 3 });
  await w.buy(one, { steps: 2 });
  w.portal.carry(one, 0, 3001);
  const closed = await w.commands.close(id, 'admin');
  assert.is(closed?.usage.down, 3001, 'the last look before the close counts');
  assert.equal(
    closed?.refunds.map((r) => r.money.amount),
    [50n],
  );
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
  await ticks();
  assert.is(w.portals[1]!.clients.get(one)?.open, true);
  assert.is(result.ok && w.engine.accounts.book.get(result.value.id)?.gateway, 'guest');
});

test('a clock that is set by years, forth and back, moves no limit and loses no figure', async () => {
  const w = await world();
  w.portal.join(mac(1));
  await w.clock.pass(1001);
  const year = 365 * 86_400_000;
  const buying = w.buy(mac(1), { plan: 'time', steps: 2 });
  await w.clock.pass(1);
  const sold = await buying;
  assert.ok(sold.ok);
  const { id } = sold.value;
  w.clock.setBy = 10 * year;
  await w.clock.pass(60_000);
  w.clock.setBy = -30 * year;
  await w.crash();
  w.portal.join(mac(1));
  await w.clock.pass(50_000);
  const running = w.engine.accounts.settle(id)!;
  assert.is(running.state, 'active');
  assert.ok(running.usage.millis > 105_000 && running.usage.millis <= 110_001, `${running.usage.millis}`);
  await w.clock.pass(15_000);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'time');
  const revenue = w.engine.accounts.book.stats.toPlain().flatMap((b) => b.revenue.map((m) => m.amount));
  assert.equal(revenue, ['100']);
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

test('a grant by bytes adds to a running session', async () => {
  const { w, id } = await opened();
  const order = { mac: one, bytes: bytes(500), reason: 'sorry', key: 'g1' };
  const granted = await w.commands.grant(order);
  assert.ok(granted.ok && granted.value.id === id && granted.value.granted.bytes === 1500);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Session } from '../../src/domain/session.js';
import { bytes } from '../../src/domain/units.js';
import type { Result } from '../../src/ports/result.js';
import { settled } from '../rig/clock.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

const one = mac(1);
const two = mac(2);

async function ready(portals?: TestPortal[]): Promise<World> {
  const w = await world(portals);
  for (const device of [one, two]) w.portal.join(device);
  await w.clock.pass(1001);
  return w;
}

function code(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.code;
}

function value(result: Result<Session>): Session {
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

/** All that a refused call must leave as it was. */
function fingerprint(w: World): string {
  return JSON.stringify([w.journal.records, w.portal.commands, w.engine.accounts.book.toPlain(0)]);
}

test('each bad order has its own code and changes nothing', async () => {
  const w = await ready([new TestPortal('lan'), new TestPortal('guest')]);
  const before = fingerprint(w);
  const cases: [Record<string, unknown>, string][] = [
    [{ plan: 'nosuch' }, 'unknown_plan'],
    [{ steps: 0 }, 'bad_steps'],
    [{ steps: 1001 }, 'bad_steps'],
    [{ steps: 1.5 }, 'bad_steps'],
    [{ payment: { method: 'shells' } }, 'unknown_method'],
    [{ payment: { method: 'cash' } }, 'bad_payment'],
    [{ payment: { method: 'cash', reference: 'a\nb' } }, 'bad_payment'],
    [{ payment: { method: 'cash', reference: 'r', paid: '0.49' } }, 'price_differs'],
    [{ currency: 'EUR' }, 'no_price'],
    [{ gateway: 'nosuch' }, 'unknown_gateway'],
    [{ mac: mac(9) }, 'gateway_needed'],
  ];
  for (const [over, expected] of cases) assert.is(code(await w.buy(one, over)), expected);
  const empty = { mac: one, reason: 'r', key: 'g' };
  assert.is(code(await w.commands.grant(empty)), 'bad_argument');
  assert.is(code(await w.commands.grant({ ...empty, plan: 'data', bytes: bytes(1) })), 'bad_argument');
  assert.is(code(await w.commands.grant({ ...empty, plan: 'nosuch' })), 'unknown_plan');
  assert.is(fingerprint(w), before);
});

test('the same key gives the same session and sells once, also at the same time', async () => {
  const w = await ready();
  const [a, b] = await Promise.all([w.buy(one, { key: 'k' }), w.buy(one, { key: 'k' })]);
  const c = await w.buy(one, { key: 'k' });
  assert.equal(a, b);
  assert.equal(a, c);
  assert.is(w.journal.records.filter((r) => r.t === 'sold').length, 1);
  assert.is(value(c).granted.bytes, 1000);
});

test('a repeat is not answered before the sale is on the disk', async () => {
  const w = await ready();
  const sync = w.journal.sync.bind(w.journal);
  let release = () => {};
  const written = new Promise<void>((resolve) => {
    release = resolve;
  });
  w.journal.sync = () => written.then(sync);
  const first = w.buy(one, { key: 'k' });
  await settled();
  w.journal.failSync = true;
  const repeat = w.buy(one, { key: 'k' });
  await settled();
  release();
  assert.equal([code(await first), code(await repeat)], ['storage_failed', 'storage_failed']);
});

test('the same key with other content is refused, also at the same time', async () => {
  const w = await ready();
  const [a, b] = await Promise.all([w.buy(one, { key: 'k' }), w.buy(one, { key: 'k', steps: 2 })]);
  assert.is(code(a), 'ok');
  assert.is(code(b), 'key_conflict');
  assert.is(
    code(await w.commands.grant({ mac: one, bytes: bytes(1), reason: 'r', key: 'k' })),
    'key_conflict',
  );
});

test('a key still counts after a crash', async () => {
  const w = await ready();
  const first = value(await w.buy(one, { key: 'k' }));
  await w.crash();
  assert.is(value(await w.buy(one, { key: 'k' })).id, first.id);
  assert.is(code(await w.buy(one, { key: 'k', steps: 2 })), 'key_conflict');
});

test('a refused key can be used again', async () => {
  const w = await ready();
  assert.is(code(await w.buy(one, { key: 'k', plan: 'nosuch' })), 'unknown_plan');
  assert.is(code(await w.buy(one, { key: 'k' })), 'ok');
});

test('a plan with other limits does not mix into a running session', async () => {
  const w = await ready();
  await w.buy(one);
  assert.is(code(await w.buy(one, { plan: 'both' })), 'limits_differ');
  assert.is(code(await w.buy(one, { plan: 'time' })), 'limits_differ');
});

test('a full disk sells nothing, keeps counting, and sells again when there is room', async () => {
  const w = await ready();
  const held = value(await w.buy(one));
  w.journal.full = true;
  const before = JSON.stringify(w.journal.records);
  assert.is(code(await w.buy(two)), 'storage_full');
  assert.is(code(await w.buy(one)), 'storage_full');
  assert.is(JSON.stringify(w.journal.records), before);
  w.portal.carry(one, 0, 1000);
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(held.id)?.state, 'expired', 'the cap holds without a journal');
  w.journal.full = false;
  assert.is(code(await w.buy(two)), 'ok');
  assert.is(w.journal.replay().get(held.id)?.state, 'expired', 'what was not written is written now');
});

test('a sale that cannot be synced is taken back', async () => {
  const w = await ready();
  w.journal.failSync = true;
  assert.is(code(await w.buy(one, { key: 'k' })), 'storage_failed');
  assert.equal(w.engine.accounts.book.runningOfMac(one), []);
  assert.is(w.portal.clients.get(one)?.open, false);
  w.journal.failSync = false;
  const sold = value(await w.buy(one, { key: 'k' }));
  assert.is(sold.granted.bytes, 1000);
  assert.is(w.journal.replay().get(sold.id)?.lots.length, 1);
});

test("a user's second device opens after the first one is closed", async () => {
  const w = await ready();
  const first = value(await w.buy(one, { user: 'ada' }));
  const second = value(await w.buy(two, { user: 'ada' }));
  assert.equal(w.portal.commands, [`open ${one}`, `close ${one}`, `open ${two}`]);
  assert.is(w.engine.accounts.book.get(first.id)?.cause, 'conflict');
  assert.is(second.state, 'active');
});

test('while the first device cannot be closed the second stays pending', async () => {
  const w = await ready();
  await w.buy(one, { user: 'ada' });
  w.portal.failGates = true;
  const buying = w.buy(two, { user: 'ada' });
  await w.clock.pass(10_000);
  assert.is(value(await buying).state, 'pending');
  assert.is(w.portal.clients.get(two)?.open, false);
  w.portal.failGates = false;
  await w.clock.pass(31_000);
  assert.is(w.portal.clients.get(one)?.open, false);
  assert.is(w.portal.clients.get(two)?.open, true);
});

test('another user on the same device is another customer', async () => {
  const w = await ready();
  const ada = value(await w.buy(one, { user: 'ada' }));
  const bob = value(await w.buy(one, { user: 'bob' }));
  assert.is.not(ada.id, bob.id);
  assert.is(w.engine.accounts.book.get(ada.id)?.cause, 'conflict');
  assert.is(w.portal.clients.get(one)?.open, true);
});

test('logout_user ends every session of the user and no other', async () => {
  const w = await ready();
  const ada = value(await w.buy(one, { user: 'ada' }));
  const bob = value(await w.buy(two, { user: 'bob' }));
  const out = await w.commands.logout('ada', 'key');
  assert.ok(out.ok && out.value.length === 1 && out.value[0]?.cause === 'pc-logout');
  assert.is(w.engine.accounts.book.get(ada.id)?.state, 'terminated');
  assert.is(w.engine.accounts.book.get(bob.id)?.state, 'active');
  const again = await w.commands.logout('ada', 'key');
  assert.equal(again, out);
  assert.is(code(await w.commands.logout('bob', 'key')), 'key_conflict');
});

test('logout_user for another reason is another request, and the reason stands in the books', async () => {
  const w = await ready();
  const ada = value(await w.buy(one, { user: 'ada' }));
  assert.ok((await w.commands.logout('ada', 'key', 'admin')).ok);
  assert.is(w.engine.accounts.book.get(ada.id)?.cause, 'admin');
  assert.is(code(await w.commands.logout('ada', 'key')), 'key_conflict');
});

test('an amount buys as many whole steps as it pays for', async () => {
  const w = await ready();
  const steps = (amount: string) => {
    const quote = w.commands.quote({ plan: 'data', amount }, 'cash');
    return quote.ok ? quote.value.steps : quote.code;
  };
  assert.is(steps('0.50'), 1);
  assert.is(steps('1.99'), 3);
  assert.is(steps('0.49'), 'bad_steps');
  assert.is(steps('1.999'), 'bad_amount');
  assert.is(steps('-1'), 'bad_amount');
  assert.is(steps('1e3'), 'bad_amount');
  assert.is(steps('99999999999999999999'), 1000);
});

test.run();

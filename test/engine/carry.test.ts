// What is left of a session goes to another device by a code: to the byte, and never on two devices at once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../src/ports/result.js';
import fc from '../rig/properties.js';
import { sold, ready as withKernel } from './kernel.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

const minute = 60_000;
const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.code);

async function ready(): Promise<{ w: World; id: string }> {
  const w = await world([new TestPortal('lan')]);
  for (const n of [1, 2, 3]) w.portal.join(mac(n));
  await w.clock.pass(1001);
  const bought = await w.buy(mac(1), { steps: 10 });
  assert.ok(bought.ok);
  return { w, id: bought.value.id };
}

async function newCode(w: World, id: string): Promise<string> {
  const made = await w.desk.carries.create(id);
  assert.ok(made.ok, codeOf(made));
  return made.value.code;
}

async function redeem(w: World, code: string, n: number) {
  const going = w.desk.carries.redeem(code, mac(n));
  await w.clock.pass(1);
  return going;
}

test('the session goes on at the other device with what it has left, and the first one is shut out before', async () => {
  const { w, id } = await ready();
  w.portal.carry(mac(1), 1000, 2000);
  const code = await newCode(w, id);
  // Not read yet when the session goes.
  w.portal.carry(mac(1), 0, 500);
  w.portal.commands.length = 0;
  const gone = await redeem(w, code, 2);
  assert.ok(gone.ok, codeOf(gone));
  assert.equal([gone.value.id, gone.value.mac, gone.value.state], [id, mac(2), 'active']);
  assert.equal(w.portal.commands, [`close ${mac(1)}`, `open ${mac(2)}`]);
  const { up, down } = gone.value.usage;
  assert.equal([up, down], [1000, 2500]);
  w.portal.carry(mac(2), 0, 6500);
  await w.clock.pass(2000);
  const end = w.engine.accounts.book.get(id)!;
  assert.equal([end.state, end.usage.up + end.usage.down, end.refunds], ['expired', 10_000, []]);
  assert.equal(w.engine.accounts.book.runningOfMac(mac(1)), []);
});

test('the kernel lets the first device pass nothing more, and bills what it let pass to the end', async () => {
  const { w, kernel } = await withKernel();
  w.portal.join(mac(2));
  await w.clock.pass(1000);
  const id = await sold(w);
  const code = await newCode(w, id);
  kernel.carry(id, 100, 200);
  const gone = await redeem(w, code, 2);
  assert.ok(gone.ok, codeOf(gone));
  assert.equal([gone.value.usage.up, gone.value.usage.down], [100, 200]);
  const holds = kernel.now;
  assert.equal(
    holds.map((hold) => [hold.id, hold.mac, hold.live]),
    [[id, mac(2), true]],
  );
  const between = kernel.seen.flatMap((one) => one.holds).filter((hold) => hold.mac === mac(1));
  assert.not(between.at(-1)!.live, 'it was shut out before its session went');
});

test('the same device again has the same answer, and for others the code is used', async () => {
  const { w, id } = await ready();
  const code = await newCode(w, id);
  assert.is(codeOf(await redeem(w, code, 2)), 'ok');
  const again = await redeem(w, code.toLowerCase().replace('-', ' '), 2);
  assert.is(again.ok && again.value.id, id);
  assert.is(codeOf(await redeem(w, code, 3)), 'unknown_carry');
  assert.is(codeOf(await redeem(w, code, 1)), 'unknown_carry');
});

test('code and carried session outlive a restart, and the code is in no record', async () => {
  const { w, id } = await ready();
  const code = await newCode(w, id);
  const plain = code.replace('-', '');
  const kept = JSON.stringify([w.journal.records, w.engine.accounts.book.toPlain(0), w.log]);
  assert.is(
    kept.split(plain).length,
    kept.split(`hash of carry ${plain}`).length,
    'the test’s hash shows it',
  );
  await w.crash();
  assert.is(codeOf(await redeem(w, code, 2)), 'ok');
  await w.crash();
  await w.clock.pass(2000);
  const session = w.engine.accounts.book.get(id)!;
  assert.equal([session.mac, session.state], [mac(2), 'active']);
  assert.is(codeOf(await redeem(w, code, 3)), 'unknown_carry');
  assert.is(w.portal.clients.get(mac(1))?.open, false);
});

test('a code is good for a quarter of an hour, and a newer one takes its place', async () => {
  const { w, id } = await ready();
  const old = await newCode(w, id);
  const code = await newCode(w, id);
  assert.is(codeOf(await redeem(w, old, 2)), 'unknown_carry');
  await w.clock.pass(15 * minute);
  assert.is(codeOf(await redeem(w, code, 2)), 'unknown_carry');
});

test('wrong codes count with those of vouchers', async () => {
  const { w, id } = await ready();
  const code = await newCode(w, id);
  for (let i = 0; i < 3; i++) assert.is(codeOf(await redeem(w, 'AAAAA-AAAAA', 2)), 'unknown_carry');
  for (let i = 0; i < 2; i++) {
    const tried = await w.desk.redeem('AAAAA-AAAAA', { mac: mac(2) });
    assert.is(codeOf(tried), 'unknown_voucher');
  }
  const refused = await redeem(w, code, 2);
  assert.ok(!refused.ok && refused.code === 'too_many_attempts' && refused.next! > w.clock.wall());
  assert.is(codeOf(await redeem(w, code, 3)), 'ok');
});

test('a device that has a session of its own takes no other, and its own goes on', async () => {
  const { w, id } = await ready();
  assert.ok((await w.buy(mac(2))).ok);
  const code = await newCode(w, id);
  assert.is(codeOf(await redeem(w, code, 2)), 'session_running');
  assert.is(w.portal.clients.get(mac(1))?.open, true);
});

test('while the first gate does not shut, nothing goes, and nothing is lost', async () => {
  const { w, id } = await ready();
  const code = await newCode(w, id);
  w.portal.failGates = true;
  assert.is(codeOf(await redeem(w, code, 2)), 'busy');
  assert.is(w.portal.clients.get(mac(2))?.open, false);
  w.portal.failGates = false;
  await w.clock.pass(minute);
  assert.equal([w.engine.accounts.book.get(id)!.mac, w.portal.clients.get(mac(1))?.open], [mac(1), true]);
  assert.is(codeOf(await redeem(w, code, 2)), 'ok');
});

test('two devices with the same code at once: one has the session', async () => {
  const { w, id } = await ready();
  const code = await newCode(w, id);
  const both = await Promise.all([2, 3].map((n) => redeem(w, code, n)));
  assert.equal(both.map(codeOf).sort(), ['busy', 'ok']);
  const open = [1, 2, 3].filter((n) => w.portal.clients.get(mac(n))?.open);
  assert.is(open.length, 1);
});

test('a session that is over has no code, and its code is worth nothing', async () => {
  const { w, id } = await ready();
  const code = await newCode(w, id);
  const closing = w.commands.close(id, 'user');
  await w.clock.pass(1);
  await closing;
  assert.is(codeOf(await w.desk.carries.create(id)), 'unknown_session');
  assert.is(codeOf(await redeem(w, code, 2)), 'unknown_carry');
});

const deed = fc.oneof(
  fc.record({ what: fc.constant('carry' as const), to: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ what: fc.constant('move' as const), up: fc.nat(300), down: fc.nat(300) }),
  fc.record({ what: fc.constant('buy' as const) }),
  fc.record({ what: fc.constant('restart' as const) }),
  fc.record({ what: fc.constant('pass' as const), ms: fc.nat(3000) }),
);

test('however often it goes from device to device: bought and used add up to the byte, and one gate is open', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 14 }), async (deeds) => {
      const { w, id } = await ready();
      await w.buy(mac(1), { steps: 1000 });
      let bought = 1_010_000;
      for (const one of deeds) {
        const { mac: at } = w.engine.accounts.book.get(id)!;
        if (one.what === 'carry' && mac(one.to) !== at) {
          const gone = await redeem(w, await newCode(w, id), one.to);
          assert.is(codeOf(gone), 'ok');
        } else if (one.what === 'move') w.portal.carry(at, one.up, one.down);
        else if (one.what === 'buy') {
          assert.ok((await w.buy(at)).ok);
          bought += 1000;
        } else if (one.what === 'restart') await w.crash();
        else if (one.what === 'pass') await w.clock.pass(one.ms);
        const open = [1, 2, 3].filter((n) => w.portal.clients.get(mac(n))?.open);
        assert.ok(open.length <= 1, `open: ${open}`);
      }
      await w.clock.pass(2000);
      const { granted, usage, lots } = w.engine.accounts.book.get(id)!;
      const served = [...w.portal.served.values()].reduce((sum, bytes) => sum + bytes, 0);
      assert.equal([granted.bytes, usage.up + usage.down], [bought, served]);
      assert.is(lots.reduce((sum, lot) => sum + lot.steps, 0) * 1000, bought);
    }),
    { numRuns: 60 },
  );
});

test.run();

// What the kernel let pass is billed, once, whatever happens to the daemon, the table and the portal.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from '../rig/properties.js';
import { billed, flow, ready, sold } from './kernel.js';
import { mac } from './world.js';

test('what the kernel counted is billed, and what the portal counted of it is not added', async () => {
  const all = await ready();
  const id = await sold(all.w);
  flow(all, id, 1000, 5000);
  all.kernel.carry(id, 200, 700);
  await all.w.clock.pass(15_000);
  assert.equal(billed(all.w, id), { up: 1200, down: 5700 }, 'IPv6 too');
});

test('what passed while the daemon was dead is billed once at its next start', async () => {
  const all = await ready();
  const { w, kernel } = all;
  const id = await sold(w);
  flow(all, id, 1000, 5000);
  await w.clock.pass(2000);
  flow(all, id, 300, 400);
  await w.crash();
  await w.clock.pass(3000);
  assert.equal(billed(w, id), { up: 1300, down: 5400 });
  kernel.carry(id, 1, 1);
  await w.clock.pass(3000);
  assert.equal(billed(w, id), { up: 1301, down: 5401 });
});

test('a table that is lost and made anew counts on: nothing is billed twice', async () => {
  const all = await ready();
  const { w, kernel } = all;
  const id = await sold(w);
  flow(all, id, 1000, 5000);
  await w.clock.pass(2000);
  kernel.flush();
  await w.clock.pass(2000);
  flow(all, id, 10, 20);
  await w.clock.pass(2000);
  assert.equal(billed(w, id), { up: 1010, down: 5020 });
});

test('counters that were set back take nothing off a bill', async () => {
  const all = await ready();
  const { w, kernel } = all;
  const id = await sold(w);
  flow(all, id, 1000, 5000);
  await w.clock.pass(2000);
  kernel.counters.set(id, { up: 0, down: 0 });
  await w.clock.pass(2000);
  assert.equal(billed(w, id), { up: 1000, down: 5000 });
});

test('while the kernel cannot be read the portal’s count is billed, and nothing twice when it is back', async () => {
  const all = await ready();
  const { w, kernel } = all;
  const id = await sold(w);
  flow(all, id, 1000, 5000);
  await w.clock.pass(2000);
  kernel.isDeaf = true;
  flow(all, id, 300, 400);
  await w.clock.pass(15_000);
  assert.equal(billed(w, id), { up: 1300, down: 5400 }, 'meanwhile');
  flow(all, id, 50, 60);
  kernel.isDeaf = false;
  await w.clock.pass(15_000);
  assert.equal(billed(w, id), { up: 1350, down: 5460 }, 'back again');
  assert.is(w.log.filter((line) => line.includes('passed the kernel by')).length, 0);
});

test('what the kernel billed just before it fell silent is not billed again by the portal', async () => {
  const all = await ready();
  const { w, kernel } = all;
  const id = await sold(w);
  // The portal is slower than the kernel: it has not been asked when the kernel falls silent.
  w.portal.fault = 'timeout';
  flow(all, id, 1000, 50_000);
  await w.clock.pass(1500);
  assert.equal(billed(w, id), { up: 1000, down: 50_000 });
  kernel.isDeaf = true;
  await w.clock.pass(1000);
  flow(all, id, 5, 7);
  w.portal.fault = undefined;
  await w.clock.pass(10_000);
  assert.equal(billed(w, id), { up: 1005, down: 50_007 });
  assert.is(
    w.engine.accounts.book.get(id)?.state,
    'active',
    'and the cap of 100,000 is not taken for reached',
  );
});

test('what passed between the last look and the cut is billed with the end', async () => {
  const all = await ready();
  const { w } = all;
  const id = await sold(w);
  flow(all, id, 100, 100);
  await w.clock.pass(1000);
  flow(all, id, 2000, 3000);
  await w.engine.end(id, 'user');
  await w.clock.pass(10);
  assert.is(w.engine.accounts.book.get(id)?.state, 'terminated');
  assert.equal(billed(w, id), { up: 2100, down: 3100 });
});

test('a last count that fails for a moment is made again, and the session is over then', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  kernel.carry(id, 200, 300);
  kernel.isDeaf = true;
  await w.engine.end(id, 'user');
  await w.clock.pass(10);
  assert.is(w.engine.accounts.book.get(id)?.state, 'closing');
  kernel.isDeaf = false;
  await w.clock.pass(100);
  assert.is(w.engine.accounts.book.get(id)?.state, 'terminated');
  assert.equal(billed(w, id), { up: 200, down: 300 });
});

test('a session whose last count fails while the daemon stops is counted by the next run', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  kernel.carry(id, 200, 300);
  kernel.isDeaf = true;
  await w.engine.end(id, 'user');
  await w.clock.pass(10);
  const { accounts } = w.engine;
  const stopped = w.engine.stop();
  await w.clock.pass(5_000);
  await stopped;
  assert.is(accounts.book.get(id)?.state, 'closing');
  kernel.isDeaf = false;
  const back = w.crash();
  await w.clock.pass(5_000);
  await back;
  assert.is(w.engine.accounts.book.get(id)?.state, 'terminated');
  assert.equal(billed(w, id), { up: 200, down: 300 });
});

test('a kernel that stays silent keeps no session from its end', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  kernel.isDeaf = true;
  await w.engine.end(id, 'user');
  await w.clock.pass(2_000);
  assert.is(w.engine.accounts.book.get(id)?.state, 'terminated');
});

test('what a look found is billed, though the daemon was stopped meanwhile', async () => {
  const all = await ready();
  const { w, kernel } = all;
  const id = await sold(w);
  let stopped: Promise<void> | undefined;
  kernel.meanwhile = async () => {
    kernel.meanwhile = async () => {};
    stopped = w.engine.stop();
  };
  flow(all, id, 2000, 3000);
  await w.clock.pass(1000);
  await stopped;
  assert.equal(billed(w, id), { up: 2000, down: 3000 });
});

test('usage is written at the end of the daemon, though the kernel does not answer', async () => {
  const all = await ready();
  const { w, kernel } = all;
  const id = await sold(w);
  flow(all, id, 2000, 3000);
  await w.clock.pass(1000);
  kernel.meanwhile = () => new Promise(() => {});
  let stopped = false;
  void w.engine.stop().then(() => {
    stopped = true;
  });
  await w.clock.pass(5000);
  assert.ok(stopped);
  assert.is(w.journal.replay().get(id)?.usage.down, 3000);
});

test('a session that a dead portal suspended is active again when its device sends', async () => {
  const all = await ready();
  const { w, kernel } = all;
  const id = await sold(w);
  w.portal.fault = 'timeout';
  await w.clock.pass(60_000);
  const state = () => w.engine.accounts.book.get(id)?.state;
  assert.is(state(), 'suspended');
  kernel.carry(id, 100, 900);
  await w.clock.pass(1000);
  assert.is(state(), 'active');
});

test('what the world sends to a customer who has left does not start their time again', async () => {
  const all = await ready();
  const { w, kernel } = all;
  const id = await sold(w, { plan: 'pausing', steps: 10 });
  w.portal.leave(mac(1));
  await w.clock.pass(5000);
  const state = () => w.engine.accounts.book.get(id)?.state;
  assert.is(state(), 'suspended');
  kernel.carry(id, 0, 1500);
  await w.clock.pass(1000);
  assert.is(state(), 'suspended');
  assert.is(billed(w, id).down, 1500);
});

const anyTurn = fc.oneof(
  fc.record({ what: fc.constant('flow' as const), up: fc.nat(500), down: fc.nat(500) }),
  fc.record({ what: fc.constantFrom('wait', 'crash', 'flush', 'deaf', 'hear') }),
);

test('whatever fails in turn: in the end what passed is billed, exactly', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyTurn, { maxLength: 25 }), async (turns) => {
      const all = await ready();
      const { w, kernel } = all;
      const id = await sold(w);
      const passed = { up: 0, down: 0 };
      for (const turn of turns) {
        if (turn.what === 'flow' && 'up' in turn) {
          flow(all, id, turn.up, turn.down);
          passed.up += turn.up;
          passed.down += turn.down;
        } else if (turn.what === 'crash') await w.crash();
        else if (turn.what === 'flush') {
          // A table that is made anew goes on from what was read last.
          await w.clock.pass(2000);
          if (!kernel.isDeaf) kernel.flush();
        } else if (turn.what === 'deaf') kernel.isDeaf = true;
        else if (turn.what === 'hear') kernel.isDeaf = false;
        await w.clock.pass(turn.what === 'wait' ? 3000 : 10);
      }
      kernel.isDeaf = false;
      await w.clock.pass(15_000);
      assert.equal(billed(w, id), passed);
    }),
    { numRuns: 60 },
  );
});

test.run();

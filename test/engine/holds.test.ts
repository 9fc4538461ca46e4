// When the engine asks the kernel for what, on a portal and a kernel in memory.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { settled } from '../rig/clock.js';
import { ready, sold } from './kernel.js';
import { mac } from './world.js';

test('the cap is in the kernel before the gate opens, and rises with a top-up', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  const before = kernel.seen.find(({ holds }) => holds[0]?.live);
  assert.is(before?.commands, 0, 'no gate was touched yet');
  assert.equal(before?.holds[0], {
    ...{ id, mac: mac(1), live: true, caps: { total: 100_000 } },
    ...{ used: { up: 0, down: 0 }, pace: {} },
  });
  await sold(w);
  assert.is(kernel.now[0]?.caps.total, 200_000);
});

for (const [what, over] of [
  ['a top-up', { steps: 100 }],
  ['another plan', { steps: 100, plan: 'fast' }],
] as const) {
  test(`${what} is answered when the kernel has it, or after some seconds`, async () => {
    const { w, kernel } = await ready();
    await sold(w);
    let write = () => {};
    kernel.written = new Promise((resolve) => {
      write = resolve;
    });
    let answers = 0;
    const buy = () =>
      w
        .buy(mac(1), over)
        .then(({ ok }) => assert.ok(ok))
        .then(() => answers++);
    const buying = buy();
    await w.clock.pass(1000);
    assert.is(answers, 0);
    write();
    await buying;
    kernel.written = new Promise(() => {});
    const stuck = buy();
    await w.clock.pass(5000);
    await stuck;
    assert.is(answers, 2, 'a kernel that hangs keeps no buyer waiting');
  });
}

test('nothing passes of a sale that the disk does not take', async () => {
  const { w, kernel } = await ready();
  w.journal.failSync = true;
  const buying = w.buy(mac(1), { steps: 100 });
  await w.clock.pass(30_000);
  await buying;
  assert.ok(kernel.seen.every(({ holds }) => holds.every(({ live }) => !live)));
});

test('rates are those of what was bought last, and in the kernel with the sale', async () => {
  const { w, kernel } = await ready();
  await sold(w);
  await sold(w, { plan: 'fast' });
  assert.equal(kernel.seen.at(-1)?.holds[0]?.pace, { up: 1000, down: 5000 });
  assert.is(w.portal.commands.length, 1, 'the gate stays as it is');
});

test('an end cuts at once, also while the portal is deaf, and goes from the kernel with the session', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  w.portal.fault = 'timeout';
  await w.engine.end(id, 'admin');
  assert.is(kernel.seen.at(-1)?.holds[0]?.live, false);
  w.portal.fault = undefined;
  await w.clock.pass(60_000);
  assert.is(w.engine.accounts.book.get(id)?.state, 'terminated');
  assert.equal(kernel.now, []);
});

test('who ends is named to be shut out beside whatever else the kernel does, and nobody else', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  await sold(w, { plan: 'fast' });
  assert.equal(kernel.cuts, []);
  await w.engine.end(id, 'admin');
  assert.equal([...new Set(kernel.cuts)], [mac(1)]);
});

test('a session whose portal is let go of goes on passing, and is held to its cap', async () => {
  const { w, kernel } = await ready();
  await sold(w);
  await w.engine.unwatch('lan');
  assert.is(kernel.now[0]?.live, true);
  assert.is(kernel.now[0]?.caps.total, 100_000);
});

test('a session that the kernel has cut off at its cap ends with cause data', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  kernel.carry(id, 0, 99_900);
  kernel.spent.set(id, { total: 100_000 });
  await w.clock.pass(1000);
  await settled();
  assert.is(w.engine.accounts.book.get(id)?.cause, 'data');
  assert.equal(w.engine.accounts.book.get(id)?.refunds, []);
});

test('a session that was topped up while the kernel was asked does not end', async () => {
  const { w, kernel } = await ready();
  const id = await sold(w);
  kernel.carry(id, 0, 99_900);
  kernel.spent.set(id, { total: 100_000 });
  kernel.meanwhile = async () => {
    kernel.meanwhile = async () => {};
    const more = await w.buy(mac(1), { steps: 100 });
    assert.ok(more.ok);
  };
  await w.clock.pass(1000);
  kernel.spent.clear();
  await w.clock.pass(5000);
  assert.is(w.engine.accounts.book.get(id)?.state, 'active', 'what the kernel said was of the old cap');
  assert.is(w.engine.accounts.book.get(id)?.usage.down, 99_900);
});

test('bytes that a portal counts and the kernel does not are reported, and said once', async () => {
  const { w } = await ready();
  await sold(w, { steps: 1000 });
  w.portal.carry(mac(1), 0, 5_000_000);
  await w.clock.pass(60_000);
  assert.equal(w.engine.kernel?.difference, { bytes: 5_000_000, share: 1 });
  assert.is(w.log.filter((line) => line.includes('passed the kernel by')).length, 1);
});

test.run();

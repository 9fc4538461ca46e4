// Time that ends while the daemon starts: nobody waits for the portals, or for the whole table in the kernel.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes } from '../../src/domain/units.js';
import { settled } from '../rig/clock.js';
import { billed, ready, sold } from './kernel.js';
import { mac, world } from './world.js';

async function killed(steps: number) {
  const { w, kernel } = await ready();
  const id = await sold(w, { plan: 'time', steps });
  await w.engine.accounts.flush();
  kernel.state = 'starting';
  let compared = () => {};
  kernel.compared = new Promise((resolve) => {
    compared = () => {
      kernel.compared = undefined;
      resolve();
    };
  });
  return { w, kernel, id, compared: () => compared() };
}

test('a session ends in the books and is shut out of the kernel before the portals are taken up', async () => {
  const { w, kernel, id, compared } = await killed(1);
  w.meanwhile = async () => {
    const { granted, usage } = w.engine.accounts.book.get(id)!;
    await w.clock.pass(granted.millis! - usage.millis + 1);
    assert.is(w.engine.accounts.book.get(id)!.state, 'closing');
    assert.equal(kernel.cuts, [mac(1)]);
    compared();
  };
  await w.crash();
  await w.clock.pass(1000);
  assert.is(w.engine.accounts.book.get(id)!.state, 'expired');
});

test('who has used up their time when the books are read is named before the table is compared', async () => {
  const { w, kernel, id, compared } = await killed(1);
  // The daemon was killed between this record and the end.
  w.clock.now += 60_000;
  await w.engine.accounts.flush();
  assert.is(w.engine.accounts.book.get(id)!.state, 'active');
  kernel.cutFirst = undefined;
  kernel.firstCut = undefined;
  w.meanwhile = async () => compared();
  await w.crash();
  assert.equal(kernel.cutFirst, [mac(1)]);
  assert.equal(kernel.firstCut, [], 'who passes is looked up before that');
});

test('settings that come while the table is compared call for no second comparison', async () => {
  const { w, kernel, compared } = await killed(1_000);
  kernel.seen.length = 0;
  w.meanwhile = async () => {
    await w.clock.pass(100);
    assert.equal(kernel.seen, []);
    compared();
    await w.clock.pass(100);
    assert.is(kernel.seen.length, 1);
  };
  await w.crash();
});

test('what passed while the daemon was dead is billed to a session that ends before the table is read', async () => {
  const { w, kernel, id, compared } = await killed(1);
  kernel.carry(id, 300, 400);
  w.meanwhile = () => w.clock.pass(60_000);
  let isBack = false;
  const back = w.crash().then(() => {
    isBack = true;
  });
  while (!isBack) await w.clock.pass(1000);
  await back;
  compared();
  await w.clock.pass(1000);
  assert.is(w.engine.accounts.book.get(id)!.state, 'expired');
  assert.equal(billed(w, id), { up: 300, down: 400 });
});

test('one whose data and time are both used up ends at its time, while its portal does not answer', async () => {
  const w = await world();
  w.portal.join(mac(1));
  await w.clock.pass(1000);
  const id = await sold(w, { plan: 'both', steps: 1 });
  await w.clock.pass(1000);
  const { accounts } = w.engine;
  // As at a stop, which looks a last time and ends nobody.
  accounts.update(accounts.upToDate(id)!, { type: 'traffic', up: bytes(1000), down: bytes(0) });
  await accounts.flush();
  w.portal.fault = 'refused';
  await w.crash();
  await w.clock.pass(60_000);
  assert.is(w.engine.accounts.book.get(id)!.state, 'closing');
});

test('those whose portal is configured no more are counted at once when they were ending', async () => {
  const { w, kernel, id } = await killed(1_000);
  kernel.compared = undefined;
  w.portal.join(mac(2));
  await w.clock.pass(1000);
  const other = await sold(w, { mac: mac(2), plan: 'time', steps: 1_000 });
  w.portal.fault = 'refused';
  await Promise.all([id, other].map((one) => w.engine.end(one, 'user')));
  w.engine.configure({ ...w.engine.settings, gateways: new Set() });
  await w.engine.unwatch('lan');
  const asked: string[] = [];
  let askedByThen = 0;
  const count = kernel.count.bind(kernel);
  kernel.count = async (one) => {
    asked.push(one);
    await settled();
    askedByThen ||= asked.length;
    return count(one);
  };
  await w.engine.watch([]);
  assert.is(askedByThen, 2);
  const { book } = w.engine.accounts;
  assert.equal([book.get(id)?.state, book.get(other)?.state], ['terminated', 'terminated']);
});

test('one with time left is not shut out', async () => {
  const { w, kernel, id, compared } = await killed(1_000);
  w.meanwhile = async () => {
    await w.clock.pass(100);
    compared();
  };
  await w.crash();
  assert.equal(kernel.cuts, []);
  assert.ok(['active', 'suspended'].includes(w.engine.accounts.book.get(id)!.state));
});

test.run();

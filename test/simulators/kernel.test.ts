// The simulated kernel keeps what the real one keeps.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedKernel } from '../../packages/simulators/kernel.js';
import type { Hold } from '../../src/domain/hold.js';
import type { Mac } from '../../src/domain/mac.js';

const mac = '02:00:00:00:00:01' as Mac;
const other = '02:00:00:00:00:02' as Mac;
const hold = (over: Partial<Hold> = {}): Hold => ({
  ...{ id: 'a', mac, live: true, caps: { total: 1000 }, used: { up: 0, down: 0 }, pace: {} },
  ...over,
});

function kernelWith(...holds: Hold[]) {
  const held = new Map(holds.map((one) => [one.id, one]));
  const kernel = new SimulatedKernel({
    hold: (id) => held.get(id),
    holds: () => held.values(),
    premises: () => [],
  });
  return { kernel, held };
}

test('a device passes nothing without a session, with one that is not live, or after its end', async () => {
  const { kernel, held } = kernelWith(hold({ live: false }));
  await kernel.audit();
  assert.equal(kernel.pass(mac, { up: 1, down: 1 }), { up: 0, down: 0 });
  held.set('a', hold());
  await kernel.sync(['a']);
  assert.equal(kernel.pass(mac, { up: 1, down: 1 }), { up: 1, down: 1 });
  assert.equal(kernel.pass(other, { up: 1, down: 1 }), { up: 0, down: 0 });
  held.delete('a');
  await kernel.sync(['a']);
  assert.equal(kernel.pass(mac, { up: 1, down: 1 }), { up: 0, down: 0 });
});

test('caps hold to the byte, both ways together and each, and only what passed is counted', async () => {
  const { kernel } = kernelWith(hold({ caps: { total: 1000, up: 300 }, used: { up: 100, down: 0 } }));
  await kernel.audit();
  assert.equal(kernel.pass(mac, { up: 500, down: 500 }), { up: 200, down: 500 });
  assert.equal(kernel.pass(mac, { up: 0, down: 500 }), { up: 0, down: 200 });
  assert.equal(kernel.pass(mac, { up: 1, down: 1 }), { up: 0, down: 0 });
  assert.equal(await kernel.read(), [{ id: 'a', up: 300, down: 700, spent: { total: 1000, up: 300 } }]);
  assert.equal(await kernel.count('a'), { up: 300, down: 700 });
});

test('a top-up at the cap goes on from what passed', async () => {
  const { kernel, held } = kernelWith(hold());
  await kernel.audit();
  kernel.pass(mac, { up: 0, down: 5000 });
  held.set('a', hold({ caps: { total: 3000 } }));
  await kernel.sync(['a']);
  assert.equal(await kernel.read(), [{ id: 'a', up: 0, down: 1000, spent: {} }]);
  assert.equal(kernel.pass(mac, { up: 0, down: 5000 }), { up: 0, down: 2000 });
});

test('what has not moved since the last look is not told again', async () => {
  const { kernel } = kernelWith(hold());
  await kernel.audit();
  kernel.pass(mac, { up: 10, down: 0 });
  assert.is((await kernel.read()).length, 1);
  assert.is((await kernel.read()).length, 0);
});

test.run();

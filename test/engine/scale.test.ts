// What a router with many customers does for each of them does not grow with their number.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import { Gates } from '../../src/engine/gates.js';
import { ready } from './kernel.js';
import { TestPortal } from './portal.js';
import { everySecond, type World, world } from './world.js';

const many = 100;
const macOf = (n: number) => `02:00:00:00:01:${n.toString(16).padStart(2, '0')}` as Mac;

/** How often all gates of a portal were gone through while the work was done. */
async function passes(work: () => Promise<unknown>): Promise<number> {
  const failing = Object.getOwnPropertyDescriptor(Gates.prototype, 'failing')!;
  let count = 0;
  Object.defineProperty(Gates.prototype, 'failing', {
    configurable: true,
    get() {
      count += 1;
      return failing.get!.call(this);
    },
  });
  try {
    await work();
  } finally {
    Object.defineProperty(Gates.prototype, 'failing', failing);
  }
  return count;
}

async function buyAll(w: World): Promise<string[]> {
  const sales = Array.from({ length: many }, (_, n) => w.buy(macOf(n), { steps: 1000 }));
  await w.clock.pass(1);
  const made = await Promise.all(sales);
  return made.map((sale) => {
    assert.ok(sale.ok);
    return sale.value.id;
  });
}

test('a sale and a look at the kernel do not go through all gates for each session', async () => {
  const { w, kernel } = await ready();
  for (let n = 0; n < many; n++) w.portal.join(macOf(n));
  await w.clock.pass(1001);
  let ids: string[] = [];
  const whileBuying = await passes(async () => {
    ids = await buyAll(w);
  });
  for (const id of ids) kernel.counters.set(id, { up: 0, down: 1 });
  const whileAuditing = await passes(() => w.clock.pass(30_000));
  assert.equal([whileBuying, whileAuditing], [0, 0]);
});

test('a sale plans looks for its own session alone, and a look for all', async () => {
  let planned = 0;
  const counting = () => ({
    ...everySecond(),
    next: (_now: number, _tookMs: number, racing: Iterable<unknown>) => {
      planned += [...racing].length;
      return 1000;
    },
  });
  const byKernel = (await ready(counting())).w;
  const byPortal = await world([]);
  const portal = new TestPortal('guest');
  byPortal.engine.configure({ ...byPortal.engine.settings, gateways: new Set(['guest']) });
  await byPortal.engine.watch([{ portal, cadence: counting(), exclusive: true }]);
  for (const [w, at] of [
    [byKernel, byKernel.portal],
    [byPortal, portal],
  ] as const) {
    for (let n = 0; n <= many; n++) at.join(macOf(n));
    await w.clock.pass(1001);
    await buyAll(w);
    await w.clock.pass(1000);
    planned = 0;
    const last = w.buy(macOf(many), { steps: 1000 });
    await w.clock.pass(1);
    assert.ok((await last).ok);
    assert.ok(planned > 0 && planned <= 4, `${planned} sessions were planned for`);
    await w.clock.pass(1000);
    assert.ok(planned > many, `${planned} sessions were planned for`);
  }
});

test.run();

// What a router with many customers does for each of them does not grow with their number.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import { Gates } from '../../src/engine/gates.js';
import { ready } from './backstop.js';
import type { World } from './world.js';

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
  kernel.held = ids.map((id) => ({ id, bytes: 0, spent: {} }));
  const whileAuditing = await passes(() => w.clock.pass(30_000));
  assert.equal([whileBuying, whileAuditing], [0, 0]);
});

test.run();

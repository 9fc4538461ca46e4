// Customers are told when they have used most of any limit, not only of data and time in all.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Plan } from '../../src/domain/plan.js';
import { bytes, millis } from '../../src/domain/units.js';
import { one, opened } from './opened.js';
import { plan, type World, world } from './world.js';

/** A customer of a plan with one more limit; `use` moves them up to it. */
async function warned(caps: Plan['caps'], use: (w: World) => Promise<void>): Promise<number[]> {
  const offered = plan('capped', { caps, stepSize: 1_000_000 });
  const made = await world();
  const offer = { ...made.engine.settings.offer, plans: new Map([[offered.id, offered]]) };
  made.engine.configure({ ...made.engine.settings, offer });
  const { w } = await opened({ plan: 'capped' }, Promise.resolve(made));
  const count = () => w.notices.filter(({ type }) => type === 'session.low').length;
  const counts = [count()];
  for (let i = 0; i < 3; i++) {
    await use(w);
    counts.push(count());
  }
  return counts;
}

const carry = (up: number, down: number) => async (w: World) => {
  w.portal.carry(one, up, down);
  await w.clock.pass(1000);
};

test('at 80% of what they may send', async () => {
  assert.equal(await warned({ upBytes: bytes(1000) }, carry(300, 0)), [0, 0, 0, 1]);
});

test('at 80% of what they may receive', async () => {
  assert.equal(await warned({ downBytes: bytes(1000) }, carry(0, 300)), [0, 0, 0, 1]);
});

test('at 80% of the time for which it is valid', async () => {
  const wait = (w: World) => w.clock.pass(30_000);
  assert.equal(await warned({ validity: millis(100_000) }, wait), [0, 0, 0, 1]);
});

test.run();

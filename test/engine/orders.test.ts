// Orders that must not be sold: too many steps, one key for two things, a portal that there is not.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { one, opened } from './opened.js';
import { plan, plans, world } from './world.js';

const batch = { count: 1, reuse: true };

async function withFree() {
  const w = await world();
  const free = plan('free', { prices: [], maxSteps: 5 });
  const offer = { ...w.engine.settings.offer, plans: new Map([...plans, free].map((p) => [p.id, p])) };
  w.engine.configure({ ...w.engine.settings, offer });
  return w;
}

for (const steps of [0, 6, 1.5, 9e15]) {
  test(`a voucher for ${steps} steps of a plan without a price that has 1 to 5 is refused`, async () => {
    const w = await withFree();
    const made = await w.desk.create({ plan: 'free', steps, key: 'v', ...batch });
    assert.is(made.ok ? 'ok' : made.code, 'bad_steps');
    assert.is(w.engine.accounts.book.vouchers.size, 0);
  });
}

test('a voucher for as many steps as that plan has is made', async () => {
  const w = await withFree();
  const made = await w.desk.create({ plan: 'free', steps: 5, key: 'v', ...batch });
  assert.is(made.ok && made.value.batch.goods.allotment.bytes, 5000);
});

test('a purchase and vouchers under one key at once: one of them is made', async () => {
  const { w } = await opened();
  const buying = w.buy(one, { key: 'same' });
  const making = w.desk.create({ plan: 'data', key: 'same', ...batch });
  await w.clock.pass(1);
  const [sold, made] = [await buying, await making];
  assert.ok(sold.ok);
  assert.is(made.ok ? 'ok' : made.code, 'key_conflict');
  assert.is(w.engine.accounts.book.vouchers.size, 0);
});

test('vouchers and a purchase under one key at once: one of them is made', async () => {
  const { w, id } = await opened();
  const making = w.desk.create({ plan: 'data', key: 'same', ...batch });
  const buying = w.buy(one, { key: 'same' });
  await w.clock.pass(1);
  const [made, sold] = [await making, await buying];
  assert.ok(made.ok);
  assert.is(sold.ok ? 'ok' : sold.code, 'key_conflict');
  assert.is(w.engine.accounts.book.get(id)?.lots.length, 1);
});

test('a top-up that names a portal that there is not is refused', async () => {
  const { w, id } = await opened();
  const sold = await w.buy(one, { gateway: 'attic' });
  assert.is(sold.ok ? 'ok' : sold.code, 'unknown_gateway');
  const grant = { mac: one, bytes: 1 as never, reason: 'r', key: 'g', gateway: 'attic' };
  const granted = await w.commands.grant(grant);
  assert.is(granted.ok ? 'ok' : granted.code, 'unknown_gateway');
  assert.is(w.engine.accounts.book.get(id)?.lots.length, 1);
  assert.ok((await w.buy(one, { gateway: 'lan' })).ok);
});

test.run();

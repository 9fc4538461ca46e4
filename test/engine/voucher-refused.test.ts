// A voucher that cannot be redeemed elsewhere: whoever uses it goes on.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Session } from '../../src/domain/session.js';
import type { Target } from '../../src/engine/till.js';
import type { VoucherOrder } from '../../src/engine/voucher-batches.js';
import type { Result } from '../../src/ports/result.js';
import { mac, type World, world } from './world.js';

const until = 1_790_000_000_000 + 1_020_000;

/** A voucher in use on the first device, and two more devices. */
async function inUse(order: Partial<VoucherOrder> = {}, target: Partial<Target> = {}) {
  const w = await world();
  for (const n of [1, 2]) w.portal.join(mac(n));
  await w.clock.pass(1001);
  const made = await w.desk.create({ plan: 'data', steps: 10, count: 1, reuse: true, key: 'v', ...order });
  assert.ok(made.ok);
  const code = made.value.codes[0]!;
  const first = await redeem(w, code, { mac: mac(1), ...target });
  assert.ok(first.ok && first.value.state === 'active');
  return { w, code, batch: made.value.batch.id, id: first.value.id };
}

async function redeem(w: World, code: string, target: Target): Promise<Result<Session>> {
  const taking = w.desk.redeem(code, target);
  await w.clock.pass(1);
  return taking;
}

/** The redemption is refused, and the first device goes on with what it has. */
async function goesOn(
  { w, code, id }: Awaited<ReturnType<typeof inUse>>,
  reason: string,
  target: Partial<Target> = {},
) {
  const refused = await redeem(w, code, { mac: mac(2), ...target });
  assert.is(refused.ok ? 'ok' : refused.code, reason);
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
  assert.is(w.portal.clients.get(mac(1))?.open, true);
}

test('an expired one', async () => {
  const scene = await inUse({ validUntil: until });
  await scene.w.clock.pass(30_000);
  await goesOn(scene, 'voucher_expired');
});

test('one that was made void', async () => {
  const scene = await inUse();
  await scene.w.desk.cancel(scene.batch, 1);
  await goesOn(scene, 'voucher_void');
});

test('one that limits other things than what the new device has', async () => {
  const scene = await inUse();
  assert.ok((await scene.w.buy(mac(2), { plan: 'time' })).ok);
  await goesOn(scene, 'limits_differ');
});

test('one for a portal that there is not', async () => {
  const scene = await inUse();
  await goesOn(scene, 'unknown_gateway', { gateway: 'attic' });
});

test('what is left is for the new device, to the last byte', async () => {
  const { w, code } = await inUse();
  w.portal.carry(mac(1), 0, 9_999);
  await w.clock.pass(1000);
  const rest = await redeem(w, code, { mac: mac(2) });
  assert.ok(rest.ok && rest.value.granted.bytes === 1);
});

test('another user on the same device does not get the session of the first', async () => {
  const { w, code, id } = await inUse({}, { user: 'ada' });
  w.portal.carry(mac(1), 0, 4000);
  await w.clock.pass(1000);
  const bob = await redeem(w, code, { mac: mac(1), user: 'bob' });
  assert.ok(bob.ok, bob.ok ? '' : bob.code);
  assert.is(bob.value.user, 'bob');
  assert.is(bob.value.granted.bytes, 6000, 'what is left on the code is theirs who has it');
  assert.is(w.engine.accounts.book.get(id)?.cause, 'conflict');
  const again = await redeem(w, code, { mac: mac(1), user: 'bob' });
  assert.is(again.ok && again.value.id, bob.value.id);
});

test('two users who redeem one code on one device at once do not get one session', async () => {
  const w = await world();
  w.portal.join(mac(1));
  await w.clock.pass(1001);
  const made = await w.desk.create({ plan: 'data', steps: 10, count: 1, reuse: true, key: 'v' });
  assert.ok(made.ok);
  const code = made.value.codes[0]!;
  const both = ['ada', 'bob'].map((user) => w.desk.redeem(code, { mac: mac(1), user }));
  await w.clock.pass(1);
  const [ada, bob] = await Promise.all(both);
  assert.ok(ada?.ok && ada.value.user === 'ada');
  assert.is(bob?.ok === false && bob.code, 'voucher_busy');
});

test.run();

// What the disk has not taken is neither charged nor sold.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { settled } from '../rig/clock.js';
import { depositOf, pay, one as payer, ready, value } from './deposits.js';
import { mac, world } from './world.js';

const one = mac(1);

test('usage that the disk did not take is not charged, and is when the disk takes it', async () => {
  const { w } = await ready();
  w.rounds.chargeMs = 1000;
  value(await pay(w, 'a'));
  w.portal.carry(payer, 0, 2500);
  await w.clock.pass(1000);
  w.journal.failSync = true;
  w.journal.full = true;
  await w.clock.pass(130_000);
  assert.is(depositOf(w, 'a').consumed, '0', 'a crash would have it used and paid again');
  w.journal.failSync = false;
  w.journal.full = false;
  await w.clock.pass(130_000);
  assert.is(depositOf(w, 'a').consumed, '3', 'without another byte');
});

test('a voucher that is made void while its sale waits for the disk is not sold', async () => {
  const w = await world();
  w.portal.join(one);
  await w.clock.pass(1001);
  const made = await w.desk.create({ plan: 'data', steps: 10, count: 1, reuse: true, key: 'v' });
  assert.ok(made.ok);
  w.journal.failSync = true;
  assert.not.ok((await w.buy(mac(2), { gateway: 'lan' })).ok);
  w.journal.failSync = false;
  assert.ok(w.engine.accounts.incomplete, 'nothing is decided before a snapshot');
  const write = w.journal.snapshot.bind(w.journal);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  w.journal.snapshot = (state) => held.then(() => write(state));
  const voided = w.desk.cancel(made.value.batch.id, 1);
  const redeemed = w.desk.redeem(made.value.codes[0]!, { mac: one });
  await settled();
  release();
  assert.ok((await voided).ok);
  const refused = await redeemed;
  assert.is(refused.ok ? 'ok' : refused.code, 'voucher_void');
  assert.equal(w.engine.accounts.book.runningOfMac(one), []);
});

test('a caller whose key is named like ours neither gets nor blocks a voucher', async () => {
  const w = await world();
  w.portal.join(one);
  await w.clock.pass(1001);
  const made = await w.desk.create({ plan: 'data', steps: 10, count: 1, reuse: true, key: 'v' });
  assert.ok(made.ok);
  const id = `${made.value.batch.id}-1`;
  const mine = { key: `voucher:${id}:0`, payment: { method: 'cash', reference: 'r' } };
  const bought = await w.buy(one, mine);
  assert.ok(bought.ok);
  const redeemed = await w.desk.redeem(made.value.codes[0]!, { mac: one });
  assert.ok(redeemed.ok);
  assert.is(redeemed.value.granted.bytes, 11_000);
  const again = await w.buy(one, mine);
  assert.is(again.ok ? again.value.granted.bytes : again.code, 11_000, 'the purchase is known by its key');
});

test.run();

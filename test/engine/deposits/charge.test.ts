// What is used is charged at an interval, so that a router that never comes back has lost little.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unitsUsed } from '../../../src/domain/lot.js';
import type { TestBackend } from '../chain.js';
import { depositOf, one, pay, ready, value } from '../deposits.js';
import { type World, world } from '../world.js';

const minute = 60_000;
const complaints = (w: World) => w.log.filter((line) => line.includes('cannot be charged'));
const consumed = (chain: TestBackend) => chain.chain.get('a')?.consumed;

test('what was used is charged at an interval, whichever signature it is of', async () => {
  const { w, chain } = await ready();
  const session = value(await pay(w, 'a', {}, { signed: 4 }));
  w.portal.carry(one, 0, 2_500);
  await w.clock.pass(9 * minute);
  assert.is(chain.charges, 0);
  await w.clock.pass(minute + 1);
  assert.is(consumed(chain), 3n, 'a part of the first');
  assert.equal([depositOf(w, 'a').consumed, depositOf(w, 'a').state], ['3', 'active']);
  await w.commands.sign(session.id, { units: '8' }, 's1');
  w.portal.carry(one, 0, 3_000);
  await w.clock.pass(10 * minute);
  assert.is(consumed(chain), 6n, 'all of the first, and a part of the second');
  assert.is(w.engine.accounts.book.get(session.id)?.state, 'active');
  await w.clock.pass(60 * minute);
  assert.is(chain.charges, 2, 'nothing was used since');
  await w.commands.close(session.id, 'user');
  await w.clock.pass(1);
  assert.is(chain.chain.get('a')?.closed?.sellerAmount, '300');
});

test('the interval is that of the configuration, also when it changes', async () => {
  const { w, chain } = await ready();
  value(await pay(w, 'a'));
  w.portal.carry(one, 0, 500);
  await w.clock.pass(2 * minute);
  assert.is(consumed(chain), 0n);
  w.rounds.chargeMs = minute;
  w.rounds.start();
  await w.clock.pass(1);
  assert.is(consumed(chain), 1n);
  w.portal.carry(one, 0, 1000);
  await w.clock.pass(2 * minute);
  assert.is(consumed(chain), 2n);
});

test('what is charged is on the disk: a crash makes nobody pay for more than he used', async () => {
  const { w, chain } = await ready();
  const session = value(await pay(w, 'a'));
  // Between two flushes.
  w.rounds.chargeMs = 1.5 * minute;
  w.rounds.start();
  for (let i = 0; i < 9; i++) {
    w.portal.carry(one, 0, 1000);
    await w.clock.pass(25_000);
    const { lots, usage } = w.journal.replay().get(session.id)!;
    assert.ok(consumed(chain)! <= unitsUsed(lots, usage, 'a'), `${i}`);
  }
  assert.ok(consumed(chain)! > 0n);
});

test('a facilitator that is down disturbs nobody: told once, tried again at each interval', async () => {
  const { w, chain } = await ready();
  const session = value(await pay(w, 'a'));
  w.portal.carry(one, 0, 1_500);
  chain.fates = ['lost-request', 'lost-request', 'lost-request'];
  await w.clock.pass(31 * minute);
  assert.equal([chain.charges, consumed(chain), depositOf(w, 'a').consumed], [3, 0n, '0']);
  assert.is(complaints(w).length, 1);
  assert.equal([depositOf(w, 'a').state, depositOf(w, 'a').note], ['active', '']);
  assert.is(w.engine.accounts.book.get(session.id)?.state, 'active');
  assert.ok(w.portal.clients.get(one)?.open);
  await w.clock.pass(10 * minute);
  assert.is(consumed(chain), 2n);
  w.portal.carry(one, 0, 1_000);
  chain.fates = ['lost-request'];
  await w.clock.pass(10 * minute);
  assert.is(complaints(w).length, 2, 'it had worked in between');
});

test('a charge of which nobody knows what came is made again, and is charged once', async () => {
  const { w, chain } = await ready();
  value(await pay(w, 'a'));
  w.portal.carry(one, 0, 1_500);
  chain.fates = ['lost-reply', 'pending'];
  await w.clock.pass(30 * minute + 1);
  assert.equal([chain.charges, consumed(chain), depositOf(w, 'a').consumed], [3, 2n, '2']);
});

test('a charge that is refused ends nothing, unless the chain says that it is over', async () => {
  const { w, chain } = await ready();
  const session = value(await pay(w, 'a'));
  w.portal.carry(one, 0, 1_500);
  chain.refusesCharges = true;
  await w.clock.pass(25 * minute);
  assert.is(complaints(w).length, 1);
  assert.is(w.engine.accounts.book.get(session.id)?.state, 'active');
  chain.chain.get('a')!.closed = { transaction: '0xd', sellerAmount: '0', buyerRefund: '500' };
  await w.clock.pass(6 * minute);
  assert.is(w.engine.accounts.book.get(session.id)?.cause, 'payment-reversed');
  assert.is(depositOf(w, 'a').state, 'closed');
});

test('a deposit of which less could be charged than was used says so, in the currency', async () => {
  const { w, chain } = await ready();
  const session = value(await pay(w, 'a'));
  w.portal.carry(one, 0, 1_500);
  await w.clock.pass(11 * minute);
  chain.withdraws = true;
  w.portal.carry(one, 0, 2_000);
  await w.commands.close(session.id, 'user');
  await w.clock.pass(1);
  const { state, note } = depositOf(w, 'a');
  assert.equal(
    [state, note],
    ['closed', 'withdrawn_by_payer: told to: only 1.00 USD of 2.00 USD was charged'],
  );
  assert.ok(w.log.some((line) => line.includes(note)));
});

test('the interval goes on over a restart, and what is overdue is charged at once', async () => {
  const { w, chain } = await ready();
  value(await pay(w, 'a'));
  w.portal.carry(one, 0, 1_500);
  await w.clock.pass(8 * minute);
  await w.crash();
  await w.clock.pass(minute);
  assert.is(consumed(chain), 0n);
  await w.clock.pass(minute + 1);
  assert.is(consumed(chain), 2n, 'ten minutes after the purchase');
  w.portal.carry(one, 0, 1_000);
  await w.clock.pass(2 * minute);
  // It is off for an hour.
  w.rounds.stop();
  w.clock.now += 60 * minute;
  await w.crash();
  await w.clock.pass(1);
  assert.is(consumed(chain), 3n);
});

test('a clock that was set back puts a charge off by one interval and no more', async () => {
  const { w, chain } = await ready();
  value(await pay(w, 'a'));
  w.portal.carry(one, 0, 1_500);
  await w.clock.pass(2 * minute);
  w.clock.setBy = -1_000_000 * minute;
  await w.crash();
  await w.clock.pass(10 * minute + 1);
  assert.is(consumed(chain), 2n);
});

test('the buyer asks for his money and the gate does not shut: what was used is charged all the same', async () => {
  const { w, chain } = await ready();
  const session = value(await pay(w, 'a'));
  w.portal.carry(one, 0, 2_500);
  await w.clock.pass(5 * minute);
  chain.serveUntil = w.clock.wall();
  w.rounds.chargeMs = 1440 * minute;
  w.portal.failGates = true;
  await w.clock.pass(6 * minute);
  assert.is(w.engine.accounts.book.get(session.id)?.state, 'closing');
  assert.is(consumed(chain), 3n);
  w.portal.failGates = false;
  await w.clock.pass(10 * minute);
  assert.is(chain.chain.get('a')?.closed?.sellerAmount, '150');
});

test('a deposit of an earlier version, with the signature before the last, is charged like any other', async () => {
  const { w, chain } = await ready();
  value(await pay(w, 'a', {}, { signed: 4 }));
  const records = w.journal.records as { t: string; deposit?: object }[];
  for (const record of records.filter(({ deposit }) => deposit))
    Object.assign(record.deposit!, { previous: { units: '2', proof: {} } });
  await w.crash();
  w.portal.carry(one, 0, 2_500);
  await w.clock.pass(11 * minute);
  assert.is(consumed(chain), 3n);
  const state = { ...w.engine.accounts.book.toPlain(w.clock.wall()) };
  const again = await world();
  Object.assign(again.journal, { state, records: [] });
  assert.is(again.journal.replay().deposits.get('a')?.consumed, '3');
});

test.run();

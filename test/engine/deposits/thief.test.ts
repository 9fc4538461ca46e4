// Who pays once and asks twice, and what a kill of the router at a bad moment leaves.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../../src/ports/result.js';
import { settled } from '../../rig/clock.js';
import { TestBackend } from '../chain.js';
import { depositOf, one, pay, ready, value } from '../deposits.js';
import { TestPortal } from '../portal.js';
import { mac, world } from '../world.js';

const code = (result: Result<unknown>) => (result.ok ? 'ok' : result.code);

test('a payment that is over is not taken again after a thousand penniless ones', async () => {
  const { w, chain } = await ready();
  const { id } = value(await pay(w, 'a'));
  await w.commands.close(id, 'user');
  await w.clock.pass(1);
  assert.is(depositOf(w, 'a').state, 'closed');
  chain.refuses = 'insufficient_funds';
  for (let n = 0; n < 1001; n++) assert.is(code(await pay(w, `poor${n}`)), 'payment_rejected');
  assert.is(code(await pay(w, 'a', { key: 'another' })), 'payment_used');
  assert.is(w.engine.accounts.book.runningCount, 0);
});

test('one payment under two keys at once is for one of them, also while the disk is being mended', async () => {
  const { w } = await ready();
  w.portal.join(mac(2));
  await w.clock.pass(1001);
  // An event could not be written: a snapshot must be on the disk before anything is sold.
  w.journal.full = true;
  await w.engine.accounts.change('none', { type: 'ended', cause: 'admin' }, 'closing');
  w.engine.accounts.noteLogout('logout', 'digest', []);
  w.journal.full = false;
  assert.ok(w.engine.accounts.incomplete);
  const first = pay(w, 'a');
  const second = pay(w, 'a', { key: 'another', mac: mac(2) });
  assert.is(value(await first).mac, one);
  assert.is(code(await second), 'payment_used');
  assert.is(w.engine.accounts.book.runningCount, 1);
});

test('a key is for one payment while the chain is waited for, and vouchers are not made under it', async () => {
  const { w, chain } = await ready();
  chain.fates = Array.from({ length: 20 }, () => 'lost-request');
  const first = pay(w, 'a', { key: 'k' });
  await settled();
  await w.clock.pass(15_001);
  assert.is(code(await first), 'payment_pending');
  assert.is(code(await pay(w, 'b', { key: 'k' })), 'key_conflict');
  assert.is(code(await w.buy(one, { key: 'k' })), 'key_conflict');
  const batch = { plan: 'data', count: 1, reuse: false, key: 'k' };
  assert.is(code(await w.desk.create(batch)), 'key_conflict');
});

test('a kill between the end of a deposit and that of its session leaves no free service', async () => {
  const { w, chain } = await ready();
  chain.confirmations = 0;
  const { id } = value(await pay(w, 'a'));
  chain.chain.get('a')!.closed = { transaction: '0xd', sellerAmount: '0', buyerRefund: '500' };
  await w.clock.pass(16_000);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'payment-reversed');
  // The disk has the deposit's end and nothing after it.
  const { records } = w.journal;
  const over = records.findIndex((r) => r.t === 'escrow' && r.escrow.state === 'closed');
  assert.ok(over > 0);
  w.journal.records = records.slice(0, over + 1);
  await w.crash();
  await w.clock.pass(2_000);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'payment-reversed');
  assert.not(w.portal.clients.get(one)?.open);
});

test('a package that is paid for good is served on after a restart', async () => {
  const { w, chain } = await ready();
  chain.final = true;
  const { id } = value(await pay(w, 'a'));
  await w.clock.pass(20_000);
  assert.is(depositOf(w, 'a').state, 'closed');
  await w.crash();
  await w.clock.pass(2_000);
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
});

test('a close that a reorganisation undoes ends the service at once, and what was used is charged', async () => {
  const { w, chain } = await ready();
  chain.confirmations = 0;
  chain.closeConfirmations = 1;
  const { id } = value(await pay(w, 'a'));
  w.portal.carry(one, 0, 2_500);
  chain.chain.get('a')!.closed = { transaction: '0xd', sellerAmount: '0', buyerRefund: '500' };
  await w.clock.pass(16_000);
  assert.not(w.portal.clients.get(one)?.open);
  assert.ok(w.engine.accounts.book.get(id)?.cause);
  assert.is(depositOf(w, 'a').closed, undefined);
  chain.chain.get('a')!.closed = undefined;
  await w.clock.pass(60_000);
  assert.is(chain.chain.get('a')?.closed?.sellerAmount, '150');
  assert.is(depositOf(w, 'a').state, 'closed');
});

test('the end of a deposit is never on the disk without that of its session', async () => {
  const { w, chain } = await ready();
  chain.confirmations = 0;
  const { id } = value(await pay(w, 'a'));
  const causes: unknown[] = [];
  w.journal.sync = async () => {
    const book = w.journal.replay();
    if (book.deposits.get('a')?.state === 'closed') causes.push(book.get(id)?.cause);
  };
  chain.chain.get('a')!.closed = { transaction: '0xd', sellerAmount: '0', buyerRefund: '500' };
  await w.clock.pass(16_000);
  assert.is(depositOf(w, 'a').state, 'closed');
  assert.equal([...new Set(causes)], ['payment-reversed']);
});

test('what was used is charged, however many sessions end before its deposit can be', async () => {
  const { w, chain } = await ready();
  const { id } = value(await pay(w, 'a'));
  w.portal.carry(one, 1000, 1345);
  w.backends = [];
  await w.crash();
  await w.clock.pass(1001);
  await w.commands.close(id, 'user');
  w.portal.join(mac(2));
  await w.clock.pass(1001);
  for (let n = 0; n < 1001; n++) await w.commands.close(value(await w.buy(mac(2))).id, 'admin');
  w.backends = [chain];
  await w.crash();
  await w.clock.pass(1);
  assert.is(chain.chain.get('a')?.closed?.sellerAmount, '150');
});

test('with two portals, a restart serves what was paid at the one where the customer was', async () => {
  const w = await world([new TestPortal('lan'), new TestPortal('guests')]);
  const chain = new TestBackend();
  w.backends = [chain];
  await w.crash();
  w.portals[1]!.join(one);
  await w.clock.pass(1001);
  chain.fates = ['lost-reply'];
  void pay(w, 'a');
  await settled();
  assert.is(depositOf(w, 'a').state, 'open-unknown');
  // The chain answers before a portal has been asked who is there.
  w.meanwhile = settled;
  await w.crash();
  await w.clock.pass(2_000);
  const [session] = w.engine.accounts.book.runningOfMac(one);
  assert.is(session?.gateway, 'guests');
  assert.ok(w.portals[1]!.clients.get(one)?.open);
});

test('after a second deposit the rest of the first is signed, too', async () => {
  const { w } = await ready();
  const { id } = value(await pay(w, 'a', {}, { signed: 4 }));
  value(await pay(w, 'b', {}, { signed: 3 }));
  const more = value(await w.commands.sign(id, { units: '10', of: 'a' }, 's1'));
  assert.is(more.granted.bytes, 13_000);
  assert.is(value(await w.commands.sign(id, { units: '9', of: 'b' }, 's2')).granted.bytes, 19_000);
  assert.is(code(await w.commands.sign(id, { units: '9', of: 'c' }, 's3')), 'bad_signature');
  assert.is(code(await w.commands.sign(id, { units: '9', of: 'b' }, 's4')), 'stale_signature');
});

test.run();

// What an owner took, by plan and by the way to pay.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lotOf } from '../../src/domain/lot.js';
import { lostBy } from '../../src/domain/refunds.js';
import { newSession, step } from '../../src/domain/session.js';
import { Stats } from '../../src/domain/stats.js';
import { mac, plan } from '../engine/world.js';

const hour = 3_600_000;
const day = 24 * hour;
const began = Date.UTC(2026, 0, 1);
const usd = (amount: bigint, decimals = 2) => ({ currency: 'USD', decimals, amount });
const data = { plan: 'data', method: 'cash' };
const card = { plan: 'data', method: 'voucher' };

const told = (stats: Stats, from: number, to: number) =>
  stats.takings(from, to).map(({ plan, method, money }) => [plan, method, money.amount, money.currency]);

test('sales of one plan are told apart by the way to pay, less what was given back', () => {
  const stats = new Stats();
  stats.addMoney(began, usd(300n), data);
  stats.addMoney(began + 5, usd(100n), card);
  stats.addMoney(began + hour, usd(-50n), data);
  stats.addMoney(began + hour, { ...usd(7n), currency: 'EUR' }, data);
  assert.equal(told(stats, began, began + day), [
    ['data', 'cash', 250n, 'USD'],
    ['data', 'voucher', 100n, 'USD'],
    ['data', 'cash', 7n, 'EUR'],
  ]);
  assert.equal(told(stats, began + hour, began + 2 * hour), [
    ['data', 'cash', -50n, 'USD'],
    ['data', 'cash', 7n, 'EUR'],
  ]);
  assert.equal(told(stats, began - day, began), []);
});

test('they are the same after a restart, and when their hours have become days', () => {
  const stats = new Stats();
  for (let at = began; at < began + 250 * day; at += hour) stats.addMoney(at, usd(1n), data);
  const all = [['data', 'cash', 6000n, 'USD']];
  assert.equal(told(stats, began, began + 250 * day), all);
  const again = new Stats(JSON.parse(JSON.stringify(stats.toPlain())));
  assert.equal(told(again, began, began + 250 * day), all);
});

test('books of an earlier version have their revenue, and no more than that', () => {
  const old = {
    at: began,
    revenue: [{ currency: 'USD', decimals: 2, amount: '5' }],
    up: 0,
    down: 0,
    sessions: 1,
  };
  const stats = new Stats({ stats: [old] });
  stats.addMoney(began, usd(10n), data);
  assert.is(stats.series(began, began + hour, hour)[0]!.revenue.get('USD')!.amount, 15n);
  assert.equal(told(stats, began, began + hour), [['data', 'cash', 10n, 'USD']]);
});

test('what is given back counts for the plan that it was paid for, under one receipt, too', () => {
  const sold = (id: string, key: string) => {
    const funding = { method: 'cash', reference: 'till', paid: usd(50n) };
    return lotOf({ ...plan('data'), id }, 1, funding, { at: 1, key });
  };
  const begun = newSession({ id: 's1', mac: mac(1), gateway: 'lan' }, sold('small', 'a'));
  const both = step(begun, { type: 'bought', lot: sold('large', 'b') });
  const closed = step(step(both, { type: 'ended', cause: 'admin' }), { type: 'shut', at: 2 });
  const lost = lostBy(closed).map(({ plan: id, method, money }) => [id, method, money.amount]);
  assert.equal(lost, [
    ['large', 'cash', 50n],
    ['small', 'cash', 50n],
  ]);
});

test.run();

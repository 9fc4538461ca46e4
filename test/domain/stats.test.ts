// An owner’s figures over the years.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Book } from '../../src/domain/book.js';
import { Stats } from '../../src/domain/stats.js';

const hour = 3_600_000;
const day = 24 * hour;
const began = Date.UTC(2026, 0, 1);

/** A sale of 0.01, a session and three bytes in every hour, or less often. */
function business(days: number, every = hour): Stats {
  const stats = new Stats();
  for (let at = began; at < began + days * day; at += every) {
    stats.addMoney(at, { currency: 'USD', decimals: 2, amount: 1n });
    stats.addBytes(at, 1, 2);
    stats.addSession(at);
  }
  return stats;
}

const cents = (stats: Stats, from: number, to: number, step: number) =>
  stats.series(from, to, step).map(({ revenue }) => revenue.get('USD')?.amount ?? 0n);

test('the last 90 days are told by the hour, the days before them by the day, and nothing is lost between', () => {
  const stats = business(400);
  const end = began + 400 * day;
  assert.ok(cents(stats, end - 90 * day, end, hour).every((amount) => amount === 1n));
  assert.ok(cents(stats, began, end, day).every((amount) => amount === 24n));
  const [all] = stats.series(began, end, 400 * day);
  assert.equal(
    [all!.revenue.get('USD')!.amount, all!.up, all!.down, all!.sessions],
    [9600n, 9600, 19200, 9600],
  );
});

test('five years are kept, and no more', () => {
  const stats = business(9 * 366, 4 * hour);
  const end = began + 9 * 366 * day;
  assert.ok(cents(stats, end - 5 * 365 * day, end, day).every((amount) => amount === 6n));
  const kept = stats.toPlain();
  assert.equal([kept.quarters?.length, kept.stats.length, kept.days?.length], [35 * 96, 57 * 24, 5 * 366]);
});

test('a sale that a clock far behind dates before all that is kept by the hour is in the figures of its day', () => {
  const stats = business(200);
  const early = Date.UTC(1973, 4, 1, 15);
  for (let n = 0; n < 3; n++) stats.addMoney(early, { currency: 'USD', decimals: 2, amount: 5n });
  assert.equal(cents(stats, Date.UTC(1973, 4, 1), Date.UTC(1973, 4, 2), day), [15n]);
  assert.is(stats.toPlain().stats.length, 57 * 24);
});

test('in the zone of any country the last 35 days begin at midnight', () => {
  const stats = business(40, hour / 4);
  const end = began + 40 * day;
  // India is half an hour beside UTC's hours, Nepal a quarter.
  for (const beside of [hour / 2, hour / 4]) {
    const days = cents(stats, end - 34 * day - beside, end - beside, day);
    assert.equal(days, Array(34).fill(96n));
    assert.is(cents(stats, end - day - beside, end - day, hour / 4).length, beside / (hour / 4));
  }
});

test('a sale half an hour after midnight in India is of the new day', () => {
  const stats = new Stats();
  const midnight = Date.UTC(2026, 0, 1, 18, 30);
  stats.addMoney(midnight + 60_000, { currency: 'USD', decimals: 2, amount: 7n });
  stats.addMoney(midnight - 60_000, { currency: 'USD', decimals: 2, amount: 5n });
  assert.equal(cents(stats, midnight - day, midnight + day, day), [5n, 7n]);
});

test('figures of an earlier version, which has hours alone, are taken over', () => {
  const { quarters, ...old } = business(400).toPlain();
  const stats = new Stats({ ...old, stats: [...old.stats, ...quarters!] });
  const [all] = stats.series(began, began + 400 * day, 400 * day);
  assert.is(all!.sessions, 9600);
});

test('a restart has the same figures', () => {
  const stats = business(400);
  const plain = { ...new Book().toPlain(0), ...stats.toPlain() };
  const stored = JSON.parse(JSON.stringify(plain));
  const again = new Book(stored);
  const span = [began, began + 400 * day, day] as const;
  assert.equal(again.stats.series(...span), stats.series(...span));
  assert.equal(JSON.parse(JSON.stringify(again.toPlain(0))), stored);
});

test.run();

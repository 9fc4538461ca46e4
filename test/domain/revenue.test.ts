// What the books say was earned: sold less given back, whatever became of the sale.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Book } from '../../src/domain/book.js';
import { type Lot, lotOf } from '../../src/domain/lot.js';
import { formatAmount, type Money } from '../../src/domain/money.js';
import type { PlainDeposit } from '../../src/domain/plain-deposit.js';
import { type JournalRecord, toPlain } from '../../src/domain/record.js';
import { type Cause, newSession, type Session, step } from '../../src/domain/session.js';
import { type Bytes, bytes } from '../../src/domain/units.js';
import { mac, plan } from '../engine/world.js';

const usd = (amount: bigint, decimals = 2): Money => ({ currency: 'USD', decimals, amount });
const lot = (key: string, steps: number, funding: Partial<Lot['funding']> = {}): Lot =>
  lotOf(
    plan('data'),
    steps,
    { method: 'cash', reference: 'r', paid: usd(50n * BigInt(steps)), ...funding },
    { at: 1, key },
  );
const begin = (first: Lot) => newSession({ id: 's1', mac: mac(1), gateway: 'lan' }, first);
const sold = (session: Session): JournalRecord => {
  return { t: 'sold', at: 1, key: session.lots.at(-1)!.key, digest: 'd', session: toPlain(session) };
};
const used = (session: Session, down: number) => ({
  ...session,
  usage: { ...session.usage, down: down as Bytes },
});

/** The records of an end, and the session as it is then. */
function ended(session: Session, cause: Cause): { records: JournalRecord[]; session: Session } {
  const closing = step(session, { type: 'ended', cause });
  const closed = step(closing, { type: 'shut', at: 2 });
  const of = (what: 'closing' | 'closed', one: Session): JournalRecord => ({
    t: 'session',
    at: 2,
    what,
    session: toPlain(one),
  });
  return { records: [of('closing', closing), of('closed', closed)], session: closed };
}

function bookOf(...records: JournalRecord[]): Book {
  const book = new Book();
  for (const record of records) book.apply(record);
  // The same from a snapshot.
  const again = new Book(book.toPlain(0));
  assert.equal(again.toPlain(0), book.toPlain(0));
  assert.is(again.runningCount, book.runningCount);
  return book;
}

const revenue = (book: Book) =>
  book.stats.series(0, 3_600_000, 3_600_000).flatMap((b) => [...b.revenue.values()].map(formatAmount));

test('a sale that is taken back after its session has ended leaves nothing: no session, no money', () => {
  const session = begin(lot('a', 10));
  const { records } = ended(session, 'admin');
  const book = bookOf(sold(session), ...records, { t: 'revoked', at: 3, key: 'a', id: 's1' });
  assert.equal(revenue(book), ['0.00']);
  assert.is(book.runningCount, 0);
  assert.is(book.get('s1'), undefined);
});

test('a top-up that is taken back after its session has ended is neither earned nor owed', () => {
  const first = begin(lot('a', 2));
  const both = used(step(first, { type: 'bought', lot: lot('b', 10) }), 1);
  const { records } = ended(both, 'admin');
  const book = bookOf(sold(first), sold(both), ...records, { t: 'revoked', at: 3, key: 'b', id: 's1' });
  assert.equal(revenue(book), ['0.50'], 'one step of the first was begun');
  assert.equal(
    book.get('s1')?.refunds.map(({ money }) => money.amount),
    [50n],
  );
  assert.is(book.runningCount, 0);
});

test('a voucher whose sale is taken back after its session has ended is as it was', () => {
  const batch = { id: 'b', at: 0, goods: lot('', 10), reuse: false };
  const { funding: _, at: __, key: ___, ...goods } = batch.goods;
  const session = used(begin(lot('voucher:b-1:0', 10, { method: 'voucher', voucher: 'b-1' })), 1500);
  const { records } = ended(session, 'admin');
  const book = bookOf(
    { t: 'vouchers', at: 0, key: 'v', digest: 'd', batch: { ...batch, goods }, hashes: ['h'] },
    sold(session),
    ...records,
    { t: 'revoked', at: 3, key: 'voucher:b-1:0', id: 's1' },
  );
  const { remaining, redeemed, session: user } = book.vouchers.get('b-1')!;
  assert.equal({ remaining, redeemed, user }, { remaining: { bytes: 10_000 }, redeemed: 0, user: undefined });
});

test('amounts of one currency with other decimals add up', () => {
  const book = new Book();
  book.stats.addMoney(1, usd(100n));
  book.stats.addMoney(1, usd(500n, 3));
  book.stats.addMoney(3_600_001, usd(25n, 1));
  assert.equal(revenue(book), ['1.500']);
  const [whole] = book.stats.series(0, 7_200_000, 7_200_000);
  assert.equal([...whole!.revenue.values()].map(formatAmount), ['4.000']);
});

for (const cause of ['payment-reversed', 'payment-failed'] as const) {
  test(`a payment that is not there any more is neither owed nor earned: ${cause}`, () => {
    const session = used(begin(lot('a', 10)), 1500);
    const end = ended(session, cause);
    assert.equal(end.session.refunds, []);
    assert.equal(revenue(bookOf(sold(session), ...end.records)), ['0.00']);
  });
}

test('a deposit that is lost takes no cash along', () => {
  const first = begin(lot('a', 4));
  const deposit = { method: 'x402r-session', reference: 'd', deposit: 'd' };
  const both = used(step(first, { type: 'bought', lot: lot('b', 4, deposit) }), 1000);
  const end = ended(both, 'payment-reversed');
  assert.equal(
    end.session.refunds.map(({ method, money }) => [method, money.amount]),
    [['cash', 150n]],
  );
  assert.equal(revenue(bookOf(sold(first), sold(both), ...end.records)), ['0.50']);
});

test('of a deposit that somebody else closed what the chain gave the seller is earned', () => {
  const session = begin(lot('a', 4, { method: 'x402r-session', reference: 'd', deposit: 'd' }));
  const closed = { transaction: '0xc', sellerAmount: '120', buyerRefund: '80' };
  const escrow = { id: 'd', state: 'closed', closed } as unknown as PlainDeposit;
  const end = ended(used(session, 3500), 'payment-reversed');
  assert.equal(revenue(bookOf(sold(session), { t: 'escrow', at: 2, escrow }, ...end.records)), ['1.20']);
});

test('what a voucher was worth stays earned when a payment is reversed, and its rest stays on it', () => {
  const session = used(begin(lot('a', 4, { method: 'voucher', voucher: 'b-1' })), bytes(1000));
  const end = ended(session, 'payment-reversed');
  assert.equal(revenue(bookOf(sold(session), ...end.records)), ['2.00']);
});

test.run();

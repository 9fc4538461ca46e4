// A session whose old lots are folded is worth to the unit what it would be with all of them, whenever they are folded.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Book } from '../../src/domain/book.js';
import { Deposits } from '../../src/domain/deposits.js';
import { foldLots, lotCount, newestLots, spentIn, unitsOf } from '../../src/domain/folded.js';
import { type Lot, type Refund, refundsOf } from '../../src/domain/lot.js';
import { formatAmount, type Money } from '../../src/domain/money.js';
import { foldOldest } from '../../src/domain/oldest-lots.js';
import { purchasesOf } from '../../src/domain/purchases.js';
import { type JournalRecord, type PlainSession, toPlain } from '../../src/domain/record.js';
import { lostBy, refundsDue, reversalsOf, withoutLot } from '../../src/domain/refunds.js';
import { type Cause, newSession, type Session, step } from '../../src/domain/session.js';
import { foldSpent, toRecord } from '../../src/domain/short-session.js';
import { type Bytes, bytes, type Millis, millis } from '../../src/domain/units.js';
import { exhausted, unused } from '../../src/domain/usage.js';
import { leftovers, voucherState } from '../../src/domain/voucher.js';
import { mac } from '../engine/world.js';
import fc from '../rig/properties.js';

type Kind = 'data' | 'hours' | 'gift' | 'voucher' | 'deposit a' | 'deposit b' | 'final' | 'cheap';

const usd = (amount: bigint): Money => ({ currency: 'USD', decimals: 2, amount });
const usdc = (amount: bigint): Money => ({ currency: 'USDC', decimals: 6, amount });

/** How a lot of each kind is paid; its number is its reference. */
function fundingOf(kind: Kind, steps: number, n: number): Lot['funding'] {
  const reference = `r${n}`;
  const [price, token] = [usd(50n * BigInt(steps)), usdc(7n * BigInt(steps))];
  if (kind === 'gift') return { method: 'grant', reference };
  if (kind === 'voucher') return { method: 'voucher', reference, voucher: `b-${n}`, paid: price };
  if (kind === 'final')
    return { method: 'x402-exact', reference, deposit: `f${n}`, final: true, paid: token };
  if (kind === 'cheap') return { method: 'cash', reference, paid: usd(0n) };
  if (!kind.startsWith('deposit')) return { method: 'cash', reference, paid: price };
  return { method: 'x402r-session', reference, deposit: kind, paid: token };
}

/** Every lot limits data, time and validity; `hours` are sold by time. */
function lotOf(kind: Kind, steps: number, n: number): Lot {
  const metric = kind === 'hours' ? 'time' : 'bytes';
  const stepSize = 1000;
  const allotment = { bytes: 500 as Bytes, millis: 700 as Millis, validity: 9000 as Millis };
  const metered =
    metric === 'time' ? { millis: millis(stepSize * steps) } : { bytes: bytes(stepSize * steps) };
  return {
    plan: kind,
    steps,
    metric,
    stepSize,
    allotment: { ...allotment, ...metered },
    policy: { devices: 1, pauseAway: false },
    funding: fundingOf(kind, steps, n),
    at: n,
    key: `k${n}`,
  };
}

const kinds: readonly Kind[] = [
  ...(['data', 'hours', 'gift', 'voucher', 'deposit a', 'deposit b', 'final', 'cheap'] as const),
];
const buy = fc.record({
  do: fc.constant('buy' as const),
  kind: fc.constantFrom(...kinds),
  steps: fc.integer({ min: 1, max: 5 }),
  takenBack: fc.boolean(),
});
const use = fc.record({ do: fc.constant('use' as const), bytes: fc.nat(6000), millis: fc.nat(4000) });
const fold = fc.record({ do: fc.constant('fold' as const), which: fc.nat(0xffff) });
const end = fc.constantFrom<readonly [Cause, string?]>(
  ['user'],
  ['payment-reversed'],
  ['payment-failed'],
  ['payment-reversed', 'deposit a'],
  ['payment-reversed', 'deposit b'],
);
const owner = { id: 's1', mac: mac(1), gateway: 'lan' };

function used(session: Session, more: { bytes: number; millis: number }): Session {
  const { usage } = session;
  const [time, down] = [more.millis, more.bytes];
  return {
    ...session,
    usage: {
      ...usage,
      down: (usage.down + down) as Bytes,
      millis: (usage.millis + time) as Millis,
      age: (usage.age + 2 * time) as Millis,
    },
  };
}

/** Sums of money, by whatever names them. */
function sums(rows: readonly (readonly [name: string, money: Money | undefined])[]): Record<string, bigint> {
  const found: Record<string, bigint> = {};
  for (const [name, money] of rows) {
    if (money) found[`${name} ${money.currency}`] = (found[`${name} ${money.currency}`] ?? 0n) + money.amount;
  }
  return Object.fromEntries(
    Object.entries(found)
      .filter(([, amount]) => amount !== 0n)
      .sort(),
  );
}

const byMethod = (refunds: readonly Refund[]) => sums(refunds.map(({ method, money }) => [method, money]));
const payments = (session: Session) => refundsOf(session.lots, session.usage, reversalsOf(session));

function assertSame(folded: Session, whole: Session): void {
  assert.equal(folded.granted, whole.granted, 'what is allowed');
  assert.is(lotCount(folded), whole.lots.length);
  assert.equal(payments(folded), payments(whole), 'what each payment gives back');
  assert.equal(byMethod(refundsDue(folded)), byMethod(payments(whole)), 'what is shown to be given back');
  for (const deposit of ['deposit a', 'deposit b'])
    assert.is(unitsOf(folded, deposit), unitsOf(whole, deposit), `units of ${deposit}`);
  const paid = (session: Session) => sums(purchasesOf(session).map(({ method, paid }) => [method, paid]));
  assert.equal(paid(folded), paid(whole), 'what was paid');
  assert.equal(
    sums(lostBy(folded).map(({ money }) => ['', money])),
    sums(lostBy(whole).map(({ money }) => ['', money])),
    'what is lost',
  );
  const rests = leftovers(folded.lots, folded.usage);
  for (const [i, left] of leftovers(whole.lots, whole.usage).entries()) {
    const at = folded.lots.findIndex(({ key }) => key === whole.lots[i]!.key);
    if (at >= 0) assert.equal(rests[at], left, 'what stays on a voucher');
    else if (whole.lots[i]!.funding.voucher) assert.ok(exhausted(left, unused), 'nothing stays on it');
  }
}

test('folded at any moments, a session gives the same and owes the same as one that is never folded', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 3, arbitrary: buy }, { weight: 2, arbitrary: use }, fold), {
        maxLength: 60,
        size: 'max',
      }),
      end,
      (steps, [cause, deposit]) => {
        let whole = newSession(owner, lotOf('data', 1, 0));
        let folded = whole;
        const both = (change: (session: Session) => Session) => {
          [whole, folded] = [change(whole), change(folded)];
        };
        for (const [n, one] of steps.entries()) {
          if (one.do === 'use') both((session) => used(session, one));
          else if (one.do === 'buy') {
            const lot = lotOf(one.kind, one.steps, n + 1);
            both((session) => step(session, { type: 'bought', lot }));
            if (one.takenBack) both((session) => withoutLot(session, lot.key));
          } else {
            const isSpent = spentIn(folded);
            folded = foldLots(
              folded,
              (lot, i, at) => (one.which >> (i % 16)) % 2 === 1 && isSpent(lot, i, at),
            );
          }
          assertSame(folded, whole);
        }
        both((session) => step(session, { type: 'ended', cause, ...(deposit && { deposit }) }));
        both((session) => step(session, { type: 'shut', at: 2 }));
        // Without a name of the deposit that is lost, final payments count as the seller's once they are folded.
        const isNamed = deposit !== undefined || cause === 'user';
        if (isNamed) assertSame(folded, whole);
        assert.equal(byMethod(folded.refunds), byMethod(whole.refunds));
      },
    ),
    { numRuns: 300 },
  );
});

/** The books of a router that sells, with and without folding; each can be killed or written as a snapshot. */
class Pair {
  whole = new Book();
  folded = new Book();
  #whole: JournalRecord[] = [];
  #folded: JournalRecord[] = [];
  #from: object | undefined;

  apply(of: (isFolded: boolean) => JournalRecord): void {
    const [whole, folded] = [of(false), structuredClone(of(true))];
    this.#whole.push(whole);
    this.#folded.push(folded);
    this.whole.apply(whole);
    this.folded.apply(folded);
  }

  session(isFolded: boolean): Session | undefined {
    return (isFolded ? this.folded : this.whole).get('s1');
  }

  /** A restart, from the records or from a snapshot. */
  restart(fromSnapshot: boolean): void {
    const before = this.folded.toPlain(0);
    if (fromSnapshot) {
      this.#from = structuredClone(before);
      this.#folded = [];
    }
    const book = new Book(this.#from as never);
    for (const record of this.#folded) book.apply(record);
    assert.equal(book.toPlain(0), before, 'a restart finds what was there');
    this.folded = book;
  }
}

/** The session as a record keeps it, which is the same as if its old lots were all folded anew. */
function recorded(session: Session): PlainSession {
  const first = session.lots.length - newestLots;
  assert.equal(
    foldOldest(session, newestLots),
    foldLots(session, (_, index) => index < first),
  );
  return toRecord(session);
}

const deal = fc.oneof(
  { weight: 5, arbitrary: buy },
  { weight: 4, arbitrary: use },
  fc.record({ do: fc.constant('restart' as const), fromSnapshot: fc.boolean() }),
);

test('the books say the same with folding and without, whenever the daemon is killed or writes a snapshot', () => {
  fc.assert(
    fc.property(
      fc.array(deal, { minLength: 50, maxLength: 120, size: 'max' }),
      end,
      (deals, [cause, lost]) => {
        const pair = new Pair();
        const { funding: _, at: __, key: ___, ...goods } = lotOf('voucher', 3, 0);
        const hashes = deals.map((____, n) => `h${n}`);
        const batch = { id: 'b', at: 0, goods, reuse: true };
        pair.apply(() => ({ t: 'vouchers', at: 0, key: 'v', digest: 'd', batch, hashes }));
        const sell = (lot: Lot) => {
          pair.apply((isFolded) => {
            const known = pair.session(isFolded);
            const grown = known ? step(known, { type: 'bought', lot }) : newSession(owner, lot);
            const session = isFolded
              ? recorded(foldSpent(grown, new Deposits([]), () => false))
              : toPlain(grown);
            return { t: 'sold', at: 1, key: lot.key, digest: 'd', session };
          });
        };
        const change = (what: 'opened' | 'closing' | 'closed', to: (session: Session) => Session) => {
          pair.apply((isFolded) => {
            const session = to(pair.session(isFolded)!);
            return { t: 'session', at: 1, what, session: isFolded ? recorded(session) : toPlain(session) };
          });
        };
        sell(lotOf('data', 1, 0));
        for (const [n, one] of deals.entries()) {
          if (one.do === 'use') change('opened', (session) => used(session, one));
          else if (one.do === 'restart') pair.restart(one.fromSnapshot);
          else {
            const lot = lotOf(one.kind, one.kind === 'voucher' ? 3 : one.steps, n + 1);
            sell(lot);
            if (one.takenBack) pair.apply(() => ({ t: 'revoked', at: 1, key: lot.key, id: 's1' }));
          }
        }
        change('closing', (session) =>
          step(session, { type: 'ended', cause, ...(lost && { deposit: lost }) }),
        );
        change('closed', (session) => step(session, { type: 'shut', at: 2 }));
        const [whole, folded] = [pair.session(false)!, pair.session(true)!];
        assert.equal(byMethod(folded.refunds), byMethod(whole.refunds), 'what is given back');
        assert.equal(folded.granted, whole.granted);
        const vouchers = (book: Book) =>
          [...book.vouchers.all()].map((v) => {
            const state = voucherState(v, 0);
            return state === 'spent' ? state : [state, v.remaining, v.session];
          });
        assert.equal(vouchers(pair.folded), vouchers(pair.whole), 'what is left on the vouchers');
        const revenue = (book: Book) =>
          book.stats.series(0, 3_600_000, 3_600_000).map((b) => [...b.revenue.values()].map(formatAmount));
        if (lost !== undefined || cause === 'user') assert.equal(revenue(pair.folded), revenue(pair.whole));
        pair.restart(true);
      },
    ),
    { numRuns: 60 },
  );
});

test.run();

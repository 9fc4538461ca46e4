// What comes back of a session is the same to the cent, whether its lots are looked at one by one or known as a sum.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Deposits } from '../../src/domain/deposits.js';
import { newestLots } from '../../src/domain/folded.js';
import { type Lot, type Refund, refundsOf } from '../../src/domain/lot.js';
import { refundsDue, reversalsOf, withoutLot } from '../../src/domain/refunds.js';
import { isAuthorized, newSession, type Session, step } from '../../src/domain/session.js';
import { foldSpent } from '../../src/domain/short-session.js';
import { bytes, millis } from '../../src/domain/units.js';
import { mac } from '../engine/world.js';
import fc from '../rig/properties.js';

const kinds = ['cash', 'cash', 'cash', 'token', 'hours', 'gift', 'voucher', 'final', 'gratis'] as const;
type Kind = (typeof kinds)[number];

function lotOf(kind: Kind, steps: number, n: number): Lot {
  const paid = { currency: 'EUR', decimals: 2, amount: kind === 'gratis' ? 0n : 7n * BigInt(steps) };
  const funding = {
    method: kind === 'token' ? 'cashu' : 'cash',
    reference: `r${n}`,
    ...(kind !== 'gift' && { paid }),
    ...(kind === 'voucher' && { voucher: `b-${n}` }),
    ...(kind === 'final' && { final: true }),
  };
  const metric = kind === 'hours' ? 'time' : 'bytes';
  const allotment = { bytes: bytes(1000 * steps), millis: millis(1000 * steps) };
  const policy = { devices: 1, pauseAway: false };
  return { plan: kind, steps, metric, stepSize: 1000, allotment, policy, funding, at: n, key: `k${n}` };
}

/** The refunds as they are told, from all of them one by one. */
function oneByOne(session: Session): Refund[] {
  const all = refundsOf(session.lots, session.usage, reversalsOf(session));
  const sums = new Map<string, Refund & { count: number }>();
  for (const { method, money } of all.slice(0, -newestLots)) {
    const { money: so, count } = sums.get(method) ?? { money: { ...money, amount: 0n }, count: 0 };
    const sum = { ...money, amount: so.amount + money.amount };
    sums.set(method, { method, reference: '', money: sum, count: count + 1 });
  }
  return [...sums.values(), ...all.slice(-newestLots)];
}

/** What customers buy at each purchase. */
const customers: readonly ((picked: number, n: number) => Kind)[] = [
  () => 'cash',
  (picked) => (picked % 2 === 0 ? 'cash' : 'token'),
  (_, n) => (n % 20 < 9 ? 'hours' : 'cash'),
  (picked) => kinds[picked % kinds.length]!,
];

const who = { id: 's1', mac: mac(1), gateway: 'main' };
const purchase = fc.record({
  kind: fc.nat(1000),
  steps: fc.integer({ min: 1, max: 3 }),
  used: fc.constantFrom(0, 0, 0, 0, 700, 2500),
  /** Of the lots so far, the one that is taken back. */
  revoked: fc.oneof({ arbitrary: fc.constant(undefined), weight: 12 }, { arbitrary: fc.nat(60), weight: 1 }),
});

test('what comes back of many lots is what comes back of each of them, at any use, also after one was taken back', () => {
  fc.assert(
    fc.property(
      fc.array(purchase, { minLength: 1, maxLength: 60, size: 'max' }),
      fc.constantFrom(...customers),
      (purchases, sold) => {
        let session = newSession(who, lotOf('cash', 1, 0));
        session = step(session, { type: 'opened', at: 1 });
        for (const [n, { kind: picked, steps, used, revoked }] of purchases.entries()) {
          const kind = sold(picked, n);
          session = step(session, { type: 'bought', lot: lotOf(kind, steps, n + 1) });
          if (revoked !== undefined && session.lots.length > 1) {
            session = withoutLot(session, session.lots[revoked % session.lots.length]!.key);
          }
          const { usage } = session;
          const more = { down: bytes(usage.down + used), millis: millis(usage.millis + used) };
          session = { ...session, usage: { ...usage, ...more } };
          const reversed: Session = { ...session, cause: 'payment-reversed' };
          for (const one of [session, reversed]) assert.equal(refundsDue(one), oneByOne(one));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a session that a server authorised is known as one, however many grants came before and after', () => {
  const accounting = { classes: ['YQ=='] };
  for (const authorizedAt of [0, 3, 12, 29]) {
    let session = newSession(who, lotOf('gift', 1, 0));
    if (authorizedAt === 0) session = newSession(who, { ...lotOf('gift', 1, 0), accounting });
    for (let n = 1; n < 30; n++) {
      const lot = { ...lotOf('gift', 1, n), ...(n === authorizedAt && { accounting }) };
      assert.is(isAuthorized(session), n > authorizedAt);
      // A draft that comes to nothing changes nothing of what is known.
      assert.is(isAuthorized(step(session, { type: 'bought', lot })), n >= authorizedAt);
      session = step(session, { type: 'bought', lot });
    }
  }
});

test('however many purchases are not used yet, a further one looks at as many of them in the mean', () => {
  let session = newSession(who, lotOf('cash', 1, 0));
  let looks = 0;
  const looksFor = (purchases: number): number => {
    const before = looks;
    for (let n = 0; n < purchases; n++) {
      session = step(session, { type: 'bought', lot: lotOf('cash', 1, session.lots.length) });
      session = foldSpent(session, new Deposits([]), () => {
        looks += 1;
        return false;
      });
    }
    return (looks - before) / purchases;
  };
  looksFor(256);
  const first = looksFor(256);
  looksFor(1536);
  const later = looksFor(2048);
  assert.is(session.lots.length, 4097);
  assert.ok(first > 0 && later <= first * 1.5, `${later} in the place of ${first}`);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lot, lotOf, refundsOf } from '../../src/domain/lot.js';
import type { Mac } from '../../src/domain/mac.js';
import { addAllotments, allotmentOf, type Limit } from '../../src/domain/plan.js';
import { fromPlain, toPlain } from '../../src/domain/record.js';
import {
  causes,
  isDone,
  newSession,
  type Session,
  type SessionEvent,
  step,
} from '../../src/domain/session.js';
import { type Bytes, bytes, millis } from '../../src/domain/units.js';
import { exhausted, remainingOf, unused, usedOf } from '../../src/domain/usage.js';
import { mac, plan } from '../engine/world.js';
import fc from '../rig/properties.js';

const paid = (amount: bigint) => ({
  method: 'cash',
  reference: 'r',
  paid: { currency: 'USD', decimals: 2, amount },
});
const dataLot = (steps: number, price = 50n): Lot =>
  lotOf(plan('data'), steps, paid(price * BigInt(steps)), { at: 1000, key: 'k' });

const begin = () => newSession({ id: 's1', mac: mac(1), gateway: 'lan' }, dataLot(1));
const baseline = { mac: mac(1), ip: '10.0.0.1', epoch: 1, up: bytes(0), down: bytes(0) };

const event: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.record({
    type: fc.constant('bought' as const),
    lot: fc.integer({ min: 1, max: 9 }).map((n) => dataLot(n)),
  }),
  fc.record({ type: fc.constant('opened' as const), at: fc.nat() }),
  fc.record({
    type: fc.constant('traffic' as const),
    up: fc.nat(900).map(bytes),
    down: fc.nat(900).map(bytes),
    baseline: fc.nat(30).map((n) => ({ ...baseline, ip: `10.0.0.${n}` })),
  }),
  fc.record({ type: fc.constant('elapsed' as const), millis: fc.nat(5000).map(millis) }),
  fc.constant({ type: 'away' as const }),
  fc.constant({ type: 'low' as const }),
  fc.constant({ type: 'moved' as const, gateway: 'guest' }),
  fc.constant({ type: 'carried' as const, mac: '02:00:00:00:00:77' as Mac }),
  fc.record({ type: fc.constant('ended' as const), cause: fc.constantFrom(...causes) }),
  fc.record({ type: fc.constant('shut' as const), at: fc.nat() }),
);

test('whatever the order of events: granted = bought, used + remaining = granted, usage never falls', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 50, size: 'max' }), (events) => {
      let session: Session = begin();
      let bought = 1000;
      for (const e of events) {
        const next = step(session, e);
        if (e.type === 'bought' && next !== session) bought += e.lot.steps * 1000;
        for (const limit of ['bytes', 'millis', 'validity'] as const) {
          assert.ok(usedOf(next.usage, limit) >= usedOf(session.usage, limit), `${limit} never falls`);
        }
        if (isDone(session)) assert.is(next, session, 'nothing changes a session that is over');
        session = next;
        assert.is(session.granted.bytes, bought);
        const used = Math.min(usedOf(session.usage, 'bytes'), bought);
        assert.is(used + remainingOf(session.granted, session.usage, 'bytes')!, bought);
        assert.equal(fromPlain(structuredClone(toPlain(session))), session);
        assert.ok(session.baselines.length <= 16);
      }
    }),
    { numRuns: 300 },
  );
});

test('a refund never exceeds what was paid, never grows with use, and all of it is back for no use', () => {
  const lots = fc.array(
    fc
      .tuple(fc.integer({ min: 1, max: 20 }), fc.bigInt({ min: 0n, max: 999n }))
      .map(([n, p]) => dataLot(n, p)),
    { minLength: 1, maxLength: 6 },
  );
  const sum = (refunds: ReturnType<typeof refundsOf>) => refunds.reduce((s, r) => s + r.money.amount, 0n);
  fc.assert(
    fc.property(lots, fc.nat(60_000), fc.nat(5000), (bought, down, more) => {
      const total = bought.reduce((s, lot) => s + lot.funding.paid!.amount, 0n);
      assert.is(sum(refundsOf(bought, unused)), total);
      const some = sum(refundsOf(bought, { ...unused, down: bytes(down) }));
      const further = sum(refundsOf(bought, { ...unused, down: bytes(down + more) }));
      assert.ok(further <= some && some <= total);
      const steps = bought.reduce((s, lot) => s + lot.steps, 0);
      if (down >= steps * 1000) assert.is(some, 0n);
    }),
  );
});

test('one byte into a step uses up the step', () => {
  const lots = [dataLot(2)];
  const left = (down: number) => refundsOf(lots, { ...unused, down: bytes(down) })[0]?.money.amount;
  assert.is(left(0), 100n);
  assert.is(left(1), 50n);
  assert.is(left(1000), 50n);
  assert.is(left(1001), undefined);
});

test('any cap of an allotment is reached exactly at its value', () => {
  const caps: [Limit, 'data' | 'time'][] = [
    ['bytes', 'data'],
    ['upBytes', 'data'],
    ['downBytes', 'data'],
    ['millis', 'time'],
    ['validity', 'time'],
  ];
  for (const [limit, cause] of caps) {
    const granted = { [limit]: 100 };
    const usage = (n: number) => ({
      ...unused,
      up: n as Bytes,
      down: n as Bytes,
      millis: millis(n),
      age: millis(n),
    });
    const atCap = limit === 'bytes' ? 50 : 100;
    assert.is(exhausted(granted, usage(atCap - 1)), undefined, limit);
    assert.is(exhausted(granted, usage(atCap)), cause, limit);
  }
});

test('steps scale the metric and leave the caps beside it alone', () => {
  const both = plan('both', { caps: { millis: millis(60_000), upBytes: bytes(10) } });
  assert.equal(allotmentOf(both, 3), { bytes: 3000, millis: 60_000, upBytes: 10 });
  assert.equal(addAllotments(allotmentOf(both, 3), allotmentOf(both, 1)), {
    bytes: 4000,
    millis: 120_000,
    upBytes: 20,
  });
});

test.run();

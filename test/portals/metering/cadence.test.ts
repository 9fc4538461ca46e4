import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bytes, bytes } from '../../../src/domain/units.js';
import { Cadence } from '../../../src/portals/metering/cadence.js';
import fc from '../../rig/properties.js';

const options = { minMs: 250, maxMs: 10_000, share: 0.25 };

/** Polls a client that moves `rate(ms)` bytes a millisecond until it is over its cap. */
function race(cap: number, rate: (ms: number) => number, tookMs = 5, limit: { maxRate?: number } = {}) {
  const cadence = new Cadence(options);
  let now = 0;
  let used = 0;
  let polls = 0;
  cadence.moved('s', 0 as Bytes, 0 as Bytes, now);
  while (used < cap) {
    const wait = cadence.next(now, tookMs, [{ id: 's', left: bytes(cap - used), ...limit }]) + tookMs;
    let moved = 0;
    for (let t = 0; t < wait; t++) moved += rate(now + t);
    now += wait;
    used += moved;
    polls += 1;
    cadence.moved('s', 0 as Bytes, bytes(moved), now);
    assert.ok(polls < 100_000);
  }
  return { overshoot: used - cap, polls, now };
}

test('a steady client is caught within 1% of a 50 MB cap, whatever its speed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 50, max: 12_500 }), (rate) => {
      const { overshoot } = race(50_000_000, () => rate);
      assert.ok(overshoot <= 500_000, `${overshoot} bytes over at ${rate} bytes/ms`);
    }),
    { numRuns: 50 },
  );
});

test('it takes few polls: about two for each halving of what is left', () => {
  const { polls, now } = race(50_000_000, () => 12_500);
  assert.ok(polls <= 12, `${polls} polls in ${now} ms`);
});

test('a client in bursts is caught within a burst of its cap', () => {
  const { overshoot } = race(20_000_000, (t) => (Math.floor(t / 700) % 3 === 0 ? 4_000 : 100));
  assert.ok(overshoot < 1_100_000, String(overshoot));
});

test('the wait keeps to its bounds and to its share of the portal’s time', () => {
  const moves = fc.array(fc.record({ up: fc.nat(1e6), down: fc.nat(1e8), span: fc.nat(20_000) }));
  fc.assert(
    fc.property(moves, fc.nat(3000), fc.nat(1e9), (steps, tookMs, left) => {
      const cadence = new Cadence(options);
      let now = 0;
      for (const { up, down, span } of steps) {
        now += span;
        cadence.moved('s', bytes(up), bytes(down), now);
      }
      const wait = cadence.next(now, tookMs, [{ id: 's', left: bytes(left) }]);
      assert.ok(wait >= tookMs * 3);
      assert.ok(wait <= Math.max(10_000, tookMs * 3));
      assert.ok(Number.isFinite(wait));
    }),
  );
});

test('with nobody on the way to a cap, or a client at rest, polls are seldom', () => {
  const cadence = new Cadence(options);
  assert.is(cadence.next(0, 5, []), 10_000);
  cadence.moved('s', 0 as Bytes, 0 as Bytes, 0);
  for (let t = 250; t < 600_000; t += 10_000) cadence.moved('s', 0 as Bytes, 0 as Bytes, t);
  assert.is(cadence.next(600_000, 5, [{ id: 's', left: bytes(1e8) }]), 10_000);
});

test('a client who is faster than the plan’s rate is caught within 1% of the cap once that was seen', () => {
  const plan = { maxRate: 125_000 };
  const { overshoot } = race(450_000_000, () => 12_500, 5, plan);
  assert.ok(overshoot <= 500_000, `${overshoot} bytes over`);
});

test('all addresses of a session set its pace, whatever their order', () => {
  const one = [0, 5_000_000] as const;
  const two = [1_000_000, 250_000] as const;
  for (const addresses of [
    [one, two],
    [two, one],
  ]) {
    const cadence = new Cadence(options);
    cadence.moved('s', 0 as Bytes, 0 as Bytes, 0);
    for (const now of [1000, 2000, 3000, 4000]) {
      for (const [up, down] of addresses) cadence.moved('s', bytes(up), bytes(down), now);
    }
    const { up, down } = cadence.rates('s', 4000);
    assert.ok(up > 900_000 && up <= 1_000_000, `${up} bytes a second up`);
    assert.ok(down > 4_800_000 && down <= 5_250_000, `${down} bytes a second down`);
    const wait = cadence.next(4000, 5, [{ id: 's', left: bytes(12_500_000) }]);
    assert.ok(wait <= 1000, `${wait} ms to the next look with 2 s to the cap`);
  }
});

test('bytes that a gate’s turn tells of just after a poll are not lost to the pace', () => {
  const cadence = new Cadence(options);
  cadence.moved('s', 0 as Bytes, 0 as Bytes, 0);
  cadence.moved('s', 0 as Bytes, bytes(1000), 3);
  cadence.moved('s', 0 as Bytes, bytes(499_000), 1000);
  cadence.moved('s', 0 as Bytes, bytes(500_000), 1003);
  assert.is(Math.round(cadence.rates('s', 1003).down), 500_000);
});

test('people read the speed of a client who is looked at every 10 s until the next look, and no longer', () => {
  const cadence = new Cadence({ ...options, maxMs: 10_000 });
  cadence.moved('s', 0 as Bytes, 0 as Bytes, 0);
  cadence.moved('s', bytes(1_000_000), bytes(10_000_000), 10_000);
  const told = (now: number) => Object.values(cadence.rates('s', now)).map((one) => Math.round(one / 1000));
  assert.equal(told(10_000), [100, 999]);
  assert.equal(told(20_000), [100, 999]);
  assert.equal(told(30_000), [0, 1]);
  assert.equal(cadence.rates('nobody', 0), { up: 0, down: 0 });
});

test('a known speed limit spares polls', () => {
  const free = new Cadence(options).next(0, 5, [{ id: 's', left: bytes(10_000_000) }]);
  const limited = new Cadence(options).next(0, 5, [{ id: 's', left: bytes(10_000_000), maxRate: 250_000 }]);
  assert.ok(limited > free);
});

test.run();

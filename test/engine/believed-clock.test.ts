// What time a router takes it to be whose clock may be behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BelievedClock } from '../../src/engine/believed-clock.js';
import { TestClock } from '../rig/clock.js';
import fc from '../rig/properties.js';

const hour = 3_600_000;

/** A run whose clock shows `late` ms before the newest record. */
function run(late: number): { own: TestClock; clock: BelievedClock; newest: number; tell: () => void } {
  const own = new TestClock();
  const newest = own.wall() + late;
  let isTold = false;
  const clock = new BelievedClock({ clock: own, newest, isTold: () => isTold });
  return { own, clock, newest, tell: () => (isTold = true) };
}

test('a clock that is behind goes on from the newest record until ntpd sets it', async () => {
  const { own, clock, newest } = run(5 * hour);
  assert.equal([clock.state, clock.wall()], ['behind', newest]);
  await own.pass(hour);
  assert.equal([clock.state, clock.wall()], ['behind', newest + hour]);
  own.setBy += 9 * hour;
  assert.equal([clock.state, clock.wall()], ['set', own.wall()]);
});

test('a clock that is not behind is believed', async () => {
  const { own, clock } = run(-hour);
  assert.equal([clock.state, clock.wall()], ['set', own.wall()]);
  await own.pass(hour);
  assert.is(clock.wall(), own.wall());
});

test('whoever is handed the time of day alone, as wallets and RADIUS are, is told it', async () => {
  const { clock, newest } = run(5 * hour);
  const { wall, mono, after } = clock;
  assert.equal([wall(), typeof mono()], [newest, 'number']);
  after(1, () => {})();
});

test('records of a wrong time in the future count for nothing when somebody says what time it is', async () => {
  const { own, clock, newest, tell } = run(70 * 365 * 24 * hour);
  assert.is(clock.wall(), newest);
  tell();
  await own.pass(10_000);
  assert.equal([clock.state, clock.wall()], ['set', own.wall()]);
});

test('an owner who sets the clock is believed, also when they set it back', async () => {
  const { own, clock } = run(5 * hour);
  await own.pass(hour);
  own.setBy -= hour;
  assert.equal([clock.state, clock.wall()], ['set', own.wall()]);
});

test('a clock whose pace is corrected is still behind', async () => {
  const { own, clock } = run(5 * hour);
  for (let n = 0; n < 100; n++) {
    await own.pass(1_000);
    own.setBy += 500;
    assert.is(clock.state, 'behind');
  }
});

test('a router that never heard the time says so', () => {
  const own = new TestClock();
  own.setBy = -own.wall() + 1_000;
  const clock = new BelievedClock({ clock: own, newest: 0, isTold: () => false });
  assert.equal([clock.state, clock.wall()], ['unset', 1_000]);
  own.setBy += 1_795_000_000_000;
  assert.is(clock.state, 'set');
});

test('time that nobody sets never goes back, and never before the newest record', async () => {
  const looks = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -hour, max: hour }), looks, async (late, waits) => {
      const { own, clock, newest } = run(late);
      let last = Math.max(newest, own.wall());
      assert.is(clock.wall(), last);
      for (const wait of waits) {
        await own.pass(wait);
        assert.is(clock.wall(), last + wait);
        last += wait;
      }
    }),
  );
});

test.run();

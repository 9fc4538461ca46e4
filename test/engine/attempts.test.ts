// How often somebody may guess the code of a voucher.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Attempts } from '../../src/engine/attempts.js';
import fc from '../rig/properties.js';
import { mac } from './world.js';

const hour = 3_600_000;

/** Guesses wrong as often as it may until `end`, whenever it is let. @returns how often */
function guess(attempts: Attempts, who: number, from: number, end: number): number {
  let guesses = 0;
  for (let now = from; now < end; ) {
    const wait = attempts.wait(mac(who), now);
    now += wait;
    if (wait > 0) continue;
    attempts.failed(mac(who), now);
    guesses += 1;
  }
  return guesses;
}

test('a client has five guesses, and another one each minute', () => {
  assert.is(guess(new Attempts(), 1, 0, 1), 5);
  assert.is(guess(new Attempts(), 1, 0, hour), 5 + 59);
});

test('who must wait may guess once when the time is over, and not before', () => {
  const times = fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(times, (gaps) => {
      const attempts = new Attempts();
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        const wait = attempts.wait(mac(1), now);
        // A fraction of a millisecond is rounded up.
        if (wait > 1) assert.ok(attempts.wait(mac(1), now + wait - 2) > 0);
        now += wait;
        assert.is(attempts.wait(mac(1), now), 0);
        attempts.failed(mac(1), now);
      }
    }),
  );
});

test('whatever the times, no stretch of them has more guesses than the first five and one a minute', () => {
  const times = fc.array(fc.integer({ min: 0, max: 120_000 }), { minLength: 10, maxLength: 80 });
  fc.assert(
    fc.property(times, (gaps) => {
      const attempts = new Attempts();
      const made: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        if (attempts.wait(mac(1), now) > 0) continue;
        attempts.failed(mac(1), now);
        made.push(now);
      }
      for (const [i, first] of made.entries()) {
        for (const [j, last] of made.entries()) {
          if (j >= i) assert.ok(j - i + 1 <= 5 + (last - first) / 60_000 + 1e-6, `${made.slice(i, j + 1)}`);
        }
      }
    }),
  );
});

test('one client’s guesses do not hold up another', () => {
  const attempts = new Attempts();
  guess(attempts, 1, 0, 1);
  assert.ok(attempts.wait(mac(1), 1) > 50_000);
  assert.is(attempts.wait(mac(2), 1), 0);
});

test('who guesses under many addresses meets the limit for all, also beyond those that are remembered', () => {
  const attempts = new Attempts();
  let guesses = 0;
  for (let who = 0; who < 5_000; who++) {
    const address = mac(1).replace('00:01', `${(who >> 8).toString(16)}:${who & 255}`) as ReturnType<
      typeof mac
    >;
    if (attempts.wait(address, 0) > 0) continue;
    attempts.failed(address, 0);
    guesses += 1;
  }
  assert.is(guesses, 60);
  assert.is(attempts.wait(mac(1), 0), 1_000, 'and then one a second, whoever it is');
});

test('beside the limit for all, right codes are looked for at ten a second and no more', () => {
  const attempts = new Attempts();
  let looks = 0;
  for (let now = 0; now < hour; now += 50) {
    const stranger = mac(now);
    if (attempts.wait(stranger, now) > 0 && !attempts.isSpared(stranger, now)) continue;
    attempts.failed(stranger, now);
    looks += 1;
  }
  assert.ok(looks <= 60 + 300 + 11 * 3_600 + 1, `${looks}`);
  assert.ok(looks >= 10 * 3_600, `${looks}`);
});

test.run();

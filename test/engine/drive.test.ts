// One step after the other, for each deposit.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Drive } from '../../src/engine/drive.js';
import { settled, TestClock } from '../rig/clock.js';
import fc from '../rig/properties.js';

/** A drive whose steps say what is in `waits`, one after the other, and then that there is none to come. */
function scene(waits: (number | undefined)[] = []) {
  const clock = new TestClock(0);
  const steps: string[] = [];
  const drive = new Drive(clock, async (key) => {
    steps.push(`${key} at ${clock.now}`);
    await Promise.resolve();
    return waits.shift();
  });
  return { clock, steps, drive };
}

test('steps come at the times that the step before said, and at once for 0', async () => {
  const { clock, steps, drive } = scene([0, 500, 1_000]);
  drive.now('a');
  await clock.pass(10_000);
  assert.equal(steps, ['a at 0', 'a at 0', 'a at 500', 'a at 1500']);
  assert.is(clock.pending, 0);
});

test('who asks does not wait for the next time, which is not taken twice', async () => {
  const { clock, steps, drive } = scene([5_000, 5_000]);
  drive.now('a');
  await clock.pass(1_000);
  drive.now('a');
  await clock.pass(20_000);
  assert.equal(steps, ['a at 0', 'a at 1000', 'a at 6000']);
});

test('each key has its own steps', async () => {
  const { clock, steps, drive } = scene([1_000, 3_000]);
  drive.now('a');
  drive.now('b');
  await clock.pass(10_000);
  assert.equal(steps, ['a at 0', 'b at 0', 'a at 1000', 'b at 3000']);
});

test('whatever is asked when: one step at a time, and one after each request', async () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(gaps, async (all) => {
      let [underWay, asked, seen] = [0, 0, 0];
      const drive = new Drive(new TestClock(0), async () => {
        underWay += 1;
        assert.is(underWay, 1);
        const before = asked;
        await settled();
        await settled();
        seen = before;
        underWay -= 1;
        return undefined;
      });
      for (const gap of all) {
        asked += 1;
        drive.now('a');
        for (let n = 0; n < gap; n++) await settled();
      }
      await drive.until('a', 1, () => seen === asked);
      assert.is(seen, asked, 'the last step began after the last request');
    }),
  );
});

test('a wait is over when a step made it true, or after its time', async () => {
  const { clock, steps, drive } = scene([1_000, 1_000]);
  const over: string[] = [];
  const wait = (name: string, ms: number, is: () => boolean) =>
    drive.until('a', ms, is).then(() => over.push(`${name} at ${clock.now}`));
  drive.now('a');
  void wait('true', 60_000, () => steps.length === 2);
  void wait('late', 500, () => false);
  await clock.pass(5_000);
  assert.equal(over, ['late at 500', 'true at 1000']);
});

test('a stop ends the steps and lets go of all who wait', async () => {
  const { clock, steps, drive } = scene([1_000, 1_000]);
  drive.now('a');
  await clock.pass(1);
  const waiting = drive.until('a', 60_000, () => false);
  drive.stop();
  await waiting;
  drive.now('a');
  await clock.pass(10_000);
  assert.equal([steps, clock.pending], [['a at 0'], 0]);
});

test.run();

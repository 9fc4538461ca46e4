import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Lag } from '../../../src/portals/ndsctl/lag.js';

/** Looks every 50 ms, from 0 on, at what `[waiting, accepted]` were: at which looks a further connection was made. */
function pushes(before: number, looks: readonly (readonly [number, number])[]): number[] {
  const lag = new Lag(before, 0);
  const made: number[] = [];
  looks.forEach(([waiting, accepted], i) => {
    if (!lag.look({ waiting, accepted }, i * 50)) return;
    lag.pushed();
    made.push(i);
  });
  return made;
}

const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);

test('a portal that serves us, or somebody before us, is never pressed', () => {
  assert.equal(pushes(0, times(1_000, [0, 1])), []);
  assert.equal(pushes(0, times(1_000, [3, 1])), []);
  assert.equal(pushes(0, times(1_000, [0, 0])), [], 'nor one whose connections cannot be seen');
});

test('a portal without a processor is given seconds', () => {
  assert.equal(pushes(0, [...times(40, [1, 0] as const), ...times(40, [0, 1] as const)]), []);
});

test('what waits after others were served is asked for after a moment', () => {
  const served = times(4, [1, 1] as const);
  const looks = [...served, ...times(6, [1, 0] as const), ...served];
  assert.equal(pushes(0, looks), [9]);
});

test('one more is made when the last one had the oldest accepted, and none when it had no effect', () => {
  assert.equal(
    pushes(2, [
      [2, 0],
      [3, 0],
      [3, 0],
      [2, 1],
      [2, 0],
    ]),
    [0, 4],
  );
  assert.equal(pushes(2, times(1_000, [3, 0])), []);
});

test('a known lag is not watched first', () => {
  assert.equal(pushes(1, [[1, 0]]), [0]);
});

test.run();

// When usage is written down.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Session } from '../../src/domain/session.js';
import type { Accounts } from '../../src/engine/accounts.js';
import { Flusher } from '../../src/engine/flusher.js';
import type { Notice } from '../../src/ports/notice.js';
import { settled, TestClock } from '../rig/clock.js';

/** Accounts of which only the writing of usage is asked; each flush ends when the test says so, if it is to wait. */
function scene({ waits = false } = {}) {
  const clock = new TestClock(0);
  const notices: Notice[] = [];
  const flushes: number[] = [];
  const ends: (() => void)[] = [];
  let moved: readonly Session[] = [{ id: 's' } as Session];
  const accounts = {
    flush: async () => {
      flushes.push(clock.now);
      if (waits) await new Promise<void>((resolve) => ends.push(resolve));
      return moved;
    },
  } as unknown as Accounts;
  const flusher = new Flusher(accounts, clock, (notice) => notices.push(notice));
  const rest = () => {
    moved = [];
  };
  return { clock, notices, flushes, flusher, ends, rest };
}

test('usage is written at each interval, as long as that is at the time', async () => {
  const { clock, flushes, flusher } = scene();
  let interval = 1_000;
  flusher.schedule(() => interval);
  await clock.pass(2_500);
  interval = 5_000;
  await clock.pass(10_000);
  assert.equal(flushes, [1_000, 2_000, 3_000, 8_000]);
});

test('a new schedule takes the place of the old one', async () => {
  const { clock, flushes, flusher } = scene();
  flusher.schedule(() => 1_000);
  await clock.pass(900);
  flusher.schedule(() => 3_000);
  await clock.pass(6_000);
  assert.equal(flushes, [3_900, 6_900]);
  assert.is(clock.pending, 1);
});

test('who moved is told of, and where nobody did nothing is said', async () => {
  const { clock, notices, flusher, rest } = scene();
  flusher.schedule(() => 1_000);
  await clock.pass(1_000);
  rest();
  await clock.pass(5_000);
  assert.equal(notices, [{ type: 'session.usage', sessions: [{ id: 's' }] }]);
});

test('a stop waits for the writing under way, and writes once more what came since', async () => {
  const { clock, flushes, flusher, ends } = scene({ waits: true });
  flusher.schedule(() => 1_000);
  await clock.pass(1_500);
  let stopped = false;
  const stop = flusher.stop().then(() => {
    stopped = true;
  });
  await settled();
  assert.equal([flushes, stopped], [[1_000], false]);
  ends[0]!();
  await settled();
  assert.equal([flushes, stopped], [[1_000, 1_500], false]);
  ends[1]!();
  await stop;
  flusher.schedule(() => 1_000);
  await clock.pass(10_000);
  assert.equal([flushes.length, clock.pending], [2, 0], 'and never again');
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PollOutcome } from '../../src/domain/reading.js';
import { Health } from '../../src/engine/health.js';
import { TestClock } from '../rig/clock.js';

const answered = (lag = 0): PollOutcome => ({
  ...{ ok: true, complete: true, readings: [], clients: 3, unmetered: 0, tookMs: 5, lag },
});
const missed = (reason: 'busy' | 'timeout' | 'refused'): PollOutcome => ({
  ...{ ok: false, reason, detail: 'it was so', tookMs: 5 },
});

function world() {
  const clock = new TestClock();
  const log: string[] = [];
  let restarts = 0;
  const restart = async () => {
    restarts += 1;
  };
  const health = new Health({ name: 'lan', clock, log: (_, text) => log.push(text), restart });
  health.note(answered());
  return { clock, log, health, restarts: () => restarts };
}

test('a portal whose reply drips, or that answers nothing in time, is never called up', () => {
  for (const reason of ['timeout', 'busy'] as const) {
    const { health } = world();
    assert.is(health.note(missed(reason)), undefined);
    assert.is(health.status.state, 'busy');
    assert.match(health.status.error, 'it was so');
    health.note(missed(reason));
    assert.is(health.note(missed(reason)), 'down');
    assert.is(health.note(answered()), 'up');
    assert.is(health.status.state, 'up');
  }
});

test('a portal that has left a request unanswered for seconds is busy meanwhile', () => {
  const { health } = world();
  assert.is(health.statusAt(500).state, 'up');
  assert.equal(
    [health.statusAt(7_500).state, health.statusAt(7_500).error],
    ['busy', 'busy: no answer for 7 s'],
  );
  for (let i = 0; i < 3; i++) health.note(missed('refused'));
  assert.is(health.statusAt(7_500).state, 'down');
});

test('a portal that lags is restarted at its third look, once, and said to', async () => {
  const { health, log, restarts, clock } = world();
  for (let i = 0; i < 2; i++) health.note(answered(2));
  assert.equal([health.status.state, health.status.lag, restarts()], ['lagging', 2, 0]);
  for (let i = 0; i < 20; i++) health.note(answered(2));
  assert.is(restarts(), 1);
  assert.is(log.filter((line) => line.includes('restarting the portal')).length, 1);
  await clock.pass(300_000);
  health.note(answered(2));
  assert.is(restarts(), 2);
  health.note(answered());
  assert.equal([health.status.state, health.status.lag], ['up', 0]);
});

test.run();

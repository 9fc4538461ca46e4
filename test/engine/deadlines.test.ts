// When the time of a session may be up.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lotOf } from '../../src/domain/lot.js';
import type { Plan } from '../../src/domain/plan.js';
import { newSession, type Session, step } from '../../src/domain/session.js';
import { millis } from '../../src/domain/units.js';
import { Deadlines } from '../../src/engine/deadlines.js';
import { TestClock } from '../rig/clock.js';
import { mac, plan } from './world.js';

const minute = 60_000;
const day = 86_400_000;

function open(id: string, over: Partial<Plan> = {}): Session {
  const timed = plan('time', { metric: 'time', stepSize: minute, ...over });
  const lot = lotOf(timed, 1, { method: 'cash', reference: 'r' }, { at: 0, key: id });
  return step(newSession({ id, mac: mac(1), gateway: 'lan' }, lot), { type: 'opened', at: 0 });
}

function scene() {
  const clock = new TestClock(0);
  const reached: string[] = [];
  const deadlines = new Deadlines(clock, (id) => reached.push(`${id} at ${clock.now}`));
  deadlines.start([]);
  return { clock, deadlines, reached };
}

test('a session’s time is up to the millisecond, each at its own', async () => {
  const { clock, deadlines, reached } = scene();
  deadlines.arm(open('a'));
  deadlines.arm(open('b', { stepSize: 1 }));
  await clock.pass(minute - 1);
  assert.equal(reached, ['b at 1']);
  await clock.pass(1);
  assert.equal(reached, ['b at 1', `a at ${minute}`]);
  assert.is(clock.pending, 0);
});

test('what was bought or used meanwhile moves it', async () => {
  const { clock, deadlines, reached } = scene();
  const session = open('a');
  deadlines.arm(session);
  await clock.pass(10_000);
  const used = step(session, { type: 'elapsed', millis: millis(10_000) });
  const more = lotOf(plan('time', { metric: 'time', stepSize: minute }), 1, used.lots[0]!.funding, {
    at: 0,
    key: 'b',
  });
  deadlines.arm(step(used, { type: 'bought', lot: more }));
  await clock.pass(2 * minute);
  assert.equal(reached, [`a at ${2 * minute}`]);
});

test('the earlier one of time and validity counts', async () => {
  const { clock, deadlines, reached } = scene();
  deadlines.arm(open('a', { caps: { validity: millis(5_000) } }));
  deadlines.arm(open('b', { caps: { validity: millis(2 * minute) } }));
  await clock.pass(3 * minute);
  assert.equal(reached, ['a at 5000', `b at ${minute}`]);
});

test('no timer runs for a session that waits, has no limit of time, is not open yet or is over', async () => {
  const { clock, deadlines, reached } = scene();
  const pausing = open('a', { pauseAway: true });
  deadlines.arm(pausing);
  deadlines.arm(step(pausing, { type: 'away' }));
  const { openedAt: _, ...pending } = open('b');
  deadlines.arm(pending);
  deadlines.arm(open('c', { metric: 'bytes' }));
  const running = open('d');
  deadlines.arm(running);
  deadlines.arm(step(running, { type: 'ended', cause: 'user' }));
  assert.is(clock.pending, 0);
  await clock.pass(day);
  assert.equal(reached, []);
});

test('what is longer than a timer can hold is taken in legs', async () => {
  const { clock, deadlines, reached } = scene();
  let session = open('a', { stepSize: 30 * day });
  deadlines.arm(session);
  const leg = 0x7fff_ffff;
  await clock.pass(leg);
  assert.equal(reached, [`a at ${leg}`], 'the engine looks, and sees that it is not up');
  session = step(session, { type: 'elapsed', millis: millis(leg) });
  deadlines.arm(session);
  await clock.pass(30 * day);
  assert.equal(reached.slice(1), [`a at ${30 * day}`]);
});

test('after a stop no time is up', async () => {
  const { clock, deadlines, reached } = scene();
  deadlines.arm(open('a'));
  deadlines.stop();
  await clock.pass(day);
  assert.equal([reached, clock.pending], [[], 0]);
});

test.run();

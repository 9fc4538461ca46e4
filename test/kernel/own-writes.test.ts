import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OwnWrites } from '../../src/kernel/own-writes.js';
import { TestClock } from '../rig/clock.js';

test('a process is known from its number on, after its end too', () => {
  const own = new OwnWrites(new TestClock());
  const told = own.begun();
  assert.is(own.has(7), false);
  told(7);
  told();
  assert.is(own.has(7), true);
  assert.is(own.has(8), false);
});

test('so many are remembered, and of those the newest', () => {
  const own = new OwnWrites(new TestClock());
  for (let pid = 1; pid <= 65; pid++) own.begun()(pid);
  assert.is(own.has(1), false);
  assert.is(own.has(2), true);
});

test('what is heard of a write waits for the numbers of those under way, and for nothing else', () => {
  const own = new OwnWrites(new TestClock());
  const acts: string[] = [];
  own.whenNamed(() => acts.push('at once'));
  assert.equal(acts, ['at once']);
  const [first, second] = [own.begun(), own.begun()];
  own.whenNamed(() => acts.push(own.has(1) && own.has(2) ? 'ours' : 'somebody’s'));
  first(1);
  assert.equal(acts, ['at once']);
  second(2);
  assert.equal(acts, ['at once', 'ours']);
  first();
  second();
  const failed = own.begun();
  own.whenNamed(() => acts.push('never started'));
  failed();
  assert.equal(acts, ['at once', 'ours', 'never started']);
});

test('a number that does not come keeps nobody deaf for more than a second', async () => {
  const clock = new TestClock();
  const own = new OwnWrites(clock);
  const acts: string[] = [];
  const told = own.begun();
  own.whenNamed(() => acts.push('first'));
  await clock.pass(999);
  own.whenNamed(() => acts.push('second'));
  assert.equal(acts, []);
  await clock.pass(1);
  assert.equal(acts, ['first', 'second']);
  own.whenNamed(() => acts.push('third'));
  told(7);
  assert.equal(acts, ['first', 'second', 'third']);
  await clock.pass(1_000);
  assert.is(acts.length, 3);
});

test.run();

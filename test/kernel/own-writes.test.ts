import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OwnWrites } from '../../src/kernel/own-writes.js';

test('a process is known from its number on, after its end too', () => {
  const own = new OwnWrites();
  const told = own.begun();
  assert.is(own.has(7), false);
  told(7);
  told();
  assert.is(own.has(7), true);
  assert.is(own.has(8), false);
});

test('so many are remembered, and of those the newest', () => {
  const own = new OwnWrites();
  for (let pid = 1; pid <= 65; pid++) own.begun()(pid);
  assert.is(own.has(1), false);
  assert.is(own.has(2), true);
});

test('what is heard of a write waits for the numbers of those under way, and for nothing else', () => {
  const own = new OwnWrites();
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

test.run();

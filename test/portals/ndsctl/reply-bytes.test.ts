// The room for replies of a portal, from one to the next.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ReplyBytes } from '../../../src/portals/ndsctl/reply-bytes.js';

/** A reply of so many bytes comes, is read, and its room is free again. */
function take(into: ReplyBytes, bytes: number): void {
  into.clear();
  for (let rest = bytes; rest > 0; ) {
    const part = Math.min(rest, into.room().length);
    into.took(part);
    rest -= part;
  }
  // The read that finds the end.
  into.room();
  into.shrink();
}

const large = 1024 * 1024;
const small = 20 * 1024;

test('what the replies took while a hall was full is given back when it has emptied', () => {
  const into = new ReplyBytes();
  take(into, large);
  assert.ok(into.capacity >= large);
  for (let turn = 0; turn < 60; turn++) take(into, small);
  assert.is(into.capacity, new ReplyBytes().capacity);
});

test('a small portal beside a large one does not cost the large one its room', () => {
  const into = new ReplyBytes();
  take(into, large);
  const kept = into.capacity;
  for (let turn = 0; turn < 100; turn++) {
    take(into, small);
    take(into, large);
  }
  assert.is(into.capacity, kept);
});

test('a small portal has the same room for each of its replies', () => {
  const into = new ReplyBytes();
  take(into, small);
  const { buffer } = into.room();
  for (let turn = 0; turn < 100; turn++) {
    take(into, small / 4);
  }
  assert.is(into.room().buffer, buffer);
});

test.run();

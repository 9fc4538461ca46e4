import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judge, sentenceOf } from './flatness.js';

/** A rest after each 5,000 orders. */
const after = (...heaps: number[]) => heaps.map((heapMb, n) => ({ orders: 5_000 * (n + 1), heapMb }));
/** While keys, tables and code still fill up: until 20,000 orders. */
const warmUp = [9, 11, 13] as const;

test('a heap that grows while what is kept fills up, and not afterwards, is flat', () => {
  const verdict = judge(after(...warmUp, 15, 15.1, 14.9, 15.05, 15.2, 15.1));
  assert.is(verdict.isFlat, true);
  assert.is(verdict.rests, 3);
  assert.is(verdict.baseMb, 15);
  assert.is(verdict.highestMb, 15.2);
});

test('a heap that is more than 2% above its base at a later rest is not flat', () => {
  assert.is(judge(after(...warmUp, 15, 15, 15, 15.29, 15)).isFlat, true);
  assert.is(judge(after(...warmUp, 15, 15, 15, 15.31, 15)).isFlat, false);
});

test('a leak of 100 bytes an order is found in an hour, and said in bytes', () => {
  const leaking = Array.from({ length: 9 }, (_, n) => 15 + (n * 5_000 * 100) / 2 ** 20);
  const verdict = judge(after(...warmUp, ...leaking));
  assert.is(verdict.isFlat, false);
  assert.is(Math.round(verdict.perOrder ?? 0), 100);
  assert.match(
    sentenceOf(verdict),
    /^heap at the highest of 6 rests 18\.81 MiB, \+21\.6% of its base of 15\.48 MiB; 100\.0 /,
  );
});

test('one rest that is high by chance is no base under which a leak can hide', () => {
  assert.is(judge(after(...warmUp, 17, 15, 15, 15.2, 15.4, 15.6)).isFlat, false);
});

test('one rest that is high says nothing of what an order leaves behind', () => {
  assert.is(judge(after(...warmUp, 15, 15, 17, 15, 15, 15)).perOrder, 0);
});

test('a run that ends before anything is full is not judged, and says so', () => {
  const verdict = judge(after(...warmUp, 15, 15, 15));
  assert.is(verdict.isFlat, true);
  assert.is(verdict.rests, 0);
  assert.match(sentenceOf(verdict), /^heap not judged/);
});

test.run();

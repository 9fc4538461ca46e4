import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Bytes } from '../../src/domain/units.js';
import { lively } from '../../src/kernel/lively.js';

const looks = (waitMs: number) =>
  lively({ moved: () => {}, forget: () => {}, rates: () => ({ up: 0, down: 0 }), next: () => waitMs });
const [none, some] = [0 as Bytes, 1500 as Bytes];

test('while something moves, a flushed ruleset costs the count of a second at the most', () => {
  const cadence = looks(10_000);
  assert.is(cadence.next(0, 5, []), 10_000, 'nothing has moved');
  cadence.moved('a', none, some, 0);
  assert.is(cadence.next(0, 5, []), 1_000);
  assert.is(cadence.next(0, 5, []), 10_000, 'nothing since');
});

test('a large table is read less often, and a cap that is near is looked at as soon as before', () => {
  const cadence = looks(10_000);
  cadence.moved('a', some, none, 0);
  assert.is(cadence.next(0, 200, []), 4_000);
  const near = looks(250);
  near.moved('a', some, none, 0);
  assert.is(near.next(0, 5, []), 250);
});

test('a session that begins is looked at soon, once, also where a look takes long', () => {
  const cadence = looks(10_000);
  cadence.moved('a', none, none, 0);
  assert.is(cadence.next(0, 5, []), 250);
  assert.is(cadence.next(0, 5, []), 10_000, 'it is known now');
  cadence.moved('a', none, none, 0);
  assert.is(cadence.next(0, 5, []), 10_000, 'nothing has moved');
  cadence.moved('b', none, none, 0);
  assert.is(cadence.next(0, 200, []), 800, 'four fifths of the time are left for others');
  cadence.forget('a');
  cadence.moved('a', none, none, 0);
  assert.is(cadence.next(0, 5, []), 250, 'it begins again');
});

test.run();
